/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VectorSnapshotTest {

    private static final int SEEDS = 5;

    /** Every environment, every autoreset, five seeds; short limits where random actions would not meet an end. */
    static Stream<Arguments> cases() {
        return Environments.names().stream()
                .flatMap(name -> Stream.of(Autoreset.values())
                        .flatMap(autoreset ->
                                IntStream.range(0, SEEDS).mapToObj(seed -> Arguments.of(name, autoreset, seed))));
    }

    private static VectorEnvironment vector(String name, Autoreset autoreset) {
        String limited = name.startsWith("CartPole") ? name : name + "?limit=40";
        return VectorEnvironment.of(3, Environments.of(limited)::create, autoreset);
    }

    private static double[][] actions(VectorEnvironment vector, SplitMix64 random) {
        double[][] actions = new double[vector.rows()][];
        Arrays.setAll(
                actions,
                row -> vector.actionSpace() instanceof Space.Discrete discrete
                        ? discrete.sample(random)
                        : new double[] {random.uniform(-1, 1)});
        return actions;
    }

    /** Steps, resetting by mask where nothing else does; returns what was seen, earned, flagged and allowed. */
    private static String run(
            VectorEnvironment vector, Autoreset autoreset, SplitMix64 random, int steps, boolean[] ended) {
        StringBuilder seen = new StringBuilder();
        for (int t = 0; t < steps; t++) {
            if (autoreset == Autoreset.DISABLED) {
                seen.append(bits(vector.reset(ended.clone())));
            }
            VectorStep step = vector.step(actions(vector, random));
            seen.append(bits(step.observations())).append(bits(step.successors()));
            seen.append(bits(new double[][] {step.rewards()}));
            seen.append(Arrays.toString(step.terminated())).append(Arrays.toString(step.truncated()));
            seen.append(Arrays.toString(step.resets())).append(Arrays.toString(vector.allowedActions()));
            for (int row = 0; row < ended.length; row++) {
                ended[row] = step.terminated()[row] || step.truncated()[row];
            }
        }
        return seen.toString();
    }

    private static String bits(double[][] rows) {
        StringBuilder result = new StringBuilder();
        for (double[] row : rows) {
            for (double x : row) {
                result.append(Long.toHexString(Double.doubleToRawLongBits(x))).append(' ');
            }
        }
        return result.toString();
    }

    @ParameterizedTest(name = "{0}, {1}, seed {2}")
    @MethodSource("cases")
    void aRestoredVectorGoesOnAsTheUninterruptedOneBitForBit(String name, Autoreset autoreset, int seed) {
        SplitMix64 random = new SplitMix64(seed);
        VectorEnvironment whole = vector(name, autoreset);
        double[][] current = whole.reset(seed);
        boolean[] ended = new boolean[whole.rows()];
        int before = random.nextInt(150);
        for (int t = 0; t < before; t++) {
            if (autoreset == Autoreset.DISABLED) {
                whole.reset(ended.clone());
            }
            VectorStep step = whole.step(actions(whole, random));
            current = step.observations();
            for (int row = 0; row < ended.length; row++) {
                ended[row] = step.terminated()[row] || step.truncated()[row];
            }
        }
        VectorSnapshot snapshot = whole.snapshot();
        long actionSeed = random.state();
        boolean[] endedThen = ended.clone();
        String uninterrupted = run(whole, autoreset, random, 100, ended);

        VectorEnvironment other = vector(name, autoreset);
        assertEquals(bits(current), bits(other.restore(snapshot)));
        assertEquals(snapshot, other.snapshot());
        assertEquals(uninterrupted, run(other, autoreset, new SplitMix64(actionSeed), 100, endedThen.clone()));
        // the vector that went on comes back just so
        whole.restore(snapshot);
        assertEquals(uninterrupted, run(whole, autoreset, new SplitMix64(actionSeed), 100, endedThen));
    }

    @Test
    void snapshotsAreTakenInTheMiddleOfEpisodesAndAfterTheirEnds() {
        VectorEnvironment vector =
                VectorEnvironment.of(1, () -> Environments.of("Xor-v0?limit=2").create(), Autoreset.NEXT_STEP);
        vector.reset(4);
        assertEquals(0, vector.snapshot().rows().get(0).actions().length);
        vector.step(new double[][] {{1}});
        vector.step(new double[][] {{1}});
        VectorSnapshot.Row row = vector.snapshot().rows().get(0);
        assertTrue(row.ended());
        assertArrayEquals(new double[] {1, 1}, row.actions());
        assertEquals(1, row.rewards());
        assertEquals(4, row.seed());
        vector.step(new double[][] {{0}});
        assertEquals(0, vector.snapshot().rows().get(0).actions().length);
    }

    private static VectorSnapshot cartPoleAfter(int steps, Autoreset autoreset) {
        VectorEnvironment vector = VectorEnvironment.of(2, CartPole::v1, autoreset);
        vector.reset(1);
        for (int t = 0; t < steps; t++) {
            vector.step(new double[][] {{t % 2}, {(t + 1) % 2}});
        }
        return vector.snapshot();
    }

    private static String refusal(VectorEnvironment vector, VectorSnapshot snapshot) {
        String message = assertThrows(IllegalArgumentException.class, () -> vector.restore(snapshot))
                .getMessage();
        // whatever was refused, the vector can be reset
        vector.reset(0);
        return message;
    }

    @Test
    void theReplayOfAChangedEnvironmentIsRefused() {
        VectorSnapshot snapshot = cartPoleAfter(20, Autoreset.SAME_STEP);
        CartPole.Parameters longer = CartPole.Parameters.STANDARD.withHalfLength(0.51);
        assertEquals(
                "a snapshot's episodes must repeat themselves, but replayed this one comes to another end:"
                        + " the environment is not the same (row 0, step 20)",
                refusal(VectorEnvironment.of(2, () -> new CartPole(longer), Autoreset.SAME_STEP), snapshot));
        assertEquals(
                "a snapshot's episodes must repeat themselves, but replayed this one ends early:"
                        + " the environment is not the same (row 0, step 19)",
                refusal(
                        VectorEnvironment.of(2, () -> new TimeLimit(new CartPole(), 19), Autoreset.SAME_STEP),
                        snapshot));
    }

    /** Same observations, other rewards. */
    @Test
    void theReplayWithOtherRewardsIsRefused() {
        VectorEnvironment plain = VectorEnvironment.of(1, () -> new Scripted(1, 0), Autoreset.SAME_STEP);
        plain.reset(0);
        plain.step(new double[][] {{0}});
        String message =
                refusal(VectorEnvironment.of(1, () -> new Scripted(2, 0), Autoreset.SAME_STEP), plain.snapshot());
        assertTrue(message.contains("comes to another end"), message);
    }

    @Test
    void aSnapshotOfAnotherKindIsRefusedBeforeAnythingMoves() {
        VectorSnapshot snapshot = cartPoleAfter(3, Autoreset.SAME_STEP);
        assertEquals(
                "rows of a snapshot must be one per row, 3, got 2",
                refusal(VectorEnvironment.of(3, CartPole::v1, Autoreset.SAME_STEP), snapshot));
        String spaces = refusal(VectorEnvironment.of(2, Acrobot::v1, Autoreset.SAME_STEP), snapshot);
        assertTrue(spaces.startsWith("a snapshot must be of Box[low=[-1.0, -1.0"), spaces);
        String mode = refusal(VectorEnvironment.of(2, CartPole::v1, Autoreset.NEXT_STEP), snapshot);
        assertTrue(mode.contains("NEXT_STEP, got") && mode.endsWith("SAME_STEP"), mode);

        VectorEnvironment going = VectorEnvironment.of(3, CartPole::v1, Autoreset.SAME_STEP);
        going.reset(5);
        VectorSnapshot before = going.snapshot();
        assertThrows(IllegalArgumentException.class, () -> going.restore(snapshot));
        assertEquals(before, going.snapshot());
    }

    @Test
    void aSnapshotWithArraysOfOtherSizesIsRefused() {
        VectorSnapshot.Row row = new VectorSnapshot.Row(1, new double[3], false, new double[1], 0, 7);
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> new VectorSnapshot(
                        Space.Box.symmetric(1), Space.Box.symmetric(1, 1), Autoreset.SAME_STEP, List.of(row)));
        assertEquals(
                "a snapshot's row must have an observation of 1 numbers and actions of 2 each, got 1 and 3 (row 0)",
                refused.getMessage());
    }

    @Test
    void aSnapshotKeepsItsNumbers() {
        VectorSnapshot snapshot = cartPoleAfter(3, Autoreset.SAME_STEP);
        snapshot.rows().get(0).actions()[0] = 7;
        snapshot.rows().get(0).observation()[0] = 7;
        assertEquals(cartPoleAfter(3, Autoreset.SAME_STEP), snapshot);
    }

    @Test
    void aGeneratorIsRebuiltFromItsState() {
        SplitMix64 random = new SplitMix64(9);
        random.nextGaussian();
        SplitMix64 rebuilt = new SplitMix64(random.state());
        assertEquals(random.nextLong(), rebuilt.nextLong());
    }

    /** Reward and the step at which the observation turns NaN; 0 for never. */
    private static final class Scripted implements Environment {

        private final double reward;
        private final int bad;
        private int steps;

        Scripted(double reward, int bad) {
            this.reward = reward;
            this.bad = bad;
        }

        @Override
        public Space observationSpace() {
            return Space.Box.symmetric(100);
        }

        @Override
        public Space actionSpace() {
            return Space.Box.symmetric(1);
        }

        @Override
        public double[] reset(long seed) {
            steps = 0;
            return new double[] {0};
        }

        @Override
        public StepResult step(double... action) {
            steps++;
            return new StepResult(new double[] {steps == bad ? Double.NaN : 1}, reward, false, false);
        }
    }

    private static final double[][] TWO = {{0}, {0}};

    /** A failure names its place, the vector refuses to go on, and a reset brings it back. */
    private static String failure(VectorEnvironment vector, int steps) {
        vector.reset(0);
        for (int t = 0; t < steps; t++) {
            vector.step(TWO);
        }
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> vector.step(TWO));
        assertThrows(IllegalStateException.class, () -> vector.step(TWO));
        assertThrows(IllegalStateException.class, vector::snapshot);
        vector.reset(0);
        vector.snapshot();
        return refused.getMessage();
    }

    @Test
    void numbersThatAreNotFiniteAreNamedByRowAndStep() {
        for (Map.Entry<Double, String> bad :
                Map.of(Double.NaN, "NaN", Double.NEGATIVE_INFINITY, "-Infinity").entrySet()) {
            assertEquals(
                    "reward must be finite, got " + bad.getValue() + " (row 1, step 0)",
                    failure(
                            new VectorEnvironment(
                                    List.of(new Scripted(1, 0), new Scripted(bad.getKey(), 0)), Autoreset.SAME_STEP),
                            0));
        }
        assertEquals(
                "observation must be finite and fit Box[low=[-100.0], high=[100.0]], got [NaN] (row 1, step 2)",
                failure(
                        new VectorEnvironment(List.of(new Scripted(1, 0), new Scripted(1, 3)), Autoreset.SAME_STEP),
                        2));
    }

    @Test
    void actionsThatDoNotFitAreRefusedBeforeAnyRowMoves() {
        VectorEnvironment vector = VectorEnvironment.of(2, () -> new Scripted(1, 0), Autoreset.SAME_STEP);
        vector.reset(0);
        vector.step(TWO);
        VectorSnapshot before = vector.snapshot();
        for (double[] bad : new double[][] {{}, {0, 0}, {Double.NaN}}) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> vector.step(new double[][] {{0}, bad}));
            assertEquals(
                    "action must be finite and fit Box[low=[-1.0], high=[1.0]], got " + Arrays.toString(bad)
                            + " (row 1, step 1)",
                    refused.getMessage());
            assertEquals(before, vector.snapshot());
        }
        vector.step(TWO);
    }

    @Test
    void anEpisodeWithoutAnEndIsStoppedAtTheLimit() {
        VectorEnvironment vector = VectorEnvironment.of(2, () -> new Scripted(1, 0), Autoreset.SAME_STEP, 3);
        vector.reset(0);
        for (int t = 0; t < 3; t++) {
            vector.step(TWO);
        }
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> vector.step(TWO));
        assertEquals(
                "an episode must end within 3 steps: put a TimeLimit around the environment (row 0, step 3)",
                refused.getMessage());
        assertEquals(3, vector.snapshot().rows().get(0).actions().length);
        assertEquals(100_000, VectorEnvironment.LONGEST_EPISODE);
    }
}
