/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A dense layer, or a 1×1 convolution: one matrix product on the rows of channels.
 *
 * @param layout what DL4J sees: features for a dense layer
 * @param weights column-major [in, out]; read only
 */
record ProductStep(RowShape.Layout layout, INDArray weights, Epilogue epilogue) implements RowOperation {

    @Override
    public boolean accepts(List<RowValue> inputs) {
        return Inputs.fits(inputs.get(0), layout, Math.toIntExact(weights.size(0)));
    }

    @Override
    public RowValue.Rows run(List<RowValue> inputs, Frame frame) {
        RowValue.Rows x = frame.rows(inputs.get(0), layout);
        RowValue.Rows z = frame.rows(x.shape().channels(Math.toIntExact(weights.size(1))), epilogue);
        int pixels = x.shape().pixels();
        multiply(
                weights,
                x.block().matrix(0, x.shape().c(), pixels),
                z.block().matrix(0, z.shape().c(), pixels));
        Inputs.release(x, inputs.get(0), frame);
        return z;
    }

    /** z = wᵀx, w: [in, out], x: [in, pixels], z: [out, pixels], all column-major, so that nothing is copied. */
    static void multiply(INDArray w, INDArray x, INDArray z) {
        Nd4j.gemm(w, x, z, true, false, 1.0, 0.0);
    }

    @Override
    public boolean readsPending() {
        return false;
    }

    @Override
    public String kind() {
        return "product";
    }
}
