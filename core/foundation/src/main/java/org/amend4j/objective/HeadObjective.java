/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalDouble;
import org.amend4j.identity.Facts;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Summation;
import org.amend4j.numeric.SymmetricOperator;
import org.amend4j.numeric.Vectors;
import org.amend4j.record.RecordContents;

/**
 * The mean loss of a linear head on fixed feature rows, {@code (1/N)·Σ ℓ(θᵀx_r, t_r) + (λ/2)·‖θ‖²}: logistic regression with
 * one output, or softmax with cross-entropy. N is the number of records, or a fixed public number.
 *
 * <p>θ is the matrix [inputs, outputs] column after column ('f' order): {@code θ[k·inputs + i]} joins feature i to output
 * k; {@linkplain #withBias() with a bias}, [outputs] more follow. That is the parameter vector of a Deeplearning4j
 * {@code OutputLayer}, into which it can be copied as it is.
 *
 * <p>Everything is plain double arithmetic in a fixed order with Java's {@link StrictMath}: a function of θ, the records and
 * nothing else, on every machine, with any number of threads. Sums over records are {@link Summation#PAIRWISE}, in ascending order of ids. Unlike other
 * objectives it is thread-safe. If every row has norm X at most, a record's gradient (without the penalty) has
 * norm X at most for logistic, √2·X for softmax, and is X²/4- or X²/2-Lipschitz; with a bias, X counts a feature that is 1.
 */
public final class HeadObjective implements RecordObjective {

    private final HeadRows rows;
    private final RecordIds all;
    private final RecordIds ids;
    private final int[] order;
    private final OptionalDouble normaliser;
    private final double weightDecay;

    private HeadObjective(HeadRows rows, RecordIds all, RecordIds ids, OptionalDouble normaliser, double weightDecay) {
        this.rows = rows;
        this.all = all;
        this.ids = ids;
        this.order = ids.stream().mapToInt(all::indexOf).toArray();
        this.normaliser = normaliser;
        this.weightDecay = weightDecay;
    }

    private static HeadObjective of(HeadRows rows) {
        RecordIds ids = RecordIds.firstN(rows.size());
        return new HeadObjective(rows, ids, ids, OptionalDouble.empty(), 0);
    }

    /**
     * Logistic regression; the records have the ids 0, 1, ...
     *
     * @param features [records][inputs], finite; copied
     * @param labels [records], each in [0, 1]; copied
     * @throws IllegalArgumentException if there are no records, lengths differ or a number is out of its range
     */
    public static HeadObjective logistic(double[][] features, double[] labels) {
        return of(HeadRows.logistic(features, labels));
    }

    /**
     * Softmax regression; the records have the ids 0, 1, ...
     *
     * @param features [records][inputs], finite; copied
     * @param labels [records][outputs], rows of numbers in [0, 1] that sum to 1 but for rounding; copied
     * @throws IllegalArgumentException if there are no records, lengths differ or a number is out of its range
     */
    public static HeadObjective softmax(double[][] features, double[][] labels) {
        return of(HeadRows.softmax(features, labels));
    }

    /**
     * As {@link #softmax(double[][], double[][])}, with hard labels.
     *
     * @param labels [records], each in [0, classes)
     */
    public static HeadObjective softmax(double[][] features, int[] labels, int classes) {
        Checks.atLeast(2, "the number of classes", classes);
        double[][] distributions = new double[labels.length][classes];
        for (int r = 0; r < labels.length; r++) {
            distributions[r][Checks.inRange(0, classes - 1, "the label of row " + r, labels[r])] = 1;
        }
        return softmax(features, distributions);
    }

    /** The same with a number of its own added to every output, which is decayed as the others are. */
    public HeadObjective withBias() {
        return new HeadObjective(rows.withBias(), all, ids, normaliser, weightDecay);
    }

    /**
     * The same records under other ids.
     *
     * @param newIds ascending, one per record
     * @throws IllegalArgumentException if the number differs or they do not ascend
     */
    public HeadObjective withIds(long... newIds) {
        if (newIds.length != order.length) {
            throw new IllegalArgumentException(
                    "ids must be " + order.length + ", one per record, got " + newIds.length);
        }
        if (order.length != rows.size()) {
            throw new IllegalStateException("ids can only be given to all records, not to a subset of them");
        }
        RecordIds sorted = RecordIds.of(newIds);
        if (!Arrays.equals(sorted.stream().toArray(), newIds)) {
            throw new IllegalArgumentException("record ids must ascend");
        }
        return new HeadObjective(rows, sorted, sorted, normaliser, weightDecay);
    }

    /**
     * Divides by a fixed number instead of the number of records, so that removing a record changes nothing but that
     * record's term. Choose it without looking at the data.
     */
    public HeadObjective withNormaliser(double fixed) {
        Checks.positive("the normaliser", fixed);
        return new HeadObjective(rows, all, ids, OptionalDouble.of(fixed), weightDecay);
    }

    /** Adds {@code (λ/2)·‖θ‖²}, over every parameter. */
    public HeadObjective withWeightDecay(double lambda) {
        Checks.notNegative("weight decay", lambda);
        return new HeadObjective(rows, all, ids, normaliser, lambda);
    }

    @Override
    public HeadObjective restrictedTo(RecordIds subset) {
        ids.requireAll(subset);
        if (subset.isEmpty()) {
            throw new IllegalArgumentException("an objective must have records, got an empty subset");
        }
        return new HeadObjective(rows, all, subset, normaliser, weightDecay);
    }

    @Override
    public RecordIds records() {
        return ids;
    }

    @Override
    public OptionalDouble fixedNormaliser() {
        return normaliser;
    }

    @Override
    public double weightDecay() {
        return weightDecay;
    }

    @Override
    public int dimension() {
        return rows.dimension();
    }

    /** The number of features. */
    public int inputs() {
        return rows.inputs();
    }

    /** The number of outputs: 1 if logistic, else the number of classes. */
    public int outputs() {
        return rows.outputs();
    }

    /** How records are added up. */
    public Summation summation() {
        return Summation.PAIRWISE;
    }

    @Override
    public Precision precision() {
        return Precision.DOUBLE;
    }

    /**
     * The largest norm of a feature row among the records, rounded up and without a bias's 1: what X must be at least. X itself must be public,
     * not this number.
     */
    public double largestFeatureNorm() {
        double largest = Arrays.stream(order).mapToDouble(rows::norm).max().orElseThrow();
        // each of the sum's terms is rounded inputs times at most, the root once; twice that for certain
        return largest * (1 + (rows.inputs() + 2) * 0x1p-52);
    }

    @Override
    public double value(double[] theta) {
        Vectors.requireLength("the parameter vector", theta, dimension());
        return mean(sum(theta).loss(), theta);
    }

    /** Sums with losses, by one thread. */
    HeadSum sum(double[] theta) {
        return new HeadSum(rows, order, theta, true);
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        Vectors.requireLength("the parameter vector", theta, dimension());
        Vectors.requireLength("the gradient", gradient, dimension());
        double sum = HeadSum.lossAndGradient(rows, order, theta, gradient, true);
        finish(theta, gradient);
        return mean(sum, theta);
    }

    /** The same bytes, without the losses' logarithms. */
    @Override
    public void gradient(double[] theta, double[] gradient) {
        Vectors.requireLength("the parameter vector", theta, dimension());
        Vectors.requireLength("the gradient", gradient, dimension());
        HeadSum.lossAndGradient(rows, order, theta, gradient, false);
        finish(theta, gradient);
    }

    private void finish(double[] theta, double[] gradient) {
        double n = divisor();
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = gradient[i] / n + weightDecay * theta[i];
        }
    }

    private double mean(double sum, double[] theta) {
        double mean = sum / divisor();
        return weightDecay == 0 ? mean : mean + weightDecay / 2 * Vectors.dot(theta, theta);
    }

    /** Exact up to rounding. */
    @Override
    public SymmetricOperator curvature(double[] theta) {
        Vectors.requireLength("the parameter vector", theta, dimension());
        return new HeadCurvature(rows, order, divisor(), weightDecay, theta);
    }

    private double divisor() {
        return normaliser.orElse(order.length);
    }

    /** Depends on the records that are in the sum only, not on what else there was in the data. */
    @Override
    public String fingerprint() {
        MessageDigest digest = Sha256.start();
        digest.update((facts() + ' ' + ids.size() + '\n').getBytes(StandardCharsets.UTF_8));
        ByteBuffer id = ByteBuffer.allocate(Long.BYTES);
        for (int k = 0; k < order.length; k++) {
            digest.update(id.clear().putLong(ids.get(k)).flip());
            rows.update(digest, order[k]);
        }
        return Sha256.hex(digest);
    }

    private String facts() {
        return "HeadObjective " + rows.loss().name() + ' ' + rows.inputs() + ' ' + rows.outputs() + ' '
                + Facts.text(normaliser) + ' ' + Facts.text(weightDecay) + (rows.bias() ? " bias" : "");
    }

    @Override
    public String settingsFingerprint() {
        MessageDigest digest = Sha256.start();
        return HexFormat.of().formatHex(digest.digest(facts().getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * The records in the sum as bytes, to be committed to.
     *
     * @param subjects of the records, one per record
     * @throws IllegalArgumentException if the number of subjects differs
     */
    public RecordContents contents(long... subjects) {
        if (subjects.length != order.length) {
            throw new IllegalArgumentException(
                    "subjects must be " + order.length + ", one per record, got " + subjects.length);
        }
        long[] units = subjects.clone();
        return new RecordContents() {
            @Override
            public int size() {
                return order.length;
            }

            @Override
            public long id(int k) {
                return ids.get(k);
            }

            @Override
            public long unit(int k) {
                return units[k];
            }

            @Override
            public byte[] content(int k) {
                return rows.content(order[k]);
            }
        };
    }

    @Override
    public String toString() {
        return "HeadObjective[" + rows.loss() + ", " + ids.size() + " records, " + rows.inputs() + " x "
                + rows.outputs() + (rows.bias() ? " weights and a bias]" : " weights]");
    }
}
