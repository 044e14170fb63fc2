/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.absent;
import static org.amend4j.cuda.device.Argument.count;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;
import org.amend4j.cuda.device.ProductPrecision;
import org.amend4j.internal.validation.Checks;

/**
 * Norms of the gradients of single examples, and clipping (clipping.cu). An example is a group of {@code steps} consecutive rows:
 * one row, or its time steps or pixels.
 *
 * <p>Norms are upper bounds: of the exact gradient of the given rows, and of the gradient that the device computes from
 * them in the same precision. Norms of parts are combined as √(Σ n²). They are finite if the norms themselves are below
 * 3e38.
 */
public final class ClippingKernels {

    private static final int BLOCK = 128;

    private final KernelModule module;

    ClippingKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static ClippingKernels on(Device device) {
        return new ClippingKernels(device, KernelSource.resource("clipping"));
    }

    /**
     * How far Σ_t x_t y_tᵀ as a device makes it of {@code steps} rows may be from the exact one, by Σ_t ‖x_t‖‖y_t‖: steps + 4
     * roundings, also those of a weight and a scale. In TF32 and BF16 also a unit in the last place of both factors, and sums may
     * be cut off instead of rounded.
     */
    static double productError(ProductPrecision precision, int steps) {
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
    public void addProductNorms(
            DeviceMatrix x, DeviceMatrix y, double scale, ProductPrecision precision, DeviceArray norms, int steps) {
        x.requireShape("x", y.rows(), x.columns());
        launch(in(x.array()), x.stride(), x.columns(), absent(), y, scale, precision, norms, steps);
    }

    /** norms_e² += ‖Σ_t y_t‖²: the bias of that matrix. */
    public void addSumNorms(DeviceMatrix y, DeviceArray norms, int steps) {
        launch(absent(), 0, 0, absent(), y, 1, ProductPrecision.FP32, norms, steps);
    }

    /**
     * norms_e² += Σ_k ‖Σ_{t: token_t = k} y_t‖²: a table whose rows are looked up.
     *
     * @param tokens [rows of y]
     */
    public void addTableNorms(DeviceArray tokens, DeviceMatrix y, DeviceArray norms, int steps) {
        Shapes.requireInts("tokens", tokens, y.rows());
        launch(absent(), 0, 0, in(tokens), y, 1, ProductPrecision.FP32, norms, steps);
    }

    private void launch(
            Argument x,
            int strideX,
            int columnsX,
            Argument tokens,
            DeviceMatrix y,
            double scale,
            ProductPrecision precision,
            DeviceArray norms,
            int steps) {
        int examples = examples(y, scale, norms, steps);
        if (y.isEmpty()) {
            return;
        }
        module.launch(
                "ghost_norms",
                blockPerExample(examples),
                x,
                integer(strideX),
                integer(columnsX),
                tokens,
                in(y.array()),
                integer(y.stride()),
                integer(y.columns()),
                real(Math.abs((float) scale)),
                real((float) productError(precision, steps)),
                out(norms),
                integer(examples),
                integer(steps));
    }

    /**
     * As {@link #addProductNorms}, of products that are there.
     *
     * @param products Σ_t x_t y_tᵀ of each example, [examples, columns of x · columns of y], formed in that precision
     */
    public void addFormedNorms(
            DeviceArray products,
            DeviceMatrix x,
            DeviceMatrix y,
            double scale,
            ProductPrecision precision,
            DeviceArray norms,
            int steps) {
        int examples = examples(y, scale, norms, steps);
        x.requireShape("x", y.rows(), x.columns());
        long count = (long) x.columns() * y.columns();
        Shapes.requireFloats("products", products, examples * count);
        if (products.length() == 0) {
            return;
        }
        module.launch(
                "formed_norms",
                blockPerExample(examples),
                in(products),
                count(count),
                in(x.array()),
                integer(x.stride()),
                integer(x.columns()),
                in(y.array()),
                integer(y.stride()),
                integer(y.columns()),
                real(Math.abs((float) scale)),
                real((float) productError(precision, steps)),
                out(norms),
                integer(examples),
                integer(steps));
    }

    private static int examples(DeviceMatrix y, double scale, DeviceArray norms, int steps) {
        Checks.atLeast(1, "steps", steps);
        Checks.finite("scale", scale);
        int examples = (int) norms.length();
        if ((long) examples * steps != y.rows()) {
            throw new IllegalArgumentException(
                    "rows must be examples x steps = " + examples + " x " + steps + ", got " + y.rows());
        }
        return examples;
    }

    /** With a double of shared memory for each warp. */
    private static LaunchShape blockPerExample(int examples) {
        LaunchShape floats = LaunchShape.blockPerRow(examples, BLOCK);
        return new LaunchShape(floats.gridX(), floats.gridY(), BLOCK, BLOCK / 32 * Double.BYTES);
    }

    /**
     * weights = min(1, bound/norms); NaN where the norm is NaN.
     *
     * @param norms [examples]
     * @param weights [examples]
     * @param bound at least 0; with 0 everything but a zero norm gets weight 0
     */
    public void clipWeights(DeviceArray norms, DeviceArray weights, double bound) {
        Checks.notNegative("bound", bound);
        Shapes.requireFloats("norms", norms, weights.length());
        Shapes.requireFloats("weights", weights, norms.length());
        if (norms.length() == 0) {
            return;
        }
        module.launch(
                "clip_weights",
                LaunchShape.linear(norms.length()),
                in(norms),
                out(weights),
                real(roundedDown(bound)),
                integer((int) norms.length()));
    }

    private static float roundedDown(double bound) {
        float nearest = (float) bound;
        return nearest > bound ? Math.nextDown(nearest) : nearest;
    }

    /** Each row times the weight of its example; {@code to} may be {@code from} itself. */
    public void scaleRows(DeviceMatrix from, DeviceArray weights, DeviceMatrix to, int steps) {
        Checks.atLeast(1, "steps", steps);
        to.requireShape("out", from.rows(), from.columns());
        if (weights.length() * steps != from.rows()) {
            throw new IllegalArgumentException(
                    "rows must be examples x steps = " + weights.length() + " x " + steps + ", got " + from.rows());
        }
        if (from.isEmpty()) {
            return;
        }
        module.launch(
                "scale_rows",
                Shapes.columnsBy(from.columns(), from.rows(), 0),
                in(from.array()),
                integer(from.stride()),
                in(weights),
                out(to.array()),
                integer(to.stride()),
                integer(from.rows()),
                integer(from.columns()),
                integer(steps));
    }
}
