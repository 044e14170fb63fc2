/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A combined layer, {@code scaling·A·B}.
 *
 * @param a [rows, rank], DOUBLE
 * @param b [rank, columns], DOUBLE
 * @param scaling > 0
 * @param fidelity what it is of the weighted sum
 */
record LowRank(INDArray a, INDArray b, double scaling, CombinedLayer.Fidelity fidelity) {

    /** The nearest matrix of this rank, or less; the singular values are shared by the factors, so that both train alike. */
    static LowRank truncated(Decompositions.Svd svd, int rank, CombinedLayer.Fidelity fidelity) {
        long kept = Math.min(rank, svd.values().length());
        INDArray roots = Transforms.sqrt(svd.values().get(NDArrayIndex.interval(0, kept)));
        INDArray u = svd.u().get(NDArrayIndex.all(), NDArrayIndex.interval(0, kept));
        INDArray vt = svd.vt().get(NDArrayIndex.interval(0, kept), NDArrayIndex.all());
        return new LowRank(
                u.dup('f').muliRowVector(roots),
                vt.dup('f').muliColumnVector(roots.reshape(new long[] {kept, 1})),
                1,
                fidelity);
    }
}
