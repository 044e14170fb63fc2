/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.amend4j.internal.network.Values.Constant;

/**
 * The norms c of the columns of {@code V = W + s·A·B}, which is not formed: {@code c_j² = ‖W_j‖² + 2s·(WᵀA)_j·B_j + s²·B_jᵀ(AᵀA)B_j}.
 *
 * @param weight W, [outputs, inputs] row after row: its columns are these rows
 * @param squares ‖W_j‖², [outputs]
 */
public record ColumnNorms(Constant weight, Constant squares, LowRank adapter) {

    static ColumnNorms of(Constant weight, LowRank adapter) {
        int outputs = Math.toIntExact(adapter.outputs());
        Constant squares = Constant.computed(
                weight.owner() + " squared norms",
                outputs,
                () -> squares(weight.exact().get(), outputs));
        return new ColumnNorms(weight, squares, adapter);
    }

    private static double[] squares(double[] weight, int outputs) {
        double[] result = new double[outputs];
        int inputs = weight.length / outputs;
        for (int k = 0; k < weight.length; k++) {
            result[k / inputs] += weight[k] * weight[k];
        }
        return result;
    }
}
