/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.plan;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.kernel.AccumulationKernels;
import org.amend4j.cuda.kernel.ActivationKernels;
import org.amend4j.cuda.kernel.BatchNormKernels;
import org.amend4j.cuda.kernel.ClippingKernels;
import org.amend4j.cuda.kernel.ConvolutionKernels;
import org.amend4j.cuda.kernel.ElementwiseKernels;
import org.amend4j.cuda.kernel.EmbeddingKernels;
import org.amend4j.cuda.kernel.LayerNormKernels;
import org.amend4j.cuda.kernel.LossKernels;
import org.amend4j.cuda.kernel.PoolingKernels;
import org.amend4j.cuda.kernel.ResamplingKernels;

/** The kernels of a device, each source compiled when it is first needed. */
public final class Kernels {

    private final Device device;
    private final Map<Class<?>, Object> loaded = new HashMap<>();

    public Kernels(Device device) {
        this.device = device;
    }

    public AccumulationKernels accumulation() {
        return get(AccumulationKernels.class, AccumulationKernels::on);
    }

    public EmbeddingKernels embedding() {
        return get(EmbeddingKernels.class, EmbeddingKernels::on);
    }

    ActivationKernels activation() {
        return get(ActivationKernels.class, ActivationKernels::on);
    }

    BatchNormKernels batchNorm() {
        return get(BatchNormKernels.class, BatchNormKernels::on);
    }

    ClippingKernels clipping() {
        return get(ClippingKernels.class, ClippingKernels::on);
    }

    ConvolutionKernels convolution() {
        return get(ConvolutionKernels.class, ConvolutionKernels::on);
    }

    ElementwiseKernels elementwise() {
        return get(ElementwiseKernels.class, ElementwiseKernels::on);
    }

    LayerNormKernels layerNorm() {
        return get(LayerNormKernels.class, LayerNormKernels::on);
    }

    LossKernels loss() {
        return get(LossKernels.class, LossKernels::on);
    }

    PoolingKernels pooling() {
        return get(PoolingKernels.class, PoolingKernels::on);
    }

    ResamplingKernels resampling() {
        return get(ResamplingKernels.class, ResamplingKernels::on);
    }

    private <T> T get(Class<T> type, Function<Device, T> on) {
        return type.cast(loaded.computeIfAbsent(type, unused -> on.apply(device)));
    }
}
