/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Tokens of a head that have rows of their own, R, in place of the weight's columns: their logits are x·Rᵀ + b.
 *
 * @param tokens in the order of their rows
 * @param rows R, [tokens, d]
 * @param bias b of all tokens, [vocabulary]; empty without
 */
record HeadTokens(List<Integer> tokens, INDArray rows, Optional<INDArray> bias) {

    /** Writes their logits over those of the weight. */
    void logits(INDArray x, INDArray z) {
        INDArray own = like(x);
        Nd4j.gemm(x, rows, own, false, true, 1, 0);
        for (int i = 0; i < tokens.size(); i++) {
            INDArray column = own.getColumn(i);
            int token = tokens.get(i);
            bias.ifPresent(of -> column.addi(of.getScalar(token)));
            z.getColumn(token).assign(column);
        }
        own.close();
    }

    /** Takes the derivatives at their logits out, [rows of x, tokens]: 0 is left, so that the weight's columns have no part in anything. */
    INDArray takenFrom(INDArray dz) {
        INDArray own = like(dz);
        for (int i = 0; i < tokens.size(); i++) {
            INDArray column = dz.getColumn(tokens.get(i));
            own.getColumn(i).assign(column);
            column.assign(0);
        }
        return own;
    }

    private INDArray like(INDArray of) {
        return Nd4j.createUninitialized(of.dataType(), new long[] {of.size(0), tokens.size()}, 'f');
    }

    /** The derivatives at R, {@code dzᵀ·x}; added to what is there, or in its place. */
    void differentiate(INDArray dz, INDArray x, INDArray into, boolean adds) {
        Nd4j.gemm(dz, x, into, true, false, 1, adds ? 1 : 0);
    }

    /** Adds {@code dz·R} to the derivatives at x. */
    void addTo(INDArray dx, INDArray dz) {
        Nd4j.gemm(dz, rows, dx, false, false, 1, 1);
    }
}
