/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import java.io.Serializable;
import java.util.OptionalDouble;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.RecordObjective;

/**
 * What a block contributes: sums over its records, without normaliser and weight decay. Serializable so that it can come from another
 * process; no file has it in that form.
 */
public final class BlockSum implements Serializable {

    private static final long serialVersionUID = 1;

    /** How much of it is wanted. */
    public enum Wanted {
        /** The value alone. */
        VALUE,
        /** The value and the gradient. */
        GRADIENT,
        /** These and the norms of the adapted weights' gradients. */
        WEIGHT_GRADIENT_NORMS
    }

    private static final double[] NONE = {};

    private final double value;
    private final double[] gradient;
    private final double[] weightGradientNorms;

    /**
     * Of some numbers; the arrays are not copied and belong to whoever is given the sum.
     *
     * @param value the sum of losses
     * @param gradient the sum of gradients, [dimension]; empty if only values are wanted
     * @param weightGradientNorms per adapter the norm of the sum of the derivatives at the adapted weight, [adapters]; empty if not
     *     wanted
     */
    public BlockSum(double value, double[] gradient, double[] weightGradientNorms) {
        this.value = value;
        this.gradient = gradient;
        this.weightGradientNorms = weightGradientNorms;
    }

    /** The sum of losses. */
    public double value() {
        return value;
    }

    /** The sum of gradients; not a copy. */
    public double[] gradient() {
        return gradient;
    }

    /** Per adapter the norm of the sum of the derivatives at the adapted weight; not a copy. */
    public double[] weightGradientNorms() {
        return weightGradientNorms;
    }

    /**
     * This one plus another.
     *
     * @param other of the same lengths; only read
     * @return has this one's arrays, in which the sums are now
     */
    BlockSum plusInPlace(BlockSum other) {
        addInPlace(gradient, other.gradient, "a block's gradient");
        addInPlace(weightGradientNorms, other.weightGradientNorms, "a block's norms");
        return new BlockSum(value + other.value, gradient, weightGradientNorms);
    }

    private static void addInPlace(double[] sum, double[] more, String what) {
        Vectors.requireLength(what, more, sum.length);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
        }
    }

    /**
     * The sum over all records of an objective.
     *
     * @param block divided by 1, without weight decay; a {@link LowRankObjective} if norms are wanted
     * @param theta [dimension]; only read
     */
    public static BlockSum of(RecordObjective block, double[] theta, Wanted wanted) {
        if (wanted == Wanted.VALUE) {
            return new BlockSum(block.value(theta), NONE, NONE);
        }
        double[] gradient = new double[block.dimension()];
        if (wanted == Wanted.GRADIENT) {
            return new BlockSum(block.valueAndGradient(theta, gradient), gradient, NONE);
        }
        if (!(block instanceof LowRankObjective lowRank)) {
            throw new IllegalArgumentException("only an objective with adapters knows their weights' gradients");
        }
        double[] norms = new double[lowRank.adapters().size()];
        return new BlockSum(lowRank.valueAndGradient(theta, gradient, norms), gradient, norms);
    }

    /**
     * Checks that an objective is a plain sum.
     *
     * @throws IllegalArgumentException if it is divided by another number than 1 or has weight decay, which are applied once, to
     *     the sum of all blocks
     */
    public static void requirePlain(RecordObjective block) {
        if (!block.fixedNormaliser().equals(OptionalDouble.of(1)) || block.weightDecay() != 0) {
            throw new IllegalArgumentException(
                    "a block must be a plain sum, with normaliser 1 and weight decay 0, got normaliser "
                            + (block.fixedNormaliser().isPresent()
                                    ? "" + block.fixedNormaliser().getAsDouble()
                                    : "of its records")
                            + " and weight decay " + block.weightDecay());
        }
    }
}
