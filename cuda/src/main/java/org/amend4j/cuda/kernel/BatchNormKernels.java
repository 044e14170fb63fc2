/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.absent;
import static org.amend4j.cuda.device.Argument.count;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;

import java.util.Optional;
import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;

/** Batch normalisation with stored statistics: y = factor·x + shift per channel (batch_norm.cu). */
public final class BatchNormKernels {

    private final KernelModule module;

    BatchNormKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static BatchNormKernels on(Device device) {
        return new BatchNormKernels(device, KernelSource.resource("batch_norm"));
    }

    /**
     * y = factor·x + shift; without a shift, with the output's gradient for x, it is the input's gradient.
     *
     * @param x [outer, channels, inner]: inner is height · width where channels come first, 1 where they come last
     * @param factor [channels]
     * @param shift [channels]
     * @param y as x; may be x itself
     */
    public void apply(DeviceArray x, DeviceArray factor, Optional<DeviceArray> shift, DeviceArray y, long inner) {
        long channels = factor.length();
        Shapes.requireFloats("x", x, y.length());
        Shapes.requireFloats("y", y, x.length());
        Shapes.requireFloats("factor", factor, channels);
        shift.ifPresent(array -> Shapes.requireFloats("shift", array, channels));
        if (channels == 0 || inner < 1 || x.length() % (channels * inner) != 0) {
            throw new IllegalArgumentException(
                    "x must be [outer, " + channels + ", " + inner + "], got " + x.length() + " elements");
        }
        if (x.length() == 0) {
            return;
        }
        module.launch(
                "channel_affine",
                LaunchShape.linear(x.length()),
                in(x),
                in(factor),
                shift.map(Argument::in).orElse(absent()),
                out(y),
                count(x.length() / (channels * inner)),
                integer((int) channels),
                count(inner));
    }
}
