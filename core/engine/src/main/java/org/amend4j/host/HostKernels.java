/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

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
import org.amend4j.machine.ResamplingKernels;
import org.amend4j.machine.RmsNormKernels;
import org.amend4j.machine.RotaryKernels;
import org.amend4j.machine.RowAttentionKernels;

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
