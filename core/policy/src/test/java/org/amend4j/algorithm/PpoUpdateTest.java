/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.amend4j.testkit.GoldenJson.flags;
import static org.amend4j.testkit.GoldenJson.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.environment.Space;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Gaussian;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.testkit.GoldenJson;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An update of PPO is that of Stable-Baselines3, computed in double precision by {@code sb3/make.py}, on its steps in its order. */
class PpoUpdateTest {

    /** Sums of at most 32 numbers below 100 in size. */
    private static final double ROUNDING = 1e-12;

    /** Of 12 steps of 0.02: theirs shortens gradients to C·|g|/(|g| + 1e-6), which is 2e-6 shorter at most, where |g| > 0.5. */
    private static final double SHORTENED = 12 * 0.02 * 2e-6;

    /** Their names of what our layers are. */
    private static final Map<String, String> LAYERS = layers();

    private final JsonNode golden = GoldenJson.read(PpoUpdateTest.class, "sb3/update.json");
    private final JsonNode rollout = golden.get("rollout");
    private final ComputationGraph graph = PolicyGraphs.actorAndCritic(
            PolicyGraphs.Mlp.of(3, 2).withHidden(4, 4).withValue(), 1);
    private Policy policy;
    private PpoUpdate update;

    private static Map<String, String> layers() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("hidden0", "mlp_extractor.policy_net.0");
        names.put("hidden1", "mlp_extractor.policy_net.2");
        names.put("action", "action_net");
        names.put("value0", "mlp_extractor.value_net.0");
        names.put("value1", "mlp_extractor.value_net.2");
        names.put("value", "value_net");
        return names;
    }

    @BeforeEach
    void begin() {
        LAYERS.forEach((ours, theirs) -> {
            write(ours + "_W", theirs + ".weight");
            write(ours + "_b", theirs + ".bias");
        });
        double[] deviations = Arrays.stream(numbers(golden.get("before").get("log_std")))
                .map(Math::exp)
                .toArray();
        policy = new Policy(
                Approximators.of(graph),
                Gaussian.trained(deviations),
                ObservationEncoder.of(Space.Box.symmetric(10, 10, 10)));
        Ppo.Config config = config();
        update = new PpoUpdate(config, policy, new GradientAscent(policy, config.climb()), steps(), 0);
    }

    private void write(String ours, String theirs) {
        INDArray place = graph.getParam(ours);
        place.assign(Nd4j.create(numbers(golden.get("before").get(theirs)), place.shape(), 'f'));
    }

    private Ppo.Config config() {
        JsonNode all = golden.get("settings");
        int steps = all.get("n_steps").intValue();
        return Ppo.Config.DEFAULT
                .withBatch(
                        2,
                        steps,
                        all.get("n_epochs").intValue(),
                        2 * steps / all.get("batch_size").intValue())
                .withGamma(all.get("gamma").doubleValue())
                .withLambda(all.get("gae_lambda").doubleValue())
                .withClip(Schedule.constant(all.get("clip_range").doubleValue()))
                .withEntropy(all.get("ent_coef").doubleValue())
                .withValueWeight(2 * all.get("vf_coef").doubleValue())
                .withMostNorm(all.get("max_grad_norm").doubleValue())
                .withOptimizer(
                        Optimizer.Adam.DEFAULT.withEpsilon(1e-5),
                        Schedule.constant(all.get("learning_rate").doubleValue()));
    }

    /** A segment ends with an episode or with what was collected. */
    private TakenSteps steps() {
        boolean[] done = flags(rollout.get("done"));
        boolean[] truncated = flags(rollout.get("truncated"));
        double[][] nexts = GoldenJson.matrix(rollout.get("nexts"));
        List<Segment> segments = new ArrayList<>();
        int begin = 0;
        for (int row = 0; row < done.length; row++) {
            if (done[row] || (row + 1) % (done.length / 2) == 0) {
                boolean cut = truncated[row];
                segments.add(new Segment(begin, row + 1 - begin, 0, done[row] && !cut, cut, nexts[row]));
                begin = row + 1;
            }
        }
        Decisions decisions = new Decisions(
                done.length,
                flat(rollout.get("observations")),
                flat(rollout.get("actions")),
                new boolean[0],
                segments.stream().mapToInt(Segment::length).toArray());
        return new TakenSteps(decisions, numbers(rollout.get("rewards")), numbers(rollout.get("log_probs")), segments);
    }

    private static double[] flat(JsonNode matrix) {
        return Arrays.stream(GoldenJson.matrix(matrix))
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    @Test
    void valuesAdvantagesAndTargetsAreTheirsAlsoWhereATimeLimitCuts() {
        assertArrayEquals(numbers(rollout.get("values")), update.critic().values(), ROUNDING);
        assertArrayEquals(numbers(rollout.get("advantages")), update.critic().advantages(), ROUNDING);
        assertArrayEquals(numbers(rollout.get("returns")), update.critic().targets(), ROUNDING);
    }

    @Test
    void parametersAfterAllEpochsAreTheirs() {
        Iterator<JsonNode> orders = golden.get("orders").iterator();
        update.learn(() ->
                Arrays.stream(numbers(orders.next())).mapToInt(row -> (int) row).toArray());
        JsonNode after = golden.get("after");
        LAYERS.forEach((ours, theirs) -> {
            assertArrayEquals(numbers(after.get(theirs + ".weight")), read(ours + "_W"), SHORTENED, ours);
            assertArrayEquals(numbers(after.get(theirs + ".bias")), read(ours + "_b"), SHORTENED, ours);
        });
        double[] theta = policy.parameters();
        assertArrayEquals(
                numbers(after.get("log_std")), Arrays.copyOfRange(theta, theta.length - 2, theta.length), SHORTENED);
        assertFalse(orders.hasNext());
    }

    private double[] read(String name) {
        return graph.getParam(name).dup('f').data().asDouble();
    }
}
