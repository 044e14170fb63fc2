/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.io.IOException;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;

/**
 * Where a run of gradient descent stores its steps and checkpoints, and reads them back. A store belongs to one run.
 *
 * <p>The stored state is always consistent: a checkpoint of step t is only visible with the records of steps 0 to t - 1.
 */
public interface TrajectoryStore extends AutoCloseable {

    /** The last checkpoint that is safe, if there is any. */
    Optional<Checkpoint> latest() throws IOException;

    /** Steps of all checkpoints that are safe. */
    NavigableSet<Integer> checkpoints() throws IOException;

    /**
     * One checkpoint.
     *
     * @throws IOException if it is damaged or not there
     */
    Checkpoint read(int step) throws IOException;

    /** The records of the steps before a checkpoint, 0 to {@code step - 1}. */
    List<StepRecord> records(int step) throws IOException;

    /**
     * Adds the record of the next step. It becomes safe with the next checkpoint.
     *
     * @throws IOException if it cannot be written
     */
    void append(StepRecord record) throws IOException;

    /**
     * Keeps a checkpoint. An implementation may write while the run continues; an error then comes with a later call or
     * with {@link #close}. When {@code close} returns, everything is safe.
     *
     * @param checkpoint handed over; its array must not be changed any more
     * @throws IOException if this or an earlier one cannot be written
     */
    void keep(Checkpoint checkpoint) throws IOException;

    @Override
    void close() throws IOException;
}
