/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

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

/** The kernels of the host. */
final class HostKernels extends Kernels {

    private final HostMachine machine;

    HostKernels(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected AccumulationKernels makeAccumulation() {
        return new HostAccumulation(machine);
    }

    @Override
    protected ActivationKernels makeActivation() {
        return new HostActivation(machine);
    }

    @Override
    protected BatchNormKernels makeBatchNorm() {
        return new HostBatchNorm(machine);
    }

    @Override
    protected CachedAttentionKernels makeCachedAttention() {
        return new HostCachedAttention(machine);
    }

    @Override
    protected ClippingKernels makeClipping() {
        return new HostClipping(machine);
    }

    @Override
    protected ColumnNormKernels makeColumnNorms() {
        return new HostColumnNorms(machine);
    }

    @Override
    protected ConvolutionKernels makeConvolution() {
        return new HostConvolution(machine);
    }

    @Override
    protected DropoutKernels makeDropout() {
        return new HostDropout(machine);
    }

    @Override
    protected ElementwiseKernels makeElementwise() {
        return new HostElementwise(machine);
    }

    @Override
    protected EmbeddingKernels makeEmbedding() {
        return new HostEmbedding(machine);
    }

    @Override
    protected GateKernels makeGate() {
        return new HostGate(machine);
    }

    @Override
    protected LayerNormKernels makeLayerNorm() {
        return new HostLayerNorm(machine);
    }

    @Override
    protected LossKernels makeLoss() {
        return new HostLoss(machine);
    }

    @Override
    protected LowRankKernels makeLowRank() {
        return new HostLowRank(machine);
    }

    @Override
    protected OptimizerKernels makeOptimizer() {
        return new HostOptimizer(machine);
    }

    @Override
    protected PieceKernels makePieces() {
        return new HostPieces(machine);
    }

    @Override
    protected PoolingKernels makePooling() {
        return new HostPooling(machine);
    }

    @Override
    protected ResamplingKernels makeResampling() {
        return new HostResampling(machine);
    }

    @Override
    protected RmsNormKernels makeRmsNorm() {
        return new HostRmsNorm(machine);
    }

    @Override
    protected RotaryKernels makeRotary() {
        return new HostRotary(machine);
    }

    @Override
    protected RowAttentionKernels makeRowAttention() {
        return new HostRowAttention(machine);
    }
}
