/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.layer;

import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Passes over the columns of matrices [n, columns] that have a number each. On the CPU in single precision each is one pass over memory
 * in its own order; ND4J, which does the rest, takes several of up to six times the length.
 */
final class ColumnPasses {

    private static final boolean ON_CPU =
            Nd4j.getBackend().getClass().getSimpleName().equals("CpuBackend");

    private ColumnPasses() {}

    private static boolean takes(INDArray... matrices) {
        char order = matrices[0].ordering();
        return ON_CPU
                && Stream.of(matrices)
                        .allMatch(m -> m.dataType() == DataType.FLOAT && m.ordering() == order && Lines.areIn(m));
    }

    /**
     * {@code y = z∘k + b}.
     *
     * @param z only read, unless it is y
     * @param k [1, columns]
     * @param b [1, columns]
     * @param y overwritten
     */
    static void scale(INDArray z, INDArray k, Optional<INDArray> b, INDArray y) {
        if (!takes(z, y)) {
            Nd4j.exec(new BroadcastMulOp(z, k, y, 1));
            b.ifPresent(y::addiRowVector);
            return;
        }
        float[] factors = k.toFloatVector();
        float[] added = b.map(INDArray::toFloatVector).orElseGet(() -> new float[factors.length]);
        Lines from = new Lines(z);
        Lines to = new Lines(y);
        for (int i = 0; i < from.count(); i++) {
            float[] line = from.readFloats(i);
            if (from.areRows()) {
                scale(line, factors, added);
            } else {
                scale(line, factors[i], added[i]);
            }
            to.write(i, line);
        }
    }

    private static void scale(float[] line, float factor, float added) {
        for (int i = 0; i < line.length; i++) {
            line[i] = line[i] * factor + added;
        }
    }

    private static void scale(float[] line, float[] factors, float[] added) {
        for (int i = 0; i < line.length; i++) {
            line[i] = line[i] * factors[i] + added[i];
        }
    }

    /**
     * {@code Σ_rows d∘z} by column.
     *
     * @param sums overwritten, [1, columns]
     */
    static void sumProducts(INDArray d, INDArray z, INDArray sums, LayerWorkspaceMgr workspaces) {
        if (!takes(d, z)) {
            INDArray products = workspaces
                    .createUninitialized(ArrayType.BP_WORKING_MEM, d.dataType(), d.shape(), d.ordering())
                    .assign(d)
                    .muli(z);
            sums.assign(products.sum(true, 0));
            return;
        }
        float[] result = new float[(int) d.size(1)];
        Lines ofD = new Lines(d);
        Lines ofZ = new Lines(z);
        for (int i = 0; i < ofD.count(); i++) {
            float[] x = ofD.readFloats(i);
            float[] y = ofZ.readFloats(i);
            if (ofD.areRows()) {
                for (int j = 0; j < x.length; j++) {
                    result[j] += x[j] * y[j];
                }
            } else {
                result[i] = (float) dot(x, y);
            }
        }
        sums.assign(Nd4j.createFromArray(result).reshape(sums.shape()));
    }

    /** In double and in four sums, so that additions need not wait for one another. */
    private static double dot(float[] x, float[] y) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < x.length; i += 4) {
            a += (double) x[i] * y[i];
            b += (double) x[i + 1] * y[i + 1];
            c += (double) x[i + 2] * y[i + 2];
            d += (double) x[i + 3] * y[i + 3];
        }
        for (; i < x.length; i++) {
            a += (double) x[i] * y[i];
        }
        return (a + b) + (c + d);
    }
}
