/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;

/** A {@link FrozenMatrix} in the form in which its machine multiplies rows with it fastest. */
public interface FrozenFactor extends AutoCloseable {

    /**
     * to = alpha · rows · matrix + beta · to.
     *
     * @param rows [count, inner], without gaps
     * @param to [count, columns], without gaps; not read where beta is 0
     * @throws IllegalArgumentException if an array is of another type or too short, or the two overlap
     */
    void multiply(MachineArray rows, MachineArray to, int count, double alpha, double beta);

    /**
     * As {@link #multiply(MachineArray, MachineArray, int, double, double)}; rows may have something between them, and the product an epilogue, where
     * the machine {@linkplain Machine#hasEpilogues has these}.
     */
    default void multiply(MatrixView rows, MatrixView to, double alpha, double beta, Optional<Epilogue> epilogue) {
        if (epilogue.isPresent() || rows.stride() != rows.columns() || to.stride() != to.columns()) {
            throw new UnsupportedOperationException(
                    "this form of a matrix multiplies gapless rows, without an epilogue");
        }
        multiply(rows.array(), to.array(), rows.rows(), alpha, beta);
    }

    /** Gives back what it has of its own, once; the matrix it was made of stays. */
    @Override
    void close();
}
