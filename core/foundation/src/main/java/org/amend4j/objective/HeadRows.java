/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.amend4j.numeric.Vectors;
import org.amend4j.record.RecordBytes;
import org.amend4j.record.RecordBytes.Part;

/**
 * Feature rows and labels of a linear head. Built once and shared by all objectives on it.
 *
 * @param loss the loss
 * @param inputs features of a row
 * @param outputs labels of a row
 * @param features [rows][inputs], an array for each row, see {@link HeadLeaf}
 * @param labels [rows × outputs]
 * @param bias whether θ ends with a number per output that is added to it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never handed out
record HeadRows(HeadLoss loss, int inputs, int outputs, double[][] features, double[] labels, boolean bias) {

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
        double[][] x = copies("features", features, inputs, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        double[][] t = copies("labels", labels, outputs, 0, 1);
        double[] flat = new double[Math.multiplyExact(t.length, outputs)];
        for (int r = 0; r < t.length; r++) {
            System.arraycopy(t[r], 0, flat, r * outputs, outputs);
        }
        return new HeadRows(loss, inputs, outputs, x, flat, false);
    }

    private static double[][] copies(String what, double[][] rows, int width, double least, double most) {
        double[][] result = new double[rows.length][];
        for (int r = 0; r < rows.length; r++) {
            double[] row = rows[r].clone();
            if (row.length != width) {
                throw new IllegalArgumentException(
                        what + " must be " + width + " as in row 0, got " + row.length + " in row " + r);
            }
            for (int i = 0; i < width; i++) {
                double value = row[i];
                if (!Double.isFinite(value) || value < least || value > most) {
                    String rule = least == 0 ? "in [0, 1]" : "finite";
                    throw new IllegalArgumentException(
                            what + " must be " + rule + ", got " + value + " in row " + r + ", column " + i);
                }
            }
            result[r] = row;
        }
        return result;
    }

    /** The same with a bias. */
    HeadRows withBias() {
        return new HeadRows(loss, inputs, outputs, features, labels, true);
    }

    int size() {
        return features.length;
    }

    int dimension() {
        return inputs * outputs + (bias ? outputs : 0);
    }

    /** ‖x‖ of a row. */
    double norm(int row) {
        return Vectors.norm(features[row]);
    }

    /**
     * Writes the outputs of four rows, {@code z_k = Σ_i θ_{k·inputs + i}·x_i}, plus {@code θ_{outputs·inputs + k}} with a bias: each added
     * as {@link Vectors#dot} adds, side by side, so that θ is read once for all.
     */
    void outputs(int row0, int row1, int row2, int row3, double[] theta, double[] into, int from) {
        for (int k = 0; k < outputs; k++) {
            int to = from + k;
            dots(features[row0], features[row1], features[row2], features[row3], theta, k * inputs, into, to);
            if (bias) {
                double more = theta[outputs * inputs + k];
                for (int at = to; at < to + 4 * outputs; at += outputs) {
                    into[at] += more;
                }
            }
        }
    }

    /** Sixteen sums: a to d of the first row, and so on. */
    private void dots(
            double[] x, double[] y, double[] u, double[] v, double[] theta, int first, double[] into, int to) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        double e = 0;
        double f = 0;
        double g = 0;
        double h = 0;
        double j = 0;
        double k = 0;
        double l = 0;
        double m = 0;
        double n = 0;
        double o = 0;
        double p = 0;
        double q = 0;
        int i = 0;
        int limit = x.length - 3; // with i + 3 < x.length HotSpot would check every index
        for (; i < limit; i += 4) {
            double t0 = theta[first + i];
            double t1 = theta[first + i + 1];
            double t2 = theta[first + i + 2];
            double t3 = theta[first + i + 3];
            a += t0 * x[i];
            b += t1 * x[i + 1];
            c += t2 * x[i + 2];
            d += t3 * x[i + 3];
            e += t0 * y[i];
            f += t1 * y[i + 1];
            g += t2 * y[i + 2];
            h += t3 * y[i + 3];
            j += t0 * u[i];
            k += t1 * u[i + 1];
            l += t2 * u[i + 2];
            m += t3 * u[i + 3];
            n += t0 * v[i];
            o += t1 * v[i + 1];
            p += t2 * v[i + 2];
            q += t3 * v[i + 3];
        }
        for (; i < x.length; i++) {
            double t = theta[first + i];
            a += t * x[i];
            e += t * y[i];
            j += t * u[i];
            n += t * v[i];
        }
        into[to] = (a + b) + (c + d);
        into[to + outputs] = (e + f) + (g + h);
        into[to + 2 * outputs] = (j + k) + (l + m);
        into[to + 3 * outputs] = (n + o) + (p + q);
    }

    /** A row as a record's bytes. */
    byte[] content(int row) {
        return new RecordBytes()
                .add(Part.FEATURES, new long[] {inputs}, features[row])
                .add(Part.LABELS, new long[] {outputs}, Arrays.copyOfRange(labels, row * outputs, (row + 1) * outputs))
                .toBytes();
    }

    /** Feeds a row into a digest. */
    void update(MessageDigest digest, int row) {
        ByteBuffer numbers = ByteBuffer.allocate(Double.BYTES * (inputs + outputs));
        for (double feature : features[row]) {
            numbers.putDouble(feature);
        }
        for (int k = 0; k < outputs; k++) {
            numbers.putDouble(labels[row * outputs + k]);
        }
        digest.update(numbers.flip());
    }
}
