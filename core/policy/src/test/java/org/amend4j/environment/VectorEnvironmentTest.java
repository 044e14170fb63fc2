/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorEnvironmentTest {

    /** Counts its steps; observation base + steps, reward steps. Terminates at a step, or never (0). */
    private static final class Counting implements Environment {

        private final int base;
        private final int end;
        private int steps;

        Counting(int base, int end) {
            this.base = base;
            this.end = end;
        }

        @Override
        public Space observationSpace() {
            return Space.Box.symmetric(100);
        }

        @Override
        public Space actionSpace() {
            return new Space.Discrete(2);
        }

        @Override
        public double[] reset(long seed) {
            steps = 0;
            return new double[] {base};
        }

        @Override
        public StepResult step(double... action) {
            steps++;
            return new StepResult(new double[] {base + steps}, steps, steps == end, false);
        }
    }

    private static VectorEnvironment counting(Autoreset autoreset) {
        return new VectorEnvironment(
                List.of(
                        new Counting(0, 3),
                        new TimeLimit(new Counting(10, 0), 4),
                        new TimeLimit(new Counting(20, 5), 5)),
                autoreset);
    }

    private static final double[][] ACTIONS = {{0}, {1}, {0}};

    @ParameterizedTest
    @CsvSource({"NextStep, NEXT_STEP", "SameStep, SAME_STEP"})
    void episodesFollowEachOtherAsInGymnasium(String mode, Autoreset autoreset) {
        List<Golden.Row> rows = Golden.csv("autoreset.csv").stream()
                .filter(row -> row.text("mode").equals(mode))
                .toList();
        assertEquals(10, rows.size());
        VectorEnvironment vector = counting(autoreset);
        double[][] first = vector.reset(0);
        boolean[] ended = new boolean[3];
        for (int i = 0; i < 3; i++) {
            assertEquals(rows.get(0).number("obs_" + i), first[i][0]);
        }
        for (Golden.Row row : rows.subList(1, rows.size())) {
            VectorStep step = vector.step(ACTIONS);
            for (int i = 0; i < 3; i++) {
                assertEquals(row.number("obs_" + i), step.observations()[i][0]);
                assertEquals(row.number("reward_" + i), step.rewards()[i]);
                assertEquals(row.flag("terminated_" + i), step.terminated()[i]);
                assertEquals(row.flag("truncated_" + i), step.truncated()[i]);
                String last = row.text("final_obs_" + i);
                double successor = last.isEmpty() ? row.number("obs_" + i) : Double.parseDouble(last);
                assertEquals(successor, step.successors()[i][0]);
                assertEquals(autoreset == Autoreset.NEXT_STEP && ended[i], step.resets()[i]);
                ended[i] = step.terminated()[i] || step.truncated()[i];
            }
        }
    }

    @Test
    void withoutAutoresetAnEndedRowWaitsForItsReset() {
        VectorEnvironment vector = counting(Autoreset.DISABLED);
        vector.reset(0);
        vector.step(ACTIONS);
        vector.step(ACTIONS);
        assertTrue(vector.step(ACTIONS).terminated()[0]);
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> vector.step(ACTIONS));
        assertEquals("step needs a running episode: reset first (row 0)", refused.getMessage());
        double[][] fresh = vector.reset(new boolean[] {true, false, false});
        assertEquals(
                List.of(1, 0, 0), Arrays.stream(fresh).map(row -> row.length).toList());
        VectorStep step = vector.step(ACTIONS);
        assertArrayEquals(new double[] {1, 4, 4}, step.rewards());
    }

    @Test
    void aSeedGivesTheSameRunAndARowIsTheEnvironmentAloneWithItsSeed() {
        VectorEnvironment vector = VectorEnvironment.of(3, CartPole::v1, Autoreset.SAME_STEP);
        double[][] once = run(vector, 7);
        assertTrue(Arrays.deepEquals(once, run(vector, 7)));
        assertFalse(Arrays.deepEquals(once, run(vector, 8)));
        assertArrayEquals(new CartPole().reset(9), vector.reset(7)[2]);
        VectorEnvironment alone = VectorEnvironment.of(1, CartPole::v1, Autoreset.SAME_STEP);
        alone.reset(9);
        for (int t = 0; t < 300; t++) {
            VectorStep step = vector.step(new double[][] {{t % 2}, {0}, {1}});
            assertArrayEquals(
                    step.observations()[2], alone.step(new double[][] {{1}}).observations()[0]);
        }
    }

    @Test
    void episodesOfARowBeginDifferently() {
        VectorEnvironment vector = VectorEnvironment.of(1, CartPole::v1, Autoreset.SAME_STEP);
        double[] first = vector.reset(1)[0];
        VectorStep step = vector.step(new double[][] {{1}});
        while (!step.terminated()[0]) {
            step = vector.step(new double[][] {{1}});
        }
        assertNotEquals(first[0], step.observations()[0][0]);
        assertTrue(Math.abs(step.observations()[0][2]) <= 0.05 && Math.abs(step.successors()[0][2]) > 0.2);
    }

    private static double[][] run(VectorEnvironment vector, long seed) {
        vector.reset(seed);
        double[][] last = new double[0][];
        for (int t = 0; t < 100; t++) {
            last = vector.step(new double[][] {{1}, {0}, {t % 2}}).observations();
        }
        return last;
    }

    @Test
    void environmentsOfDifferentKindsOrTheSameObjectTwiceAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new VectorEnvironment(List.of(new CartPole(), new Acrobot()), Autoreset.SAME_STEP));
        CartPole shared = new CartPole();
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> new VectorEnvironment(List.of(shared, shared), Autoreset.SAME_STEP));
        assertEquals("environments must be different objects, got one twice (rows 0 and 1)", refused.getMessage());
    }

    @Test
    void aVectorStepsOnlyAfterAResetAndWithOneActionARow() {
        VectorEnvironment vector = counting(Autoreset.SAME_STEP);
        assertThrows(IllegalStateException.class, () -> vector.step(ACTIONS));
        vector.reset(0);
        assertThrows(IllegalArgumentException.class, () -> vector.step(new double[][] {{0}}));
        assertThrows(IllegalStateException.class, () -> vector.reset(new boolean[3]));
    }
}
