/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Arrays;
import java.util.Optional;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The cross-entropy of rows of logits {@code z = x·W + b} with token numbers: {@code log Σ_j exp z_j − z_y}, whose derivative at z is
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
        double[] read = labels.dup('c').reshape(new long[] {labels.length()}).toDoubleVector();
        for (int example = 0; example < examples; example++) {
            for (int step = 0; step < time; step++) {
                double label = read[example * time + step];
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

    /** Refuses positions that are not those of the labels. */
    static TokenLoss of(INDArray labels, long vocabulary, INDArray x) {
        if (x.size(0) != labels.length()) {
            throw new IllegalArgumentException("labels must have a token for each of " + x.size(0) + " positions, got "
                    + Arrays.toString(labels.shape()));
        }
        return of(labels, vocabulary);
    }

    /**
     * Where derivatives at inputs go.
     *
     * @param x overwritten; empty if they are not needed
     */
    record Derivatives(Optional<INDArray> x) {}

    /** Arrays for the rows of a chunk: inputs, logits, and derivatives at inputs. */
    private record Buffers(INDArray x, INDArray z, INDArray dx) {

        static Buffers of(INDArray x, long vocabulary, int rows) {
            return new Buffers(array(x, rows, x.size(1)), array(x, rows, vocabulary), array(x, rows, x.size(1)));
        }

        private static INDArray array(INDArray like, long rows, long columns) {
            return Nd4j.createUninitialized(like.dataType(), new long[] {rows, columns}, 'c');
        }

        /** Frees them; views of them are then no more. */
        void free() {
            x.close();
            z.close();
            dx.close();
        }

        Buffers first(long rows) {
            return new Buffers(
                    Columns.of(x, 0, rows, 0, x.size(1)),
                    Columns.of(z, 0, rows, 0, z.size(1)),
                    Columns.of(dx, 0, rows, 0, dx.size(1)));
        }
    }

    /**
     * The losses of all examples, and the derivatives of their sum at what trains of the head.
     *
     * @param to where derivatives at x go, if any are wanted
     */
    double[] losses(INDArray x, HeadWork head, int examples, Optional<Derivatives> to) {
        double[] losses = new double[examples];
        to.ifPresent(of -> zeroWhereNothingIsAdded(head, of));
        Buffers whole = Buffers.of(x, head.vocabulary(), Math.min(CHUNK, Math.max(1, rows.length)));
        try (ArrayKernels kernels = new ArrayKernels(x)) {
            for (int from = 0; from < rows.length; from += CHUNK) {
                int end = Math.min(rows.length, from + CHUNK);
                Buffers chunk = end - from == whole.x().size(0) ? whole : whole.first(end - from);
                int[] places = Arrays.copyOfRange(rows, from, end);
                kernels.gather(x, places, chunk.x());
                head.logits(chunk.x(), chunk.z(), to.isPresent());
                addLosses(kernels, chunk.z(), from, to.isPresent(), losses);
                boolean adds = from > 0;
                to.ifPresent(of -> {
                    head.differentiate(chunk.z(), chunk.x(), of.x().map(unused -> chunk.dx()), adds);
                    of.x().ifPresent(dx -> kernels.place(chunk.dx(), places, dx));
                });
            }
        }
        whole.free();
        return losses;
    }

    private void zeroWhereNothingIsAdded(HeadWork head, Derivatives to) {
        to.x().filter(dx -> rows.length < dx.size(0)).ifPresent(dx -> dx.assign(0));
        if (rows.length == 0) {
            head.differentiateNothing();
        }
    }

    /** Derivatives take the logits' place, if they are wanted. */
    private void addLosses(ArrayKernels kernels, INDArray z, int from, boolean differentiated, double[] losses) {
        int count = (int) z.size(0);
        INDArray weighting = Nd4j.createFromArray(Arrays.copyOfRange(weights, from, from + count))
                .castTo(z.dataType());
        INDArray found = weighting.ulike();
        MatrixView logits = kernels.into(z);
        MachineArray numbers = kernels.integers(Arrays.copyOfRange(labels, from, from + count));
        MachineArray factors = kernels.numbers(weighting);
        MachineArray results = kernels.numbers(found);
        kernels.divide(logits, (first, some) -> {
            MatrixView part = logits.rows(first, some);
            kernels.get()
                    .loss()
                    .tokenCrossEntropy(
                            part,
                            numbers.slice(first, some),
                            Optional.of(factors.slice(first, some)),
                            results.slice(first, some),
                            differentiated ? Optional.of(part) : Optional.empty());
        });
        double[] each = found.toDoubleVector();
        for (int k = 0; k < count; k++) {
            losses[owners[from + k]] += each[k];
        }
    }
}
