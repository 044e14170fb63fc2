/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.absent;
import static org.amend4j.cuda.device.Argument.count;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import java.util.List;
import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;
import org.amend4j.internal.validation.Checks;

/** Elementwise vertices, merging, and changes of layout (elementwise.cu). */
public final class ElementwiseKernels {

    private static final int SIDE = 32;

    private final KernelModule module;

    ElementwiseKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static ElementwiseKernels on(Device device) {
        return new ElementwiseKernels(device, KernelSource.resource("elementwise"));
    }

    /** to = alpha·a + beta·b; {@code to} may be either. */
    public void scaledSum(DeviceArray a, double alpha, DeviceArray b, double beta, DeviceArray to) {
        Shapes.requireFloats("b", b, a.length());
        scaled(a, alpha, in(b), beta, to);
    }

    /** to = alpha·a; {@code to} may be a. */
    public void scale(DeviceArray a, double alpha, DeviceArray to) {
        scaled(a, alpha, absent(), 0, to);
    }

    private void scaled(DeviceArray a, double alpha, Argument b, double beta, DeviceArray to) {
        Checks.finite("alpha", alpha);
        Checks.finite("beta", beta);
        Shapes.requireFloats("a", a, to.length());
        Shapes.requireFloats("out", to, a.length());
        if (a.length() == 0) {
            return;
        }
        module.launch(
                "scaled_sum",
                LaunchShape.linear(a.length()),
                in(a),
                real((float) alpha),
                b,
                real((float) beta),
                out(to),
                count(a.length()));
    }

    /** to = a ∘ b; {@code to} may be either. With the gradient of the one and the value of the other it is its own gradient. */
    public void product(DeviceArray a, DeviceArray b, DeviceArray to) {
        Shapes.requireFloats("a", a, to.length());
        Shapes.requireFloats("b", b, to.length());
        Shapes.requireFloats("out", to, a.length());
        if (a.length() == 0) {
            return;
        }
        module.launch("product", LaunchShape.linear(a.length()), in(a), in(b), out(to), count(a.length()));
    }

    /** to = max(a, b); {@code to} may be either. A NaN in either is the result (Deeplearning4j takes the other). */
    public void maximum(DeviceArray a, DeviceArray b, DeviceArray to) {
        Shapes.requireFloats("a", a, to.length());
        Shapes.requireFloats("b", b, to.length());
        Shapes.requireFloats("out", to, a.length());
        if (a.length() == 0) {
            return;
        }
        module.launch("maximum", LaunchShape.linear(a.length()), in(a), in(b), out(to), count(a.length()));
    }

    /**
     * The gradient of {@link #maximum}: delta goes to the greater, to the first of two equal ones (as Deeplearning4j does), and 0 to
     * the other. The results may be in any of the inputs' memory.
     */
    public void maximumGradient(DeviceArray delta, DeviceArray a, DeviceArray b, DeviceArray toA, DeviceArray toB) {
        Shapes.requireFloats("a", a, delta.length());
        Shapes.requireFloats("b", b, delta.length());
        Shapes.requireFloats("gradient of a", toA, delta.length());
        Shapes.requireFloats("gradient of b", toB, delta.length());
        Shapes.requireFloats("delta", delta, a.length());
        if (delta.length() == 0) {
            return;
        }
        module.launch(
                "maximum_gradient",
                LaunchShape.linear(delta.length()),
                in(delta),
                in(a),
                in(b),
                out(toA),
                out(toB),
                count(delta.length()));
    }

    /**
     * Columns side by side: [rows, Σ columns]. Channels that come first merge so too, a row being an image, its columns all its
     * elements.
     */
    public void merge(List<DeviceMatrix> parts, DeviceMatrix whole) {
        copyParts(parts, whole, true);
    }

    /** The gradient of {@link #merge}: each part gets its columns. */
    public void split(DeviceMatrix whole, List<DeviceMatrix> parts) {
        copyParts(parts, whole, false);
    }

    private void copyParts(List<DeviceMatrix> parts, DeviceMatrix whole, boolean merging) {
        int columns = parts.stream().mapToInt(DeviceMatrix::columns).sum();
        for (DeviceMatrix part : parts) {
            part.requireShape("part", whole.rows(), part.columns());
        }
        whole.requireShape("whole", whole.rows(), columns);
        int first = 0;
        for (DeviceMatrix part : parts) {
            DeviceMatrix place = whole.columns(first, part.columns());
            if (merging) {
                copyRows(part, place);
            } else {
                copyRows(place, part);
            }
            first += part.columns();
        }
    }

    private void copyRows(DeviceMatrix from, DeviceMatrix to) {
        if (from.isEmpty()) {
            return;
        }
        module.launch(
                "copy_rows",
                Shapes.columnsBy(from.columns(), from.rows(), 0),
                in(from.array()),
                integer(from.stride()),
                out(to.array()),
                integer(to.stride()),
                integer(from.rows()),
                integer(from.columns()));
    }

    /**
     * Each [rows, columns] matrix transposed: images with channels first become images with channels last (rows = channels) and
     * back (columns = channels).
     *
     * @param from gapless [batch, rows, columns]
     * @param to gapless [batch, columns, rows]
     */
    public void transpose(DeviceArray from, DeviceArray to, int batch, int rows, int columns) {
        Checks.atLeast(0, "batch", batch);
        Checks.atLeast(0, "rows", rows);
        Checks.atLeast(0, "columns", columns);
        long length = Math.multiplyExact(Math.multiplyExact((long) batch, rows), (long) columns);
        Shapes.requireFloats("from", from, length);
        Shapes.requireFloats("to", to, length);
        if (length == 0) {
            return;
        }
        long tiles = (long) batch * Shapes.ceilDiv(rows, SIDE) * Shapes.ceilDiv(columns, SIDE);
        module.launch(
                "transpose",
                new LaunchShape((int) Math.min(tiles, 4096), 1, LaunchShape.BLOCK, SIDE * (SIDE + 1) * Float.BYTES),
                in(from),
                out(to),
                integer(batch),
                integer(rows),
                integer(columns));
    }
}
