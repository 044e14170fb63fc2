/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.absent;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import java.util.Optional;
import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;
import org.amend4j.internal.validation.Checks;

/** Layer normalisation of rows: y = gain · (x − mean)/√(variance + ε) + bias (layer_norm.cu). */
public final class LayerNormKernels {

    private static final int BLOCK = 128;

    private final KernelModule module;

    LayerNormKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static LayerNormKernels on(Device device) {
        return new LayerNormKernels(device, KernelSource.resource("layer_norm"));
    }

    /**
     * What the backward pass needs of the forward one.
     *
     * @param means [rows]
     * @param inverses 1/√(variance + ε), [rows]
     */
    public record Statistics(DeviceArray means, DeviceArray inverses) {}

    /**
     * The normalised rows.
     *
     * @param x [rows, columns]
     * @param gain [columns]
     * @param bias [columns]
     * @param y [rows, columns]; may be {@code x} itself
     * @param statistics overwritten
     * @param epsilon at least 0
     */
    public void forward(
            DeviceMatrix x,
            DeviceArray gain,
            Optional<DeviceArray> bias,
            DeviceMatrix y,
            Statistics statistics,
            double epsilon) {
        check(x, gain, statistics);
        bias.ifPresent(array -> Shapes.requireFloats("bias", array, x.columns()));
        y.requireShape("y", x.rows(), x.columns());
        Checks.notNegative("epsilon", epsilon);
        if (x.isEmpty()) {
            return;
        }
        module.launch(
                "layer_norm",
                LaunchShape.blockPerRow(x.rows(), BLOCK),
                in(x.array()),
                integer(x.stride()),
                in(gain),
                bias.map(Argument::in).orElse(absent()),
                out(y.array()),
                integer(y.stride()),
                out(statistics.means()),
                out(statistics.inverses()),
                real((float) epsilon),
                integer(x.rows()),
                integer(x.columns()));
    }

    /** The gradient with respect to x; {@code dx} may be {@code dy} itself. */
    public void gradient(DeviceMatrix dy, DeviceMatrix x, DeviceArray gain, Statistics statistics, DeviceMatrix dx) {
        check(x, gain, statistics);
        dy.requireShape("dy", x.rows(), x.columns());
        dx.requireShape("dx", x.rows(), x.columns());
        if (x.isEmpty()) {
            return;
        }
        module.launch(
                "layer_norm_gradient",
                LaunchShape.blockPerRow(x.rows(), BLOCK),
                in(dy.array()),
                integer(dy.stride()),
                in(x.array()),
                integer(x.stride()),
                in(gain),
                in(statistics.means()),
                in(statistics.inverses()),
                out(dx.array()),
                integer(dx.stride()),
                integer(x.rows()),
                integer(x.columns()));
    }

    /**
     * dy ∘ (x − mean)/√(variance + ε): its column sums ({@link ActivationKernels#columnSums}) are the gain's
     * gradient.
     *
     * @param products gapless [rows, columns]
     */
    public void gainProducts(DeviceMatrix dy, DeviceMatrix x, Statistics statistics, DeviceArray products) {
        dy.requireShape("dy", x.rows(), x.columns());
        Shapes.requireFloats("means", statistics.means(), x.rows());
        Shapes.requireFloats("inverses", statistics.inverses(), x.rows());
        Shapes.requireFloats("products", products, (long) x.rows() * x.columns());
        if (x.isEmpty()) {
            return;
        }
        module.launch(
                "layer_norm_products",
                Shapes.columnsBy(x.columns(), x.rows(), 0),
                in(dy.array()),
                integer(dy.stride()),
                in(x.array()),
                integer(x.stride()),
                in(statistics.means()),
                in(statistics.inverses()),
                out(products),
                integer(x.rows()),
                integer(x.columns()));
    }

    private static void check(DeviceMatrix x, DeviceArray gain, Statistics statistics) {
        Shapes.requireFloats("gain", gain, x.columns());
        Shapes.requireFloats("means", statistics.means(), x.rows());
        Shapes.requireFloats("inverses", statistics.inverses(), x.rows());
    }
}
