/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.EpiloguePasses;
import org.amend4j.machine.AccumulationKernels;
import org.amend4j.machine.ActivationKernels;
import org.amend4j.machine.BatchNormKernels;
import org.amend4j.machine.CachedAttentionKernels;
import org.amend4j.machine.ClippingKernels;
import org.amend4j.machine.ColumnNormKernels;
import org.amend4j.machine.ConvolutionKernels;
import org.amend4j.machine.DropoutKernels;
import org.amend4j.machine.ElementwiseKernels;
import org.amend4j.machine.EmbeddingKernels;
import org.amend4j.machine.GateKernels;
import org.amend4j.machine.Kernels;
import org.amend4j.machine.LayerNormKernels;
import org.amend4j.machine.LossKernels;
import org.amend4j.machine.LowRankKernels;
import org.amend4j.machine.OptimizerKernels;
import org.amend4j.machine.PieceKernels;
import org.amend4j.machine.PoolingKernels;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.machine.ResamplingKernels;
import org.amend4j.machine.RmsNormKernels;
import org.amend4j.machine.RotaryKernels;
import org.amend4j.machine.RowAttentionKernels;
import org.amend4j.machine.StorageKernels;
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
