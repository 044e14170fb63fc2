/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.network.HasAdapter;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The adapter of a table, which adds {@code s·A[t]·B} to the row of token t. Only rows that occur are read.
 *
 * @param a [tokens of the table, rank]
 * @param b [rank, width]
 * @param scaling s
 */
record TableFactors(INDArray a, INDArray b, double scaling) {

    /** A layer's adapter. */
    static TableFactors of(HasAdapter adapter, Map<String, INDArray> parameters) {
        return new TableFactors(
                Objects.requireNonNull(parameters.get(HasAdapter.A), HasAdapter.A),
                Objects.requireNonNull(parameters.get(HasAdapter.B), HasAdapter.B),
                adapter.scaling());
    }

    /**
     * Adds to the rows of tokens.
     *
     * @param rows [tokens.length, width]
     * @param kept lifetime of the result
     * @return A's rows, [tokens.length, rank], for {@link #writeGradients}
     */
    INDArray add(int[] tokens, INDArray rows, ArrayType kept, LayerWorkspaceMgr workspaces) {
        INDArray low = workspaces.createUninitialized(kept, a.dataType(), new long[] {tokens.length, a.size(1)}, 'c');
        Nd4j.pullRows(a, low, 1, tokens);
        Nd4j.gemm(low, b, rows, false, false, scaling, 1);
        return low;
    }

    /**
     * {@code dB = s·A[t]ᵀd}; each row of dA is the sum of {@code s·dBᵀ} over its tokens.
     *
     * @param delta derivative at the rows, [tokens.length, width]
     * @param low A's rows
     * @param factor of delta
     * @param intoA overwritten
     * @param intoB overwritten
     */
    void writeGradients(INDArray delta, INDArray low, int[] tokens, double factor, INDArray intoA, INDArray intoB) {
        Nd4j.gemm(low, delta, intoB, true, false, scaling * factor, 0);
        INDArray q = Nd4j.createUninitialized(a.dataType(), new long[] {delta.size(0), b.size(0)}, 'f');
        Nd4j.gemm(delta, b, q, false, true, scaling * factor, 0);
        intoA.assign(0);
        addRows(q, tokens, intoA);
    }

    /** Adds rows up by token, in double and in the order of the tokens, so that the bytes are always the same. */
    private static void addRows(INDArray q, int[] tokens, INDArray into) {
        int rank = (int) q.size(1);
        double[] values = q.dup('c').data().asDouble();
        Map<Integer, double[]> sums = new LinkedHashMap<>();
        for (int i = 0; i < tokens.length; i++) {
            double[] sum = sums.computeIfAbsent(tokens[i], token -> new double[rank]);
            for (int k = 0; k < rank; k++) {
                sum[k] += values[i * rank + k];
            }
        }
        sums.forEach((token, sum) -> {
            for (int k = 0; k < rank; k++) {
                into.putScalar(token, k, sum[k]);
            }
        });
    }
}
