/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;

import java.util.List;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.PoolingKernels;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.network.Window;

/** Pooling on a device (pooling.cu). */
final class CudaPooling extends PoolingKernels {

    private final KernelModule module;

    CudaPooling(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaPooling on(Device device) {
        return new CudaPooling(device, KernelSource.resource("pooling"));
    }

    @Override
    protected void computeMax(ImageView image, Window window, ImageView to, MachineArray places) {
        pool("max_pool", image, window, to, out(places));
    }

    @Override
    protected void computeMaxGradient(ImageView delta, MachineArray places, Window window, ImageView image) {
        back("max_pool_gradient", delta, window, image, in(places));
    }

    @Override
    protected void computeAverage(ImageView image, Window window, boolean countPadding, ImageView to) {
        pool("average_pool", image, window, to, integer(countPadding ? 1 : 0));
    }

    @Override
    protected void computeAverageGradient(ImageView delta, Window window, boolean countPadding, ImageView image) {
        back("average_pool_gradient", delta, window, image, integer(countPadding ? 1 : 0));
    }

    private void pool(String kernel, ImageView image, Window window, ImageView to, Argument extra) {
        launch(kernel, to.array(), in(image.array()), image, out(to.array()), to, extra, window);
    }

    private void back(String kernel, ImageView delta, Window window, ImageView image, Argument extra) {
        launch(kernel, image.array(), out(image.array()), image, in(delta.array()), delta, extra, window);
    }

    /** One item per element that is written. */
    private void launch(
            String kernel,
            MachineArray written,
            Argument imageArray,
            ImageView image,
            Argument pooledArray,
            ImageView pooled,
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
                        ImageArguments.strides(image),
                        List.of(pooledArray),
                        ImageArguments.strides(pooled),
                        List.of(extra),
                        ImageArguments.under(image, window)));
    }
}
