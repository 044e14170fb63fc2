/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import org.amend4j.training.TrainingSnapshot;

/** A graph that is being trained. One epoch after the other, the next is begun by {@link #reset}. */
public interface Fitting extends AutoCloseable {

    /** Whether the epoch has another batch. */
    boolean hasNext();

    /**
     * Trains on the next batch.
     *
     * @return the losses that were not known so far, each before its step, in the order of the steps; a device keeps some back, but
     *     after the last step of an epoch all are known. They are of the examples alone, without penalties on
     *     parameters
     */
    double[] step();

    /** The losses that {@link #step} has kept back so far; reading them waits for all steps. */
    double[] losses();

    /** Begins the next epoch. Afterwards the graph has what was learnt so far. */
    void reset();

    /** What later steps depend on, between two steps, or before a {@link #reset}. */
    TrainingSnapshot snapshot();

    /**
     * Goes on, instead of from the start, behind the last step of a snapshot: in its epoch, also if that was its last step.
     *
     * @throws IllegalArgumentException if it is not one of such a training; nothing has changed then
     */
    void resume(TrainingSnapshot snapshot);

    /** Gives back what was needed for it; what was learnt after the last {@link #reset} may be lost. */
    @Override
    void close();
}
