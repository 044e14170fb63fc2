/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * The state of a {@link VectorEnvironment}: since an episode is a function of its seed and its actions, these are stored,
 * together with their results, so that a replay that deviates is detected. Plain numbers, so that any file can hold it.
 *
 * @param observationSpace of one row
 * @param actionSpace of one row
 * @param autoreset the vector's
 * @param rows at least one
 */
public record VectorSnapshot(Space observationSpace, Space actionSpace, Autoreset autoreset, List<Row> rows) {

    /** @throws IllegalArgumentException if the rows' arrays are not of the spaces' sizes */
    public VectorSnapshot {
        rows = List.copyOf(rows);
        Checks.atLeast(1, "rows of a snapshot", rows.size());
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            if (row.observation.length != observationSpace.size() || row.actions.length % actionSpace.size() != 0) {
                throw new IllegalArgumentException("a snapshot's row must have an observation of "
                        + observationSpace.size() + " numbers and actions of " + actionSpace.size() + " each, got "
                        + row.observation.length + " and " + row.actions.length + " (row " + i + ")");
            }
        }
    }

    /**
     * The running or just ended episode of one row.
     *
     * @param seed of the episode
     * @param actions so far, [steps · size of an action]
     * @param ended whether the last of them ended it and the row has not been reset yet
     * @param observation the last one, or the first
     * @param rewards their sum so far, added in order
     * @param generator {@link SplitMix64#state()} of the generator of the seeds of later episodes
     */
    @SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
    public record Row(long seed, double[] actions, boolean ended, double[] observation, double rewards, long generator)
            implements Serializable {

        public Row {
            actions = actions.clone();
            observation = observation.clone();
        }

        @Override
        public double[] actions() {
            return actions.clone();
        }

        @Override
        public double[] observation() {
            return observation.clone();
        }

        /** Steps so far. */
        int steps(int actionSize) {
            return actions.length / actionSize;
        }

        double[] action(int step, int actionSize) {
            return Arrays.copyOfRange(actions, step * actionSize, (step + 1) * actionSize);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Row row
                    && seed == row.seed
                    && Arrays.equals(actions, row.actions)
                    && ended == row.ended
                    && Arrays.equals(observation, row.observation)
                    && Double.compare(rewards, row.rewards) == 0
                    && generator == row.generator;
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(actions) + Long.hashCode(seed ^ generator);
        }

        @Override
        public String toString() {
            return "Row[seed=" + seed + ", actions=" + actions.length + " numbers, ended=" + ended + ", observation="
                    + Arrays.toString(observation) + ", rewards=" + rewards + ", generator=" + generator + "]";
        }
    }
}
