/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a running head computes with its parameters, for some rows of a batch at a time. */
interface HeadWork {

    /** Tokens that it has logits for. */
    long vocabulary();

    /**
     * Computes logits.
     *
     * @param x [rows, d]
     * @param z [rows, vocabulary], overwritten
     * @param training whether {@link #differentiate} follows
     */
    void logits(INDArray x, INDArray z, boolean training);

    /**
     * Computes derivatives, after the logits of the same rows in training.
     *
     * @param dz at the logits
     * @param x the rows, as they were
     * @param dx at the rows, overwritten, if they are needed
     * @param adds whether those at what trains are added to those of the rows before; otherwise they overwrite what is there
     */
    void differentiate(INDArray dz, INDArray x, Optional<INDArray> dx, boolean adds);

    /** Writes the derivatives at what trains where no row counts: 0. */
    void differentiateNothing();
}
