/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BaselinesTest {

    /** Sums over 27 or 8 outcomes of numbers below 10. */
    private static final double ROUNDING = 1e-14;

    private static final double P = 0.3;
    private static final double GAMMA = 0.9;

    @ParameterizedTest
    @MethodSource("org.amend4j.estimator.Sequence#all")
    void normalisedAdvantagesAreTheReference(Sequence golden) {
        double epsilon = golden.number("normalisation_epsilon");
        double[] advantages = golden.column("gae");
        assertArrayEquals(
                golden.column("normalised_gae_population_std"),
                Baselines.normalised(advantages, Spread.POPULATION, epsilon),
                Sequence.TOLERANCE);
        assertArrayEquals(
                golden.column("normalised_gae_sample_std"),
                Baselines.normalised(advantages, Spread.SAMPLE, epsilon),
                Sequence.TOLERANCE);
    }

    @Test
    void groupBaselinesAreTheReference() {
        JsonNode golden = Sequence.file().get("group_baselines");
        double[] returns = GoldenJson.numbers(golden.get("returns"));
        double epsilon = golden.get("grpo_epsilon").doubleValue();
        assertArrayEquals(
                GoldenJson.numbers(golden.get("leave_one_out")), Baselines.leaveOneOut(returns), Sequence.TOLERANCE);
        assertArrayEquals(
                GoldenJson.numbers(golden.get("grpo_population_std")),
                Baselines.groupRelative(returns, 6, Spread.POPULATION, epsilon),
                Sequence.TOLERANCE);
        assertArrayEquals(
                GoldenJson.numbers(golden.get("grpo_sample_std")),
                Baselines.groupRelative(returns, 6, Spread.SAMPLE, epsilon),
                Sequence.TOLERANCE);
    }

    @Test
    void eachGroupIsNormalisedAlone() {
        double[] returns = {1, 2, 3, 10, 30, 20};
        double[] advantages = Baselines.groupRelative(returns, 3, Spread.SAMPLE, 1e-4);
        assertArrayEquals(
                Baselines.normalised(new double[] {1, 2, 3}, Spread.SAMPLE, 1e-4), Arrays.copyOf(advantages, 3), 0);
        assertArrayEquals(
                Baselines.normalised(new double[] {10, 30, 20}, Spread.SAMPLE, 1e-4),
                Arrays.copyOfRange(advantages, 3, 6),
                0);
    }

    /** Three trajectories, all 27 outcomes. */
    @Test
    void leaveOneOutPerTimeLeavesTheExpectedGradientAlsoIfLengthsDiffer() {
        assertEquals(gradient(), expected(UNEQUAL, 3, Baselines::leaveOneOutPerTime), ROUNDING);
    }

    /** What an own share in the mean does, and that the enumeration above would have seen it. */
    @Test
    void theMeanPerTimeIsNoMultipleOfTheGradientIfLengthsDiffer() {
        double estimate = expected(UNEQUAL, 3, Baselines::minusMeanPerTime);
        assertTrue(Math.abs(estimate - gradient()) > 0.05, () -> "got " + estimate);
        assertTrue(Math.abs(estimate - gradient() * 2 / 3) > 0.01, () -> "got " + estimate);
    }

    @Test
    void theMeanShrinksTheGradientByOneOverTheTrajectoriesIfLengthsAreEqual() {
        double plain = expected(EQUAL, 3, UnaryOperator.identity());
        assertEquals(plain * 2 / 3, expected(EQUAL, 3, Baselines::minusMeanPerTime), ROUNDING);
        assertEquals(plain, expected(EQUAL, 3, Baselines::leaveOneOutPerTime), ROUNDING);
        assertEquals(plain, expected(EQUAL, 3, BaselinesTest::leaveOneOutOfReturns), ROUNDING);
    }

    @Test
    void leaveOneOutOfOneStepIsTheOneOfReturns() {
        double[] returns = {3, -1, 4, 1};
        double[][] perTime = Baselines.leaveOneOutPerTime(
                Arrays.stream(returns).mapToObj(r -> new double[] {r}).toArray(double[][]::new));
        double[] direct = Baselines.leaveOneOut(returns);
        for (int i = 0; i < returns.length; i++) {
            assertEquals(direct[i], perTime[i][0], 1e-15 * 8);
        }
    }

    @Test
    void aTrajectoryAloneAtItsTimeKeepsItsWeight() {
        double[][] weights = {{1, 5}, {3}};
        assertArrayEquals(new double[] {-2, 5}, Baselines.leaveOneOutPerTime(weights)[0], 0);
        assertArrayEquals(new double[] {-1, 0}, Baselines.minusMeanPerTime(weights)[0], 0);
        assertArrayEquals(new double[] {1, 5}, weights[0], 0);
    }

    @Test
    void badNumbersAreRefused() {
        refused("leave-one-out baseline must be >= 2, got 1", () -> Baselines.leaveOneOut(new double[1]));
        refused("a return must be finite", () -> Baselines.leaveOneOut(new double[] {1, Double.NaN}));
        refused("must have at least one row", () -> Baselines.normalised(new double[0], Spread.POPULATION, 1));
        refused("needs at least 2 numbers, got 1", () -> Baselines.normalised(new double[1], Spread.SAMPLE, 1));
        refused("epsilon must be > 0", () -> Baselines.normalised(new double[1], Spread.POPULATION, 0));
        refused("whole groups of 2, got 3", () -> Baselines.groupRelative(new double[3], 2, Spread.SAMPLE, 1));
        refused("the size of a group must be >= 1", () -> Baselines.groupRelative(new double[3], 0, Spread.SAMPLE, 1));
        refused("a weight must be finite", () -> Baselines.minusMeanPerTime(new double[][] {{Double.NaN}}));
    }

    /** A trajectory of a policy that takes action 1 with probability P = σ(θ) everywhere: its actions and rewards. */
    @SuppressWarnings("ArrayRecordComponent") // only read
    private record Trajectory(int[] actions, double[] rewards) {
        double chance() {
            return Arrays.stream(actions).mapToDouble(a -> a == 1 ? P : 1 - P).reduce(1, (x, y) -> x * y);
        }

        double estimate(double[] weights) {
            double sum = 0;
            for (int t = 0; t < weights.length; t++) {
                sum += (actions[t] - P) * weights[t];
            }
            return sum;
        }
    }

    /** Action 1 ends the first step with reward 1; otherwise the second pays 2 for it. */
    private static final Trajectory[] UNEQUAL = {
        new Trajectory(new int[] {1}, new double[] {1}),
        new Trajectory(new int[] {0, 0}, new double[] {0, 0}),
        new Trajectory(new int[] {0, 1}, new double[] {0, 2})
    };

    /** Two steps whatever happens. */
    private static final Trajectory[] EQUAL = {
        new Trajectory(new int[] {1, 1}, new double[] {1, -1}),
        new Trajectory(new int[] {1, 0}, new double[] {1, 3}),
        new Trajectory(new int[] {0, 0}, new double[] {0, 0}),
        new Trajectory(new int[] {0, 1}, new double[] {0, 2})
    };

    /** Of J = p + (1-p)γ·2p. */
    private static double gradient() {
        return P * (1 - P) * (1 + 2 * GAMMA * (1 - 2 * P));
    }

    /** E of the mean estimate of some trajectories, over all their outcomes. */
    private static double expected(Trajectory[] outcomes, int count, UnaryOperator<double[][]> baseline) {
        double sum = 0;
        int all = (int) Math.pow(outcomes.length, count);
        for (int code = 0; code < all; code++) {
            Trajectory[] drawn = new Trajectory[count];
            for (int i = 0, rest = code; i < count; i++, rest /= outcomes.length) {
                drawn[i] = outcomes[rest % outcomes.length];
            }
            double[][] weights = baseline.apply(Arrays.stream(drawn)
                    .map(t -> Returns.gpomdpWeights(t.rewards(), GAMMA, 0))
                    .toArray(double[][]::new));
            double chance = 1;
            double estimate = 0;
            for (int i = 0; i < count; i++) {
                chance *= drawn[i].chance();
                estimate += drawn[i].estimate(weights[i]) / count;
            }
            sum += chance * estimate;
        }
        return sum;
    }

    /** The whole return as the weight of each step, less that of the others. */
    private static double[][] leaveOneOutOfReturns(double[][] weights) {
        double[] returns = Arrays.stream(weights).mapToDouble(w -> w[0]).toArray();
        double[] advantages = Baselines.leaveOneOut(returns);
        double[][] result = new double[weights.length][];
        for (int i = 0; i < weights.length; i++) {
            result[i] = new double[weights[i].length];
            Arrays.fill(result[i], advantages[i]);
        }
        return result;
    }

    @Test
    void spreadsHaveTheFewestNumbersAndKeepTheirDigitsFarFromZero() {
        assertEquals(Math.sqrt(2), Spread.SAMPLE.of(new double[] {1, 3}, 2));
        assertEquals(0, Spread.POPULATION.of(new double[] {5}, 5));
        // the mean is rounded to 1e-7, so that distances from it are off by that
        double[] far = {1e9, 1e9 + 1, 1e9 + 1};
        assertEquals(Math.sqrt(2) / 3, Spread.POPULATION.of(far, 1e9 + 2 / 3.0), 2e-7);
    }

    @Test
    void advantagesThatAreNoNumbersAreRefused() {
        refused(
                "an advantage must be finite, got NaN (row 1)",
                () -> Baselines.normalised(new double[] {1, Double.NaN}, Spread.POPULATION, 1e-8));
    }
}
