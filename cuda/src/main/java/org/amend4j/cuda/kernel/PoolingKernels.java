package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;

import java.util.List;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;

/** Pooling over windows of images; {@link Window#whole} is global pooling (pooling.cu). */
public final class PoolingKernels {

    private final KernelModule module;

    PoolingKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static PoolingKernels on(Device device) {
        return new PoolingKernels(device, KernelSource.resource("pooling"));
    }

    /**
     * The greatest element of each window, the first in row order among equals.
     *
     * @param to [batch, channels, outHeight, outWidth] in either layout
     * @param places overwritten with where it was, for {@link #maxGradient}; as long as {@code to}
     */
    public void max(DeviceImages image, Window window, DeviceImages to, DeviceArray places) {
        check(image, window, to);
        Shapes.requireInts("places", places, to.array().length());
        if (to.array().length() == 0) {
            return;
        }
        module.launch(
                "max_pool",
                LaunchShape.linear(to.array().length()),
                ArgumentList.of(
                        List.of(in(image.array())),
                        image.strides(),
                        List.of(out(to.array())),
                        to.strides(),
                        List.of(out(places)),
                        window.arguments(image)));
    }

    /** The gradient of {@link #max} with respect to its input. */
    public void maxGradient(DeviceImages delta, DeviceArray places, Window window, DeviceImages image) {
        check(image, window, delta);
        Shapes.requireInts("places", places, delta.array().length());
        if (image.array().length() == 0) {
            return;
        }
        module.launch(
                "max_pool_gradient",
                LaunchShape.linear(image.array().length()),
                ArgumentList.of(
                        List.of(out(image.array())),
                        image.strides(),
                        List.of(in(delta.array())),
                        delta.strides(),
                        List.of(in(places)),
                        window.arguments(image)));
    }

    /**
     * The average of each window.
     *
     * @param countPadding whether padding counts as zeros, or not at all
     */
    public void average(DeviceImages image, Window window, boolean countPadding, DeviceImages to) {
        check(image, window, to);
        if (to.array().length() == 0) {
            return;
        }
        module.launch(
                "average_pool",
                LaunchShape.linear(to.array().length()),
                ArgumentList.of(
                        List.of(in(image.array())),
                        image.strides(),
                        List.of(out(to.array())),
                        to.strides(),
                        List.of(integer(countPadding ? 1 : 0)),
                        window.arguments(image)));
    }

    /** The gradient of {@link #average} with respect to its input. */
    public void averageGradient(DeviceImages delta, Window window, boolean countPadding, DeviceImages image) {
        check(image, window, delta);
        if (image.array().length() == 0) {
            return;
        }
        module.launch(
                "average_pool_gradient",
                LaunchShape.linear(image.array().length()),
                ArgumentList.of(
                        List.of(out(image.array())),
                        image.strides(),
                        List.of(in(delta.array())),
                        delta.strides(),
                        List.of(integer(countPadding ? 1 : 0)),
                        window.arguments(image)));
    }

    private static void check(DeviceImages image, Window window, DeviceImages to) {
        to.requireShape("output", image.batch(), image.channels(), window.outHeight(), window.outWidth());
    }
}
