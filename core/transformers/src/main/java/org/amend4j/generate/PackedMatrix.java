/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.lang.ref.SoftReference;
import org.amend4j.internal.cpu.PackedProduct;
import org.jspecify.annotations.Nullable;

/** A matrix for products by oneDNN. Its rows and columns are read where an adapter is opened, from a copy that may go. */
final class PackedMatrix implements Matrix {

    private final PackedProduct product;
    private SoftReference<float[]> unpacked = new SoftReference<>(null);

    PackedMatrix(PackedProduct product) {
        this.product = product;
    }

    private synchronized float[] values() {
        float @Nullable [] there = unpacked.get();
        if (there == null) {
            there = product.values();
            unpacked = new SoftReference<>(there);
        }
        return there;
    }

    @Override
    public int inputs() {
        return product.inputs();
    }

    @Override
    public int outputs() {
        return product.outputs();
    }

    @Override
    public void row(int index, float[] to) {
        System.arraycopy(values(), index * inputs(), to, 0, inputs());
    }

    @Override
    public void column(int index, float[] to) {
        float[] values = values();
        int inputs = inputs();
        for (int o = 0; o < outputs(); o++) {
            to[o] = values[o * inputs + index];
        }
    }

    @Override
    public void multiplyAdd(float[][] x, float[][] y, int from, int to) {
        product.multiplyAdd(x, y, from, to);
    }
}
