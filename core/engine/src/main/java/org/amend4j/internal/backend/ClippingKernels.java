/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.validation.Checks;

/**
 * Norms of the gradients of single examples, and clipping. An example is a group of {@code steps} consecutive rows:
 * one row, or its time steps or pixels.
 *
 * <p>Norms are upper bounds: of the exact gradient of the given rows, and of the gradient that the machine computes from
 * them in the same precision. Norms of parts are combined as √(Σ n²). They are finite if the norms themselves are below
 * 3e38.
 */
public abstract class ClippingKernels {

    /** The least weight but 0, in floats. */
    public static final double LEAST_WEIGHT = 0x1p-100;

    /** The least weight but 0, in doubles. */
    public static final double LEAST_WEIGHT_OF_DOUBLES = 0x1p-1000;

    /** The least weight but 0, in numbers of a type. */
    public static double leastWeight(ElementType type) {
        return type == ElementType.DOUBLE ? LEAST_WEIGHT_OF_DOUBLES : LEAST_WEIGHT;
    }

    /**
     * How far Σ_t x_t y_tᵀ as a machine makes it of {@code steps} rows may be from the exact one, by Σ_t ‖x_t‖‖y_t‖: steps + 4
     * roundings, also those of a weight and a scale. In TF32 and BF16 also a unit in the last place of both factors, and sums may
     * be cut off instead of rounded.
     */
    public static double productError(ProductPrecision precision, int steps) {
        double sum = (steps + 4.0) * (1 + 0x1p-5);
        return switch (precision) {
            case FP32 -> sum * 0x1p-24;
            case TF32 -> sum * 0x1p-23 + 2 * 0x1p-10 + 0x1p-20;
            case BF16 -> sum * 0x1p-23 + 2 * 0x1p-7 + 0x1p-14;
        };
    }

    /**
     * norms_e² += scale²·‖Σ_t x_t y_tᵀ‖² (Frobenius) over the example's rows: the gradient of a matrix whose input is x and whose
     * output's derivative is y. Work is steps² · (columns of x and y) per example.
     *
     * @param precision of the product that sums this gradient
     * @param norms [examples], added to
     */
    public final void addProductNorms(
            MatrixView x, MatrixView y, double scale, ProductPrecision precision, MachineArray norms, int steps) {
        x.requireShape("x", y.rows(), x.columns());
        checkExamples(y, scale, norms, steps);
        if (!y.isEmpty()) {
            computeAddProductNorms(x, y, scale, precision, norms, steps);
        }
    }

    protected abstract void computeAddProductNorms(
            MatrixView x, MatrixView y, double scale, ProductPrecision precision, MachineArray norms, int steps);

    /** norms_e² += ‖Σ_t y_t‖²: the bias of that matrix. */
    public final void addSumNorms(MatrixView y, MachineArray norms, int steps) {
        checkExamples(y, 1, norms, steps);
        if (!y.isEmpty()) {
            computeAddSumNorms(y, norms, steps);
        }
    }

    protected abstract void computeAddSumNorms(MatrixView y, MachineArray norms, int steps);

    /**
     * norms_e² += scale²·Σ_k ‖Σ_{t: token_t = k} y_t‖²: a table whose rows are looked up and multiplied.
     *
     * @param tokens [rows of y]
     */
    public final void addTableNorms(MachineArray tokens, MatrixView y, double scale, MachineArray norms, int steps) {
        Shapes.requireInts("tokens", tokens, y.rows());
        checkExamples(y, scale, norms, steps);
        if (!y.isEmpty()) {
            computeAddTableNorms(tokens, y, scale, norms, steps);
        }
    }

    protected abstract void computeAddTableNorms(
            MachineArray tokens, MatrixView y, double scale, MachineArray norms, int steps);

    /**
     * As {@link #addProductNorms}, of products that are there.
     *
     * @param products Σ_t x_t y_tᵀ of each example, [examples, columns of x · columns of y], formed in that precision
     */
    public final void addFormedNorms(
            MachineArray products,
            MatrixView x,
            MatrixView y,
            double scale,
            ProductPrecision precision,
            MachineArray norms,
            int steps) {
        int examples = checkExamples(y, scale, norms, steps);
        x.requireShape("x", y.rows(), x.columns());
        long count = (long) x.columns() * y.columns();
        Shapes.requireReals("products", products, examples * count);
        if (products.length() == 0) {
            return;
        }
        computeAddFormedNorms(products, x, y, scale, precision, norms, steps);
    }

    protected abstract void computeAddFormedNorms(
            MachineArray products,
            MatrixView x,
            MatrixView y,
            double scale,
            ProductPrecision precision,
            MachineArray norms,
            int steps);

    private static int checkExamples(MatrixView y, double scale, MachineArray norms, int steps) {
        Checks.atLeast(1, "steps", steps);
        Checks.finite("scale", scale);
        int examples = (int) norms.length();
        if ((long) examples * steps != y.rows()) {
            throw new IllegalArgumentException(
                    "rows must be examples x steps = " + examples + " x " + steps + ", got " + y.rows());
        }
        return examples;
    }

    /**
     * weights = min(1, bound/norms); NaN where the norm is NaN.
     *
     * @param norms [examples]
     * @param weights [examples]
     * <p>A weight below {@link #LEAST_WEIGHT} (in doubles {@link #LEAST_WEIGHT_OF_DOUBLES}) is 0: near the smallest normal number
     * roundings are no small part of a number any more.
     *
     * @param bound at least 0; with 0 everything but a zero norm gets weight 0
     */
    public final void clipWeights(MachineArray norms, MachineArray weights, double bound) {
        Checks.notNegative("bound", bound);
        Shapes.requireReals("norms", norms, weights.length());
        Shapes.requireReals("weights", weights, norms.length());
        if (norms.length() == 0) {
            return;
        }
        computeClipWeights(norms, weights, bound);
    }

    protected abstract void computeClipWeights(MachineArray norms, MachineArray weights, double bound);

    /** Each row times the weight of its example; {@code to} may be {@code from} itself. */
    public final void scaleRows(MatrixView from, MachineArray weights, MatrixView to, int steps) {
        Checks.atLeast(1, "steps", steps);
        to.requireShape("out", from.rows(), from.columns());
        if (weights.length() * steps != from.rows()) {
            throw new IllegalArgumentException(
                    "rows must be examples x steps = " + weights.length() + " x " + steps + ", got " + from.rows());
        }
        if (from.isEmpty()) {
            return;
        }
        computeScaleRows(from, weights, to, steps);
    }

    protected abstract void computeScaleRows(MatrixView from, MachineArray weights, MatrixView to, int steps);

    /** The greatest float that is not above a bound. */
    protected static float roundedDown(double bound) {
        float nearest = (float) bound;
        return nearest > bound ? Math.nextDown(nearest) : nearest;
    }
}
