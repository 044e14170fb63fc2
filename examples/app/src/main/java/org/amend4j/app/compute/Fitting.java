/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

/** A graph that is being trained. One epoch after the other, the next is begun by {@link #reset}. */
public interface Fitting extends AutoCloseable {

    /** Whether the epoch has another batch. */
    boolean hasNext();

    /**
     * Trains on the next batch.
     *
     * @return the losses that were not known so far, each before its step, in the order of the steps; a device keeps some back, but
     *     after the last step of an epoch all are known
     */
    double[] step();

    /** Begins the next epoch. Afterwards the graph has what was learnt so far. */
    void reset();

    /** Gives back what was needed for it; what was learnt after the last {@link #reset} may be lost. */
    @Override
    void close();
}
