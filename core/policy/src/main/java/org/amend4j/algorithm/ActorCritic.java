/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.Space;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.Task;
import org.amend4j.rollout.TransitionStream;
import org.amend4j.rollout.WalkCollector;
import org.amend4j.rollout.WalkCollector.Way;

/**
 * Double-loop actor-critic. Inner loop: a critic learns Q of the current policy by N steps of {@link TemporalDifference} along the
 * policy's own chain. Outer step: the actor draws T with P(T = j) = (1 - γ)γ^j, rolls the policy from a start for T steps and
 * takes θ ← θ + η/(1 - γ) · Q_w(s_T, a_T) ∇log π(a_T|s_T). Theory mode: everything in double, one plain step an update.
 *
 * <p>The step's expectation is ∇J with Q_w for Q. Its bias is at most G/(1 - γ) · E|Q_w - Q| under the normalised discounted
 * visitation, with a floor unless the critic's family contains Q. A critic must see enough of the state for that: if the
 * policy's observations hide the state from the critic, no Q_w is right.
 *
 * <p>Reconstructed from the standard literature; the critic assumed by the convergence theorem is not known to us.
 */
public final class ActorCritic extends Algorithm {

    /**
     * The inner loop: what learns Q of a policy, and how.
     *
     * @param family of Q_w
     * @param steps N, at least 1
     * @param rate α > 0
     * @param radius of the projection of w, > 0; ∞ for none
     * @param averaged whether the actor uses the mean of the critic's iterates, instead of the last
     * @param warmStart whether the critic begins where the last outer step's ended, instead of anew
     */
    @RecordBuilder
    public record Critic(ActionValue family, int steps, double rate, double radius, boolean averaged, boolean warmStart)
            implements ActorCriticCriticBuilder.With {

        public Critic {
            Checks.present("family", family);
            Checks.atLeast(1, "number of critic steps", steps);
            Checks.positive("the critic's rate", rate);
            if (!(radius > 0)) {
                throw new IllegalArgumentException("radius must be > 0, got " + radius);
            }
        }

        /** α = 1/√N, averaged, no projection, warm start. */
        public static Critic of(ActionValue family, int steps) {
            return new Critic(family, steps, 1 / Math.sqrt(steps), Double.POSITIVE_INFINITY, true, true);
        }
    }

    /**
     * Settings.
     *
     * @param gamma in (0, 1)
     * @param critic the inner loop
     * @param pairs (s_T, a_T) of an outer step, at least 1
     * @param stepSize η
     * @param noise standard deviation of a normal number added to each coordinate of the step's gradient; 0 for none
     */
    @RecordBuilder
    public record Config(double gamma, Critic critic, int pairs, StepSize stepSize, double noise)
            implements AlgorithmConfig, ActorCriticConfigBuilder.With {

        public Config {
            Checks.present("critic", critic);
            Checks.present("stepSize", stepSize);
            Checks.insideUnit("gamma", gamma);
            Checks.atLeast(1, "number of pairs", pairs);
            Checks.notNegative("noise", noise);
        }

        @Override
        public Facts facts() {
            return Facts.of("Config")
                    .with("gamma", gamma)
                    .with("critic", critic.family)
                    .with("criticSteps", critic.steps)
                    .with("criticRate", critic.rate)
                    .with("radius", critic.radius)
                    .with("averaged", critic.averaged)
                    .with("warmStart", critic.warmStart)
                    .with("pairs", pairs)
                    .with("stepSize", stepSize)
                    .with("noise", noise);
        }

        @Override
        public String algorithm() {
            return "actor-critic";
        }

        @Override
        public boolean needsValue() {
            return false;
        }

        @Override
        public Algorithm begin(Task task, Policy policy, long seed) {
            return new ActorCritic(this, task, policy, seed);
        }

        /** One pair, no noise. */
        public static Config of(double gamma, Critic critic, StepSize stepSize) {
            return new Config(gamma, critic, 1, stepSize, 0);
        }

        @Override
        public double firstRate() {
            return stepSize.at(0);
        }

        @Override
        public Config withFirstRate(double rate) {
            return withStepSize(new StepSize.Constant(rate));
        }

        @Override
        public Config withBatchSize(int size) {
            return withPairs(size);
        }
    }

    private final Config config;
    private final WalkCollector walks;
    private double[] w;

    /**
     * @throws IllegalArgumentException if the policy does not compute in double, has a memory, or does not belong to the
     *     environment
     */
    public ActorCritic(Config config, Task task, Policy policy, long seed) {
        super(config, task, policy, seed);
        Gpomdp.requireDouble(policy);
        this.config = config;
        w = config.critic.family.initial();
        walks = new WalkCollector(task);
        try {
            requireFor(walks.actionSpace());
        } catch (IllegalArgumentException e) {
            walks.close();
            throw e;
        }
    }

    private void requireFor(Space actions) {
        boolean single = config.critic.family instanceof ActionValue.PerAction
                || config.critic.family instanceof ActionValue.Network;
        if (single && !(actions instanceof Space.Discrete)) {
            throw new IllegalArgumentException("a critic with a number per action needs single discrete actions, got "
                    + actions + ": give ActionValue.Linear features of them");
        }
    }

    @Override
    public void close() {
        walks.close();
    }

    @Override
    protected Learned learn(long update) {
        double[] start = config.critic.warmStart ? w : config.critic.family.initial();
        TemporalDifference critic = new TemporalDifference(
                config.critic.family, config.gamma, config.critic.rate, config.critic.radius, start);
        TransitionStream chain = walks.walk(
                policy, seeds.generator(Purpose.CRITIC, 2 * update), seeds.generator(Purpose.CRITIC, 2 * update + 1));
        for (int i = 0; i < config.critic.steps; i++) {
            critic.step(chain.advance());
        }
        w = critic.last();
        double[] used = config.critic.averaged ? critic.average() : w;
        WalkCollector.Pairs pairs = walks.pairs(occasion(update), policy, ways(update));
        double[] gradient =
                pairs.ends().map(ends -> gradient(ends, used)).orElseGet(() -> new double[policy.dimension()]);
        double norm = Vectors.normInOrder(gradient);
        Gpomdp.addNoiseInPlace(gradient, config.noise, seeds.generator(Purpose.NOISE, update));
        double eta = config.stepSize.at(update);
        Gpomdp.climb(policy, gradient, eta);
        return new Learned(config.critic.steps + pairs.steps(), List.of())
                .with(Metric.GRADIENT_NORM, norm)
                .with(Metric.RATE, eta)
                .with(Metric.CRITIC_NORM, Vectors.normInOrder(used));
    }

    private List<Way> ways(long update) {
        SplitMix64 times = seeds.generator(Purpose.TIMES, update);
        List<Way> ways = new ArrayList<>();
        for (int i = 0; i < config.pairs; i++) {
            long number = 2 * (update * config.pairs + i);
            ways.add(new Way(
                    geometric(times), seeds.seed(Purpose.ACTIONS, number), seeds.seed(Purpose.ACTIONS, number + 1)));
        }
        return ways;
    }

    /** T with P(T >= j) = γ^j, by inversion. */
    private int geometric(SplitMix64 random) {
        return (int) Math.floor(StrictMath.log(1 - random.nextDouble()) / StrictMath.log(config.gamma));
    }

    /** Of the outer step's pairs. One that would lie after the end of its episode adds nothing: there Q is 0. */
    private double[] gradient(Decisions pairs, double[] used) {
        int inputs = pairs.inputs().length / pairs.rows();
        int actions = pairs.actions().length / pairs.rows();
        double[] weights = new double[pairs.rows()];
        for (int i = 0; i < weights.length; i++) {
            double[] input = Arrays.copyOfRange(pairs.inputs(), i * inputs, (i + 1) * inputs);
            double[] action = Arrays.copyOfRange(pairs.actions(), i * actions, (i + 1) * actions);
            weights[i] = config.critic.family.value(used, input, action) / (1 - config.gamma) / config.pairs;
        }
        return policy.evaluate(pairs).gradient(weights, new double[0], new double[0]);
    }

    @Override
    public List<String> effects() {
        List<EffectOnGuarantee> effects = new ArrayList<>(List.of(EffectOnGuarantee.GEOMETRIC_TIME));
        effects.add(config.critic.family.linear() ? EffectOnGuarantee.LINEAR_CRITIC : EffectOnGuarantee.NETWORK_CRITIC);
        effects.add(config.critic.averaged ? EffectOnGuarantee.AVERAGED_CRITIC : EffectOnGuarantee.LAST_CRITIC);
        if (config.critic.warmStart) {
            effects.add(EffectOnGuarantee.WARM_START);
        }
        if (config.critic.radius == Double.POSITIVE_INFINITY) {
            effects.add(EffectOnGuarantee.NO_PROJECTION);
        }
        if (config.noise > 0) {
            effects.add(EffectOnGuarantee.ISOTROPIC_NOISE);
        }
        return Settings.sentences(effects);
    }

    @Override
    protected void save(TrainingState state) {
        state.put("critic.w", w);
    }

    @Override
    protected void load(TrainingState state) {
        w = state.get("critic.w", w.length);
    }
}
