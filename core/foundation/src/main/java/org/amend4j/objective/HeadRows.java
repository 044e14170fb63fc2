package org.amend4j.objective;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.amend4j.numeric.Vectors;
import org.amend4j.record.RecordBytes;
import org.amend4j.record.RecordBytes.Part;

/**
 * Feature rows and labels of a linear head, row after row. Built once and shared by all objectives on it.
 *
 * @param loss the loss
 * @param inputs features of a row
 * @param outputs labels of a row
 * @param features [rows × inputs]
 * @param labels [rows × outputs]
 * @param bias whether θ ends with a number per output that is added to it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never handed out
record HeadRows(HeadLoss loss, int inputs, int outputs, double[] features, double[] labels, boolean bias) {

    /** What a label's sum may miss 1 by, per class: the rounding of numbers that were divided by their sum. */
    private static final double PER_CLASS = 0x1p-52;

    static HeadRows logistic(double[][] features, double[] labels) {
        double[][] columns = new double[labels.length][];
        for (int r = 0; r < labels.length; r++) {
            columns[r] = new double[] {labels[r]};
        }
        return of(HeadLoss.LOGISTIC, features, columns, 1);
    }

    static HeadRows softmax(double[][] features, double[][] labels) {
        int classes = labels.length == 0 ? 0 : labels[0].length;
        if (labels.length > 0 && classes < 2) {
            throw new IllegalArgumentException("a softmax head must have >= 2 classes, got " + classes);
        }
        HeadRows rows = of(HeadLoss.SOFTMAX, features, labels, classes);
        for (int r = 0; r < labels.length; r++) {
            double sum = 0;
            for (double label : labels[r]) {
                sum += label;
            }
            if (Math.abs(sum - 1) > PER_CLASS * classes) {
                throw new IllegalArgumentException("labels must sum to 1, got " + sum + " in row " + r);
            }
        }
        return rows;
    }

    private static HeadRows of(HeadLoss loss, double[][] features, double[][] labels, int outputs) {
        if (features.length != labels.length) {
            throw new IllegalArgumentException(
                    "labels must be " + features.length + ", one per feature row, got " + labels.length);
        }
        if (features.length == 0) {
            throw new IllegalArgumentException("an objective must have records, got none");
        }
        int inputs = features[0].length;
        if (inputs == 0) {
            throw new IllegalArgumentException("a feature row must have >= 1 features, got 0");
        }
        Math.multiplyExact(features.length, Math.max(inputs, outputs));
        double[] x = flat("features", features, inputs, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        return new HeadRows(loss, inputs, outputs, x, flat("labels", labels, outputs, 0, 1), false);
    }

    private static double[] flat(String what, double[][] rows, int width, double least, double most) {
        double[] result = new double[rows.length * width];
        for (int r = 0; r < rows.length; r++) {
            if (rows[r].length != width) {
                throw new IllegalArgumentException(
                        what + " must be " + width + " as in row 0, got " + rows[r].length + " in row " + r);
            }
            for (int i = 0; i < width; i++) {
                double value = rows[r][i];
                if (!Double.isFinite(value) || value < least || value > most) {
                    String rule = least == 0 ? "in [0, 1]" : "finite";
                    throw new IllegalArgumentException(
                            what + " must be " + rule + ", got " + value + " in row " + r + ", column " + i);
                }
                result[r * width + i] = value;
            }
        }
        return result;
    }

    /** The same with a bias. */
    HeadRows withBias() {
        return new HeadRows(loss, inputs, outputs, features, labels, true);
    }

    int size() {
        return features.length / inputs;
    }

    int dimension() {
        return inputs * outputs + (bias ? outputs : 0);
    }

    /** ‖x‖ of a row. */
    double norm(int row) {
        return Vectors.norm(Arrays.copyOfRange(features, row * inputs, (row + 1) * inputs));
    }

    /**
     * Writes the outputs of two rows, {@code z_k = Σ_i θ_{k·inputs + i}·x_i}, plus {@code θ_{outputs·inputs + k}} with a bias: each added
     * as {@link Vectors#dot} adds, side by side, so that θ is read once for both.
     */
    void outputs(int row, int next, double[] theta, double[] into, int from) {
        for (int k = 0; k < outputs; k++) {
            dots(row * inputs, next * inputs, theta, k * inputs, into, from + k);
            if (bias) {
                into[from + k] += theta[outputs * inputs + k];
                into[from + outputs + k] += theta[outputs * inputs + k];
            }
        }
    }

    private void dots(int p, int q, double[] theta, int at, double[] into, int to) {
        double[] x = features;
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        double e = 0;
        double f = 0;
        double g = 0;
        double h = 0;
        int i = 0;
        for (; i + 3 < inputs; i += 4) {
            double t0 = theta[at + i];
            double t1 = theta[at + i + 1];
            double t2 = theta[at + i + 2];
            double t3 = theta[at + i + 3];
            a += t0 * x[p + i];
            b += t1 * x[p + i + 1];
            c += t2 * x[p + i + 2];
            d += t3 * x[p + i + 3];
            e += t0 * x[q + i];
            f += t1 * x[q + i + 1];
            g += t2 * x[q + i + 2];
            h += t3 * x[q + i + 3];
        }
        for (; i < inputs; i++) {
            a += theta[at + i] * x[p + i];
            e += theta[at + i] * x[q + i];
        }
        into[to] = (a + b) + (c + d);
        into[to + outputs] = (e + f) + (g + h);
    }

    /** A row as a record's bytes. */
    byte[] content(int row) {
        return new RecordBytes()
                .add(Part.FEATURES, new long[] {inputs}, Arrays.copyOfRange(features, row * inputs, (row + 1) * inputs))
                .add(Part.LABELS, new long[] {outputs}, Arrays.copyOfRange(labels, row * outputs, (row + 1) * outputs))
                .toBytes();
    }

    /** Feeds a row into a digest. */
    void update(MessageDigest digest, int row) {
        ByteBuffer numbers = ByteBuffer.allocate(Double.BYTES * (inputs + outputs));
        for (int i = 0; i < inputs; i++) {
            numbers.putDouble(features[row * inputs + i]);
        }
        for (int k = 0; k < outputs; k++) {
            numbers.putDouble(labels[row * outputs + k]);
        }
        digest.update(numbers.flip());
    }
}
