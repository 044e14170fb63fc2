/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;

import java.util.List;
import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;
import org.amend4j.network.Window;

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
        Shapes.requireInts("places", places, to.array().length());
        pool("max_pool", image, window, to, out(places));
    }

    /** The gradient of {@link #max} with respect to its input. */
    public void maxGradient(DeviceImages delta, DeviceArray places, Window window, DeviceImages image) {
        Shapes.requireInts("places", places, delta.array().length());
        back("max_pool_gradient", delta, window, image, in(places));
    }

    /**
     * The average of each window.
     *
     * @param countPadding whether padding counts as zeros, or not at all
     */
    public void average(DeviceImages image, Window window, boolean countPadding, DeviceImages to) {
        pool("average_pool", image, window, to, integer(countPadding ? 1 : 0));
    }

    /** The gradient of {@link #average} with respect to its input. */
    public void averageGradient(DeviceImages delta, Window window, boolean countPadding, DeviceImages image) {
        back("average_pool_gradient", delta, window, image, integer(countPadding ? 1 : 0));
    }

    private void pool(String kernel, DeviceImages image, Window window, DeviceImages to, Argument extra) {
        check(image, window, to);
        launch(kernel, to.array(), in(image.array()), image, out(to.array()), to, extra, window);
    }

    private void back(String kernel, DeviceImages delta, Window window, DeviceImages image, Argument extra) {
        check(image, window, delta);
        launch(kernel, image.array(), out(image.array()), image, in(delta.array()), delta, extra, window);
    }

    private static void check(DeviceImages image, Window window, DeviceImages pooled) {
        pooled.requireShape(
                "output",
                image.batch(),
                image.channels(),
                window.y().out(),
                window.x().out());
    }

    /** One item per element that is written. */
    private void launch(
            String kernel,
            DeviceArray written,
            Argument imageArray,
            DeviceImages image,
            Argument pooledArray,
            DeviceImages pooled,
            Argument extra,
            Window window) {
        if (written.length() == 0) {
            return;
        }
        module.launch(
                kernel,
                LaunchShape.linear(written.length()),
                ArgumentList.of(
                        List.of(imageArray),
                        image.strides(),
                        List.of(pooledArray),
                        pooled.strides(),
                        List.of(extra),
                        image.under(window)));
    }
}
