/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The cross-entropy of rows of logits {@code z = x·W} with token numbers: {@code log Σ_j exp z_j − z_y}, whose derivative at z is
 * softmax − onehot. Logits of some rows at a time, and of labelled rows only.
 */
final class TokenLoss {

    /** Rows whose logits exist at once. */
    private static final int CHUNK = 256;

    /** Which rows have labels. */
    private final int[] rows;

    private final int[] labels;

    /** What each of their losses counts. */
    private final double[] weights;

    /** The examples they belong to. */
    private final int[] owners;

    private TokenLoss(int[] rows, int[] labels, double[] weights, int[] owners) {
        this.rows = rows;
        this.labels = labels;
        this.weights = weights;
        this.owners = owners;
    }

    /**
     * Of a batch.
     *
     * @param labels [examples, time]; negative ones count for nothing
     * @param vocabulary above every label
     */
    static TokenLoss of(INDArray labels, long vocabulary) {
        if (labels.rank() != 2) {
            throw new IllegalArgumentException(
                    "labels must be token numbers [examples, time], got " + Arrays.toString(labels.shape()));
        }
        int examples = (int) labels.size(0);
        int time = (int) labels.size(1);
        int[] rows = new int[examples * time];
        int[] numbers = new int[examples * time];
        int[] owners = new int[examples * time];
        int[] each = new int[examples];
        int count = 0;
        for (int example = 0; example < examples; example++) {
            for (int step = 0; step < time; step++) {
                double label = labels.getDouble(example, step);
                if (label < 0) {
                    continue;
                }
                if (label != Math.rint(label) || label >= vocabulary) {
                    throw new IllegalArgumentException("a label must be a token in [0, " + vocabulary
                            + ") or negative, got " + label + " in example " + example + ", step " + step);
                }
                rows[count] = example * time + step;
                numbers[count] = (int) label;
                owners[count++] = example;
                each[example]++;
            }
        }
        double[] weights = new double[count];
        for (int k = 0; k < count; k++) {
            weights[k] = 1.0 / each[owners[k]];
        }
        return new TokenLoss(
                Arrays.copyOf(rows, count), Arrays.copyOf(numbers, count), weights, Arrays.copyOf(owners, count));
    }

    /** The losses of all examples. */
    double[] losses(INDArray x, INDArray weight, int examples) {
        double[] losses = new double[examples];
        for (int from = 0; from < rows.length; from += CHUNK) {
            int[] chunk = chunk(from);
            INDArray z = Nd4j.pullRows(x, 1, chunk).mmul(weight);
            double[] logSums = logSums(z);
            for (int k = 0; k < chunk.length; k++) {
                int at = from + k;
                losses[owners[at]] += weights[at] * (logSums[k] - z.getDouble(k, labels[at]));
            }
        }
        return losses;
    }

    /** Refuses positions that are not those of the labels. */
    static TokenLoss of(INDArray labels, long vocabulary, INDArray x) {
        if (x.size(0) != labels.length()) {
            throw new IllegalArgumentException("labels must have a token for each of " + x.size(0) + " positions, got "
                    + Arrays.toString(labels.shape()));
        }
        return of(labels, vocabulary);
    }

    private int[] chunk(int from) {
        return Arrays.copyOfRange(rows, from, Math.min(rows.length, from + CHUNK));
    }

    private static double[] logSums(INDArray z) {
        INDArray most = z.max(true, 1);
        INDArray sums = Transforms.exp(z.subColumnVector(most), false).sum(true, 1);
        return Transforms.log(sums, false).addi(most).toDoubleVector();
    }

    /**
     * The derivatives of the losses' sum.
     *
     * @param dx zeros, overwritten where rows have labels
     * @param dWeight overwritten; empty if the weight does not train
     */
    void gradients(INDArray x, INDArray weight, INDArray dx, Optional<INDArray> dWeight) {
        dWeight.ifPresent(into -> into.assign(0));
        for (int from = 0; from < rows.length; from += CHUNK) {
            int[] chunk = chunk(from);
            INDArray of = Nd4j.pullRows(x, 1, chunk);
            INDArray dz = dLogits(of.mmul(weight), from);
            INDArray back = dz.mmul(weight.transpose());
            for (int k = 0; k < chunk.length; k++) {
                dx.putRow(chunk[k], back.getRow(k));
            }
            dWeight.ifPresent(into -> into.addi(of.transpose().mmul(dz)));
        }
    }

    private INDArray dLogits(INDArray z, int from) {
        INDArray p = Transforms.exp(z.subColumnVector(z.max(true, 1)), false);
        p.diviColumnVector(p.sum(true, 1));
        for (int k = 0; k < p.size(0); k++) {
            p.putScalar(k, labels[from + k], p.getDouble(k, labels[from + k]) - 1);
            p.getRow(k).muli(weights[from + k]);
        }
        return p;
    }
}
