/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;

/**
 * Environments of one kind that are reset and stepped together, row by row or all at once: the back end of a {@link
 * VectorEnvironment}. Implement it if one call for many rows is cheaper than many calls, as with another process; for
 * environments in this process use {@link VectorEnvironment#of}.
 *
 * <p>As with {@link Environment}, an episode is a function of its seed and its actions alone. A batch does not reset by
 * itself and need not check what it is given: the vector does both. Not thread-safe.
 */
public interface EnvironmentBatch extends AutoCloseable {

    /** At least 1. */
    int rows();

    /** Of one row. */
    Space observationSpace();

    /** Of one row. */
    Space actionSpace();

    /**
     * Begins an episode in some rows.
     *
     * @param rows distinct, ascending; only read
     * @param seeds [rows.length]
     * @return [rows.length][size]: the first observations, in the order of {@code rows}
     */
    double[][] reset(int[] rows, long[] seeds);

    /**
     * Acts once in some rows; their episodes must be running.
     *
     * @param rows distinct, ascending; only read
     * @param actions [rows.length][size of an action], only read
     * @return [rows.length]: in the order of {@code rows}
     */
    StepResult[] step(int[] rows, double[][] actions);

    /** {@link Environment#allowedActions()} of a row. */
    boolean[] allowedActions(int row);

    /**
     * A row by itself, for a single environment; closing it closes the batch. It must not be used along with the other
     * rows in a vector.
     */
    default Environment row(int row) {
        return new BatchRow(this, Checks.inRange(0, rows() - 1, "row", row));
    }

    /** Gives back what the environments hold, a process for example; once more does nothing. */
    @Override
    default void close() {}

    /**
     * Environments in this process, stepped one after the other.
     *
     * @param environment makes one; each must be another object
     */
    static EnvironmentBatch of(int rows, Supplier<? extends Environment> environment) {
        return new SequentialBatch(Stream.generate(environment).limit(rows).toList());
    }
}
