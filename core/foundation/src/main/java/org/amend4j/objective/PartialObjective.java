/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.amend4j.identity.Facts;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.numeric.Vectors;

/**
 * An objective as a function of some of its parameters; the others stay at given values. The free parameters, in their
 * order in the whole vector, are the parameter vector; weight decay applies to them alone. Records' gradients are clipped as in
 * the whole objective: clipping applies to whole gradients.
 */
public final class PartialObjective extends ForwardingObjective {

    private final RecordObjective whole;
    private final List<IndexRange> ranges;
    private final double[] fixed;
    private final double[] wholeGradient;
    private final int dimension;
    private final double fixedPenalty;

    private PartialObjective(RecordObjective whole, List<IndexRange> ranges, double[] fixed) {
        super(whole);
        this.whole = whole;
        this.ranges = ranges;
        this.fixed = fixed;
        this.wholeGradient = new double[fixed.length];
        this.dimension = ranges.stream().mapToInt(IndexRange::length).sum();
        this.fixedPenalty = whole.weightDecay() / 2 * Vectors.dot(fixed, fixed);
    }

    /**
     * An objective of some of its parameters.
     *
     * @param whole the objective of all
     * @param free where the free parameters are: ascending, not overlapping
     * @param values of all parameters; those outside of {@code free} are kept, the others ignored
     * @throws IllegalArgumentException if a range or the number of values does not fit
     */
    public static PartialObjective of(RecordObjective whole, List<IndexRange> free, double[] values) {
        Vectors.requireLength("the values", values, whole.dimension());
        IndexRange.requireAscending(free, whole.dimension());
        double[] fixed = values.clone();
        for (IndexRange range : free) {
            Arrays.fill(fixed, range.from(), range.to(), 0);
        }
        return new PartialObjective(whole, List.copyOf(free), fixed);
    }

    /**
     * The whole vector.
     *
     * @param free the free parameters, [dimension]; only read
     * @throws IllegalArgumentException if the length is wrong
     */
    public double[] full(double[] free) {
        Vectors.requireLength("the free parameters", free, dimension);
        double[] all = fixed.clone();
        int at = 0;
        for (IndexRange range : ranges) {
            System.arraycopy(free, at, all, range.from(), range.length());
            at += range.length();
        }
        return all;
    }

    /**
     * The free parameters in a whole vector.
     *
     * @throws IllegalArgumentException if the length is wrong
     */
    public double[] free(double[] all) {
        Vectors.requireLength("the whole vector", all, fixed.length);
        double[] free = new double[dimension];
        gather(all, free);
        return free;
    }

    private void gather(double[] all, double[] free) {
        int at = 0;
        for (IndexRange range : ranges) {
            System.arraycopy(all, range.from(), free, at, range.length());
            at += range.length();
        }
    }

    /** Where the free parameters are in the whole vector. */
    public List<IndexRange> ranges() {
        return ranges;
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public double value(double[] theta) {
        return whole.value(full(theta)) - fixedPenalty;
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        Vectors.requireLength("the gradient", gradient, dimension);
        double value = whole.valueAndGradient(full(theta), wholeGradient) - fixedPenalty;
        gather(wholeGradient, gradient);
        return value;
    }

    @Override
    public PartialObjective restrictedTo(RecordIds subset) {
        return new PartialObjective(whole.restrictedTo(subset), ranges, fixed);
    }

    @Override
    public String fingerprint() {
        return fingerprint(whole.fingerprint());
    }

    @Override
    public String settingsFingerprint() {
        return fingerprint(whole.settingsFingerprint());
    }

    private String fingerprint(String ofWhole) {
        MessageDigest digest = Sha256.start();
        digest.update((ofWhole + '\n' + Facts.text(ranges) + '\n').getBytes(StandardCharsets.UTF_8));
        ByteBuffer numbers = ByteBuffer.allocate(Math.multiplyExact(Double.BYTES, fixed.length));
        for (double value : fixed) {
            numbers.putDouble(value);
        }
        digest.update(numbers.flip());
        return Sha256.hex(digest);
    }

    @Override
    public String toString() {
        return "PartialObjective[" + dimension + " of " + fixed.length + " parameters of " + whole + "]";
    }
}
