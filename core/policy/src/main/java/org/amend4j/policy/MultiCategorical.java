/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * Several indices at once, independently: for each one a softmax of its own logits, which are concatenated. Masks
 * are per index, too, with one flag for each of its values; they cannot forbid pairs.
 *
 * @param counts number of values of each index, at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
public record MultiCategorical(int[] counts) implements ActionDistribution {

    public MultiCategorical {
        Checks.atLeast(1, "number of indices", counts.length);
        int sum = 0;
        for (int count : counts) {
            sum = Math.addExact(sum, Checks.atLeast(1, "number of values", count));
        }
        counts = counts.clone();
    }

    /** Of so many values each. */
    public static MultiCategorical of(int... counts) {
        return new MultiCategorical(counts);
    }

    @Override
    public Facts facts() {
        return Facts.of("MultiCategorical").withEach(IntStream.of(counts));
    }

    @Override
    public int[] counts() {
        return counts.clone();
    }

    @Override
    public int outputs() {
        return Arrays.stream(counts).sum();
    }

    @Override
    public int actionSize() {
        return counts.length;
    }

    @Override
    public void requireFor(Space actionSpace) {
        if (!(actionSpace instanceof Space.MultiDiscrete discrete) || !Arrays.equals(discrete.counts(), counts)) {
            throw new IllegalArgumentException("a categorical policy of indices with " + Arrays.toString(counts)
                    + " values needs actions of the same, got " + actionSpace);
        }
    }

    @Override
    public double logProbability(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        double sum = 0;
        int from = at;
        for (int i = 0; i < counts.length; i++) {
            sum += Categorical.logProbability(outputs, from, counts[i], (int) actions[actionAt + i]);
            from += counts[i];
        }
        return sum;
    }

    @Override
    public void sample(double[] outputs, int at, double[] free, SplitMix64 random, double[] actions, int actionAt) {
        int from = at;
        for (int i = 0; i < counts.length; i++) {
            actions[actionAt + i] = Categorical.draw(outputs, from, counts[i], random.nextDouble());
            from += counts[i];
        }
    }

    @Override
    public void mode(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        int from = at;
        for (int i = 0; i < counts.length; i++) {
            actions[actionAt + i] = Categorical.mode(outputs, from, counts[i]);
            from += counts[i];
        }
    }

    @Override
    public double entropy(double[] outputs, int at, double[] free) {
        double sum = 0;
        int from = at;
        for (int count : counts) {
            sum += Categorical.entropy(outputs, from, count);
            from += count;
        }
        return sum;
    }

    @Override
    public OptionalDouble greatestEntropy() {
        return OptionalDouble.of(Arrays.stream(counts).mapToDouble(Math::log).sum());
    }

    @Override
    public void addScore(
            double weight, double[] outputs, int at, double[] free, double[] actions, int actionAt, Derivatives into) {
        int from = at;
        for (int i = 0; i < counts.length; i++) {
            Categorical.addScore(weight, outputs, from, counts[i], (int) actions[actionAt + i], into.ofOutputs());
            from += counts[i];
        }
    }

    @Override
    public void addEntropyGradient(double weight, double[] outputs, int at, double[] free, Derivatives into) {
        int from = at;
        for (int count : counts) {
            Categorical.addEntropyGradient(weight, outputs, from, count, into.ofOutputs());
            from += count;
        }
    }

    @Override
    public int flags() {
        return outputs();
    }

    @Override
    public void maskInPlace(double[] outputs, int at, boolean[] allowed, int allowedAt) {
        int done = 0;
        for (int count : counts) {
            Categorical.maskInPlace(outputs, at + done, count, allowed, allowedAt + done);
            done += count;
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MultiCategorical that && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return "MultiCategorical" + Arrays.toString(counts);
    }
}
