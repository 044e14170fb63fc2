/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.AccumulationKernels;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.backend.BatchNormKernels;
import org.amend4j.internal.backend.CachedAttentionKernels;
import org.amend4j.internal.backend.ClippingKernels;
import org.amend4j.internal.backend.ColumnNormKernels;
import org.amend4j.internal.backend.ConvolutionKernels;
import org.amend4j.internal.backend.DropoutKernels;
import org.amend4j.internal.backend.ElementwiseKernels;
import org.amend4j.internal.backend.EmbeddingKernels;
import org.amend4j.internal.backend.GateKernels;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.LayerNormKernels;
import org.amend4j.internal.backend.LossKernels;
import org.amend4j.internal.backend.LowRankKernels;
import org.amend4j.internal.backend.OptimizerKernels;
import org.amend4j.internal.backend.PieceKernels;
import org.amend4j.internal.backend.PoolingKernels;
import org.amend4j.internal.backend.ResamplingKernels;
import org.amend4j.internal.backend.RmsNormKernels;
import org.amend4j.internal.backend.RotaryKernels;
import org.amend4j.internal.backend.RowAttentionKernels;
import org.amend4j.internal.backend.StorageKernels;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.EpiloguePasses;
import org.jspecify.annotations.Nullable;

/** The kernels of a device, each source compiled when it is first needed. */
public final class CudaKernels extends Kernels {

    private final Device device;
    private @Nullable EpiloguePasses epilogues;

    public CudaKernels(Device device) {
        this.device = device;
    }

    /** What products leave to kernels, compiled when it is first needed. */
    public EpiloguePasses epilogues() {
        if (epilogues == null) {
            epilogues = CudaEpilogue.on(device);
        }
        return epilogues;
    }

    @Override
    protected AccumulationKernels makeAccumulation() {
        return CudaAccumulation.on(device);
    }

    @Override
    protected ActivationKernels makeActivation() {
        return CudaActivation.on(device);
    }

    @Override
    protected BatchNormKernels makeBatchNorm() {
        return CudaBatchNorm.on(device);
    }

    @Override
    protected CachedAttentionKernels makeCachedAttention() {
        return CudaCachedAttention.on(device);
    }

    @Override
    protected ClippingKernels makeClipping() {
        return CudaClipping.on(device);
    }

    @Override
    protected ColumnNormKernels makeColumnNorms() {
        return CudaColumnNorms.on(device);
    }

    @Override
    protected ConvolutionKernels makeConvolution() {
        return CudaConvolution.on(device);
    }

    @Override
    protected DropoutKernels makeDropout() {
        return CudaDropout.on(device);
    }

    @Override
    protected ElementwiseKernels makeElementwise() {
        return CudaElementwise.on(device);
    }

    @Override
    protected EmbeddingKernels makeEmbedding() {
        return CudaEmbedding.on(device);
    }

    @Override
    protected GateKernels makeGate() {
        return CudaGate.on(device);
    }

    @Override
    protected LayerNormKernels makeLayerNorm() {
        return CudaLayerNorm.on(device);
    }

    @Override
    protected LossKernels makeLoss() {
        return CudaLoss.on(device);
    }

    @Override
    protected LowRankKernels makeLowRank() {
        return CudaLowRank.on(device);
    }

    @Override
    protected OptimizerKernels makeOptimizer() {
        return CudaOptimizer.on(device);
    }

    @Override
    protected PieceKernels makePieces() {
        return CudaPieces.on(device);
    }

    @Override
    protected PoolingKernels makePooling() {
        return CudaPooling.on(device);
    }

    @Override
    protected ResamplingKernels makeResampling() {
        return CudaResampling.on(device);
    }

    @Override
    protected RmsNormKernels makeRmsNorm() {
        return CudaRmsNorm.on(device);
    }

    @Override
    protected RotaryKernels makeRotary() {
        return CudaRotary.on(device);
    }

    @Override
    protected RowAttentionKernels makeRowAttention() {
        return CudaRowAttention.on(device);
    }

    @Override
    protected StorageKernels makeStorage() {
        return CudaStorage.on(device);
    }

    @Override
    protected RowAttentionKernels makeRowAttention(ProductPrecision products) {
        return CudaRowAttention.on(device, products);
    }
}
