/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.IdentityHashMap;
import java.util.List;
import org.amend4j.internal.validation.Checks;

/** Environments stepped one after the other in the calling thread. */
final class SequentialBatch implements EnvironmentBatch {

    private final List<Environment> environments;

    SequentialBatch(List<? extends Environment> environments) {
        this.environments = List.copyOf(environments);
        Checks.atLeast(1, "number of environments", this.environments.size());
        requireEqualSpaces(this.environments);
    }

    private static void requireEqualSpaces(List<Environment> environments) {
        Environment first = environments.get(0);
        IdentityHashMap<Environment, Integer> rows = new IdentityHashMap<>(2 * environments.size());
        for (int i = 0; i < environments.size(); i++) {
            Environment other = environments.get(i);
            if (!other.observationSpace().equals(first.observationSpace())
                    || !other.actionSpace().equals(first.actionSpace())) {
                throw new IllegalArgumentException("environments must have equal spaces, got "
                        + first.observationSpace() + ", " + first.actionSpace() + " (row 0) and "
                        + other.observationSpace() + ", " + other.actionSpace() + " (row " + i + ")");
            }
            Integer earlier = rows.put(other, i);
            if (earlier != null) {
                throw new IllegalArgumentException(
                        "environments must be different objects, got one twice (rows " + earlier + " and " + i + ")");
            }
        }
    }

    @Override
    public int rows() {
        return environments.size();
    }

    @Override
    public Space observationSpace() {
        return environments.get(0).observationSpace();
    }

    @Override
    public Space actionSpace() {
        return environments.get(0).actionSpace();
    }

    @Override
    public double[][] reset(int[] rows, long[] seeds) {
        double[][] observations = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            observations[i] = environments.get(rows[i]).reset(seeds[i]);
        }
        return observations;
    }

    @Override
    public StepResult[] step(int[] rows, double[][] actions) {
        StepResult[] steps = new StepResult[rows.length];
        for (int i = 0; i < rows.length; i++) {
            steps[i] = environments.get(rows[i]).step(actions[i]);
        }
        return steps;
    }

    @Override
    public boolean[] allowedActions(int row) {
        return environments.get(row).allowedActions();
    }

    @Override
    public void close() {
        Closing.all(environments);
    }
}
