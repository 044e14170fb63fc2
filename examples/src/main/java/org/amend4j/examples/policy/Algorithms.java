package org.amend4j.examples.policy;

import java.util.List;
import java.util.Optional;
import org.amend4j.ascent.A2c;
import org.amend4j.ascent.ActionValue;
import org.amend4j.ascent.ActorCritic;
import org.amend4j.ascent.AlgorithmConfig;
import org.amend4j.ascent.Gpomdp;
import org.amend4j.ascent.Ppo;
import org.amend4j.ascent.Reinforce;
import org.amend4j.ascent.Schedule;
import org.amend4j.ascent.StepSize;
import org.amend4j.environment.Environment;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Space;
import org.amend4j.estimator.Horizon;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseApproximator;
import org.amend4j.policy.DenseShape;

/** Settings of the algorithms where no preset has any, and what a user changes of them. */
final class Algorithms {

    static final List<String> NAMES = List.of("gpomdp", "actor-critic", "reinforce", "a2c", "ppo");

    private static final double GAMMA = 0.99;
    private static final double GAMMA_OF_TABLES = 0.9;
    private static final double STEP_OF_TABLES = 0.1;
    private static final double STEP_OF_NETWORKS = 1e-3;
    private static final double RATE_OF_TABLES = 3e-2;
    private static final int TRAJECTORIES_OF_NETWORKS = 16;
    private static final int CRITIC_STEPS = 50;
    private static final int CRITIC_WIDTH = 32;
    private static final double ACTOR_STEP = 0.05;
    private static final int LONGEST_EPISODE = 10_000;

    private Algorithms() {}

    /** Whether the algorithm is one of theory mode. */
    static boolean isTheory(String algorithm) {
        return algorithm.equals("gpomdp") || algorithm.equals("actor-critic");
    }

    static boolean needsValue(String algorithm) {
        return algorithm.equals("a2c") || algorithm.equals("ppo");
    }

    static double usualGamma(String algorithm, EnvironmentSpec spec) {
        return isTheory(algorithm) && spec.finite().isPresent() ? GAMMA_OF_TABLES : GAMMA;
    }

    /** Usual settings of practice mode. */
    static AlgorithmConfig practice(String algorithm, EnvironmentSpec spec, long steps) {
        boolean table = spec.finite().isPresent();
        return switch (algorithm) {
            case "reinforce" ->
                Reinforce.Config.DEFAULT.withMostSteps(spec.timeLimit().orElse(LONGEST_EPISODE));
            case "a2c" -> {
                A2c.Config usual = A2c.Config.DEFAULT.withNormalisedRewards();
                yield usual.withOptimizer(usual.optimizer(), Schedule.linear(table ? RATE_OF_TABLES : 3e-3, steps));
            }
            case "ppo" -> {
                Ppo.Config usual = Ppo.Config.DEFAULT.withNormalisedRewards();
                yield usual.withOptimizer(usual.optimizer(), Schedule.linear(table ? RATE_OF_TABLES : 1e-3, steps));
            }
            default -> throw new IllegalArgumentException("not of practice mode: " + algorithm);
        };
    }

    /** GPOMDP with usual settings. */
    static Gpomdp.Config gpomdp(Horizon horizon, EnvironmentSpec spec) {
        boolean table = spec.finite().isPresent();
        Gpomdp.Config config =
                Gpomdp.Config.of(horizon, new StepSize.Constant(table ? STEP_OF_TABLES : STEP_OF_NETWORKS));
        return table ? config : config.withTrajectories(TRAJECTORIES_OF_NETWORKS);
    }

    /** The double loop with usual settings: a table of Q where observations are discrete, else a small network. */
    static ActorCritic.Config actorCritic(double gamma, EnvironmentSpec spec) {
        Environment one = spec.create();
        if (!(one.actionSpace() instanceof Space.Discrete actions)) {
            throw new BadInputException("--algo actor-critic needs discrete actions, got " + one.actionSpace() + " ("
                    + spec.id() + "): try gpomdp, reinforce, a2c or ppo");
        }
        ActionValue critic = one.observationSpace() instanceof Space.Discrete observations
                ? new ActionValue.PerAction(observations.count(), actions.count())
                : new ActionValue.Network(network(one.observationSpace().size(), actions.count()));
        return ActorCritic.Config.of(gamma, critic, CRITIC_STEPS, new StepSize.Constant(ACTOR_STEP));
    }

    private static DenseApproximator network(int inputs, int outputs) {
        return DenseApproximator.random(
                List.of(
                        new DenseShape(inputs, CRITIC_WIDTH, true, DenseActivation.TANH),
                        new DenseShape(CRITIC_WIDTH, outputs, true, DenseActivation.IDENTITY)),
                1,
                0);
    }

    /** γ. */
    static double gamma(AlgorithmConfig config) {
        if (config instanceof Gpomdp.Config gpomdp) {
            return gpomdp.horizon().constants().gamma();
        }
        if (config instanceof ActorCritic.Config critic) {
            return critic.gamma();
        }
        if (config instanceof Reinforce.Config reinforce) {
            return reinforce.gamma();
        }
        return config instanceof A2c.Config a2c ? a2c.gamma() : ((Ppo.Config) config).gamma();
    }

    /** Another γ, for practice mode. */
    static AlgorithmConfig withGamma(AlgorithmConfig config, double gamma) {
        if (config instanceof Reinforce.Config reinforce) {
            return reinforce.withGamma(gamma);
        }
        if (config instanceof A2c.Config a2c) {
            return a2c.withGamma(gamma);
        }
        return config instanceof Ppo.Config ppo ? ppo.withGamma(gamma) : config;
    }

    /** The learning rate, or step size, that a run begins with. */
    static double rate(AlgorithmConfig config) {
        if (config instanceof Gpomdp.Config gpomdp) {
            return gpomdp.stepSize().at(0);
        }
        if (config instanceof ActorCritic.Config critic) {
            return critic.stepSize().at(0);
        }
        if (config instanceof Reinforce.Config reinforce) {
            return reinforce.rate().at(0);
        }
        return config instanceof A2c.Config a2c
                ? a2c.rate().at(0)
                : ((Ppo.Config) config).rate().at(0);
    }

    /** Another learning rate, or another number of steps after which schedules arrive. */
    static AlgorithmConfig withRate(AlgorithmConfig config, Optional<Double> rate, long steps) {
        if (config instanceof Reinforce.Config reinforce) {
            return reinforce.withOptimizer(reinforce.optimizer(), changed(reinforce.rate(), rate, steps));
        }
        if (config instanceof A2c.Config a2c) {
            return a2c.withOptimizer(a2c.optimizer(), changed(a2c.rate(), rate, steps));
        }
        if (config instanceof Ppo.Config ppo) {
            return ppo.withOptimizer(ppo.optimizer(), changed(ppo.rate(), rate, steps))
                    .withClip(changed(ppo.clip(), Optional.empty(), steps));
        }
        if (rate.isEmpty()) {
            return config;
        }
        StepSize step = new StepSize.Constant(rate.get());
        if (config instanceof Gpomdp.Config gpomdp) {
            return new Gpomdp.Config(
                    gpomdp.horizon(), gpomdp.trajectories(), step, gpomdp.stateBaseline(), gpomdp.noise());
        }
        ActorCritic.Config c = (ActorCritic.Config) config;
        return new ActorCritic.Config(
                c.gamma(),
                c.critic(),
                c.criticSteps(),
                c.criticRate(),
                c.radius(),
                c.averaged(),
                c.warmStart(),
                c.pairs(),
                step,
                c.noise());
    }

    private static Schedule changed(Schedule schedule, Optional<Double> first, long steps) {
        return schedule instanceof Schedule.Linear linear
                ? new Schedule.Linear(first.orElse(linear.from()), linear.to(), steps)
                : Schedule.constant(first.orElse(schedule.at(0)));
    }

    /** Other batches: trajectories, pairs, episodes, or the steps of each environment. */
    static AlgorithmConfig withBatch(AlgorithmConfig config, int batch) {
        if (config instanceof Gpomdp.Config gpomdp) {
            return gpomdp.withTrajectories(batch);
        }
        if (config instanceof ActorCritic.Config critic) {
            return critic.withPairs(batch);
        }
        if (config instanceof Reinforce.Config reinforce) {
            return reinforce.withEpisodes(batch);
        }
        if (config instanceof A2c.Config a2c) {
            return a2c.withBatch(a2c.environments(), batch);
        }
        Ppo.Config ppo = (Ppo.Config) config;
        return ppo.withBatch(ppo.environments(), batch, ppo.epochs(), ppo.minibatches());
    }
}
