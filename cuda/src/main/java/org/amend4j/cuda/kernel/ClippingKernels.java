package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.absent;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import org.amend4j.check.Checks;
import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;

/**
 * Norms of the gradients of single examples without forming them, and clipping (clipping.cu). An example is a group of {@code
 * steps} consecutive rows: one row, or its time steps or pixels.
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
     * totals_e += factor · ‖Σ_t x_t y_tᵀ‖² (Frobenius) over the example's rows: the square of the norm of the gradient of a matrix
     * whose input is x and whose output's derivative is y. Work is steps² · (columns of x and y) per example.
     *
     * @param totals [examples], added to
     */
    public void addProductNorms(DeviceMatrix x, DeviceMatrix y, double factor, DeviceArray totals, int steps) {
        x.requireShape("x", y.rows(), x.columns());
        launch(in(x.array()), x.stride(), x.columns(), absent(), y, factor, totals, steps);
    }

    /** totals_e += factor · ‖Σ_t y_t‖²: the bias of that matrix. */
    public void addSumNorms(DeviceMatrix y, double factor, DeviceArray totals, int steps) {
        launch(absent(), 0, 0, absent(), y, factor, totals, steps);
    }

    /**
     * totals_e += factor · Σ_k ‖Σ_{t: token_t = k} y_t‖²: a table whose rows are looked up.
     *
     * @param tokens [rows of y]
     */
    public void addTableNorms(DeviceArray tokens, DeviceMatrix y, double factor, DeviceArray totals, int steps) {
        Shapes.requireInts("tokens", tokens, y.rows());
        launch(absent(), 0, 0, in(tokens), y, factor, totals, steps);
    }

    private void launch(
            Argument x,
            int strideX,
            int columnsX,
            Argument tokens,
            DeviceMatrix y,
            double factor,
            DeviceArray totals,
            int steps) {
        Checks.atLeast(1, "steps", steps);
        Checks.finite("factor", factor);
        int examples = (int) totals.length();
        if ((long) examples * steps != y.rows()) {
            throw new IllegalArgumentException(
                    "rows must be examples x steps = " + examples + " x " + steps + ", got " + y.rows());
        }
        if (y.isEmpty()) {
            return;
        }
        module.launch(
                "ghost_norms",
                LaunchShape.blockPerRow(examples, BLOCK),
                x,
                integer(strideX),
                integer(columnsX),
                tokens,
                in(y.array()),
                integer(y.stride()),
                integer(y.columns()),
                real((float) factor),
                out(totals),
                integer(examples),
                integer(steps));
    }

    /**
     * weights = min(1, bound/√squares).
     *
     * @param squares [examples]
     * @param weights [examples]
     * @param bound at least 0; with 0 everything but a zero norm gets weight 0
     */
    public void clipWeights(DeviceArray squares, DeviceArray weights, double bound) {
        Checks.notNegative("bound", bound);
        Shapes.requireFloats("squares", squares, weights.length());
        Shapes.requireFloats("weights", weights, squares.length());
        if (squares.length() == 0) {
            return;
        }
        module.launch(
                "clip_weights",
                LaunchShape.linear(squares.length()),
                in(squares),
                out(weights),
                real((float) bound),
                integer((int) squares.length()));
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
