/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.Preset;
import org.amend4j.algorithm.Presets;
import org.amend4j.algorithm.StopRule;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** How much a baseline helps near an optimum, where every step earns about the same. It publishes the numbers of docs/policy.md. */
class BaselineOnCartPoleTest {

    private static final int STEPS = 500;

    private static TakenSteps sampled(Policy policy, long seed) {
        try (EpisodeCollector collector = EpisodeCollector.cutAt(Task.of("CartPole-v1"), 200, STEPS)) {
            return collector.collect(policy, false, seed, ~seed);
        }
    }

    private static double meanSquare(
            FrozenSurrogate surrogate, double[][] directions, Function<TrajectorySlopes, double[]> numbers) {
        return Arrays.stream(directions)
                .flatMapToDouble(v -> Arrays.stream(numbers.apply(surrogate.along(v))))
                .map(x -> x * x)
                .average()
                .orElseThrow();
    }

    private static double square(double[] numbers) {
        return Arrays.stream(numbers).map(x -> x * x).sum();
    }

    @Test
    @Tag("exhaustive")
    void aBaselineOfOtherTrajectoriesTakesAwayMostOfTheNoise(TestReporter report) {
        Preset preset = Presets.of("CartPole-v1", "reinforce")
                .orElseThrow()
                .withHidden(List.of(16))
                .withStop(StopRule.steps(200_000));
        Policy policy = preset.policy(1);
        new PolicyTraining(preset.config().begin(preset.task(), policy, 1), preset.stop()).run();
        assertEquals(114, policy.dimension());
        TakenSteps steps = sampled(policy, 5);
        FrozenSurrogate without = new FrozenSurrogate(policy, steps, 0.99);
        FrozenSurrogate with = new FrozenSurrogate(policy, steps, 0.99, TimeBaseline.of(sampled(policy, 6), STEPS));
        Random random = new Random(7);
        double[][] directions = new double[5][];
        for (int i = 0; i < directions.length; i++) {
            directions[i] = random.doubles(policy.dimension(), -1, 1).toArray();
        }
        double slopes = meanSquare(without, directions, TrajectorySlopes::slopes)
                / meanSquare(with, directions, TrajectorySlopes::slopes);
        double curvatures = meanSquare(without, directions, TrajectorySlopes::curvatures)
                / meanSquare(with, directions, TrajectorySlopes::curvatures);
        report.publishEntry("return", Double.toString(steps.rows() / 200.0));
        report.publishEntry("slopes, times", Double.toString(slopes));
        report.publishEntry("curvatures, times", Double.toString(curvatures));
        report.publishEntry("squared norm with", Double.toString(square(with.homeGradient())));
        report.publishEntry("squared norm without", Double.toString(square(without.homeGradient())));
        assertTrue(slopes > 10 && curvatures > 2, slopes + " and " + curvatures);
    }
}
