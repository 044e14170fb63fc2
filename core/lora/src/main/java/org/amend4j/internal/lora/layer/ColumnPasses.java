/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.cpu.HostArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Passes over the columns of matrices [n, columns] that have a number each. On the CPU in single precision each is one pass over memory
 * in its own order; ND4J, which does the rest, takes several of up to six times the length.
 */
final class ColumnPasses {

    private static final int SUMS = 8;

    private ColumnPasses() {}

    private static boolean takes(INDArray... matrices) {
        char order = matrices[0].ordering();
        return HostArrays.takes(matrices)
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
     * {@code e = d∘k} and {@code Σ_rows d∘z} by column.
     *
     * @param d only read
     * @param z only read
     * @param k [1, columns]
     * @param e overwritten
     * @param sums overwritten, [1, columns]
     */
    static void scaleAndSum(INDArray d, INDArray z, INDArray k, INDArray e, INDArray sums) {
        if (!takes(d, z, e)) {
            sums.assign(e.assign(d).muli(z).sum(true, 0));
            Nd4j.exec(new BroadcastMulOp(d, k, e, 1));
            return;
        }
        float[] factors = k.toFloatVector();
        float[] none = new float[factors.length];
        double[] result = new double[factors.length];
        Lines ofD = new Lines(d);
        Lines ofZ = new Lines(z);
        Lines ofE = new Lines(e);
        for (int i = 0; i < ofD.count(); i++) {
            float[] line = ofD.readFloats(i);
            float[] other = ofZ.readFloats(i);
            if (ofD.areRows()) {
                addProducts(line, other, result);
                scale(line, factors, none);
            } else {
                result[i] = dot(line, other);
                scale(line, factors[i], 0);
            }
            ofE.write(i, line);
        }
        sums.assign(Nd4j.createFromArray(result).reshape(sums.shape()));
    }

    private static void addProducts(float[] x, float[] y, double[] sums) {
        for (int j = 0; j < x.length; j++) {
            sums[j] += (double) x[j] * y[j];
        }
    }

    /** In eight sums, so that additions need not wait for one another. */
    private static float dot(float[] x, float[] y) {
        float[] sums = new float[SUMS];
        int whole = x.length - x.length % SUMS;
        for (int i = 0; i < whole; i += SUMS) {
            for (int k = 0; k < SUMS; k++) {
                sums[k] += x[i + k] * y[i + k];
            }
        }
        for (int i = whole; i < x.length; i++) {
            sums[0] += x[i] * y[i];
        }
        float sum = 0;
        for (float one : sums) {
            sum += one;
        }
        return sum;
    }
}
