/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.plan;

import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.Gemm;
import org.amend4j.cuda.device.ProductPrecision;
import org.amend4j.cuda.kernel.DeviceImages;
import org.amend4j.cuda.kernel.DeviceMatrix;
import org.amend4j.cuda.kernel.TokenSegments;
import org.amend4j.network.Shape;
import org.amend4j.network.Values;

/** Where the values of a plan are during one run, and what computes. */
interface Bindings {

    Device device();

    Kernels kernels();

    ProductPrecision precision();

    /** Examples of this run. */
    int examples();

    /** A value's numbers, of the examples of this run. */
    DeviceArray array(Value value);

    /** Constants or trained parameters. */
    DeviceArray parameter(Values values);

    /** Where the gradient of trained parameters goes. */
    DeviceArray gradient(Values.Slice slice);

    /** Where the words of an input occur. */
    TokenSegments segments(Value tokens, int vocabulary);

    /** The bound of clipping. */
    double clippingBound();

    default DeviceMatrix matrix(Value value) {
        int times = value.perExample() ? examples() : 1;
        return DeviceMatrix.of(array(value), times * value.rows(), value.columns());
    }

    default DeviceImages images(Value value, Shape shape) {
        return new DeviceImages(array(value), false, examples(), shape.channels(), shape.height(), shape.width());
    }

    /**
     * c = alpha·op(a)·op(b) + beta·c on gapless rows.
     *
     * @param m rows of c
     * @param n columns of c
     */
    default void multiply(
            DeviceArray a,
            boolean transposeA,
            DeviceArray b,
            boolean transposeB,
            DeviceArray c,
            int m,
            int n,
            int k,
            double alpha,
            double beta) {
        Gemm product = Gemm.contiguous(org.amend4j.cuda.device.MatrixOrder.ROWS, transposeA, transposeB, m, n, k)
                .withFactors((float) alpha, (float) beta)
                .withPrecision(precision());
        device().multiply(product, a, b, c);
    }
}
