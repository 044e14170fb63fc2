/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.amend4j.backend.ProductPrecision;

/**
 * The named computations of a machine, in groups. Every group checks shapes before a machine does its work. No result depends on
 * how that work is divided among threads, so equal inputs give equal bytes.
 */
public abstract class Kernels {

    /** Asked for by several shares at once. */
    private final Map<Class<?>, Object> ready = new ConcurrentHashMap<>();

    private final Map<ProductPrecision, RowAttentionKernels> roundedRowAttention = new ConcurrentHashMap<>();

    public final AccumulationKernels accumulation() {
        return get(AccumulationKernels.class, this::makeAccumulation);
    }

    public final ActivationKernels activation() {
        return get(ActivationKernels.class, this::makeActivation);
    }

    public final BatchNormKernels batchNorm() {
        return get(BatchNormKernels.class, this::makeBatchNorm);
    }

    public final CachedAttentionKernels cachedAttention() {
        return get(CachedAttentionKernels.class, this::makeCachedAttention);
    }

    public final ClippingKernels clipping() {
        return get(ClippingKernels.class, this::makeClipping);
    }

    public final ColumnNormKernels columnNorms() {
        return get(ColumnNormKernels.class, this::makeColumnNorms);
    }

    public final ConvolutionKernels convolution() {
        return get(ConvolutionKernels.class, this::makeConvolution);
    }

    public final DropoutKernels dropout() {
        return get(DropoutKernels.class, this::makeDropout);
    }

    public final ElementwiseKernels elementwise() {
        return get(ElementwiseKernels.class, this::makeElementwise);
    }

    public final EmbeddingKernels embedding() {
        return get(EmbeddingKernels.class, this::makeEmbedding);
    }

    public final GateKernels gate() {
        return get(GateKernels.class, this::makeGate);
    }

    public final LayerNormKernels layerNorm() {
        return get(LayerNormKernels.class, this::makeLayerNorm);
    }

    public final LossKernels loss() {
        return get(LossKernels.class, this::makeLoss);
    }

    public final LowRankKernels lowRank() {
        return get(LowRankKernels.class, this::makeLowRank);
    }

    public final OptimizerKernels optimizer() {
        return get(OptimizerKernels.class, this::makeOptimizer);
    }

    public final PieceKernels pieces() {
        return get(PieceKernels.class, this::makePieces);
    }

    public final PoolingKernels pooling() {
        return get(PoolingKernels.class, this::makePooling);
    }

    public final ResamplingKernels resampling() {
        return get(ResamplingKernels.class, this::makeResampling);
    }

    public final RmsNormKernels rmsNorm() {
        return get(RmsNormKernels.class, this::makeRmsNorm);
    }

    public final RotaryKernels rotary() {
        return get(RotaryKernels.class, this::makeRotary);
    }

    public final RowAttentionKernels rowAttention() {
        return get(RowAttentionKernels.class, this::makeRowAttention);
    }

    /**
     * Attention whose products have rounded factors.
     *
     * @throws UnsupportedOperationException if the machine has none in this precision
     */
    public final RowAttentionKernels rowAttention(ProductPrecision products) {
        return products == ProductPrecision.FP32
                ? rowAttention()
                : roundedRowAttention.computeIfAbsent(products, this::makeRowAttention);
    }

    /**
     * Frozen numbers in few bits.
     *
     * @throws UnsupportedOperationException if the machine has no kernels for them
     */
    public final StorageKernels storage() {
        return get(StorageKernels.class, this::makeStorage);
    }

    private <T> T get(Class<T> type, Supplier<T> make) {
        return type.cast(ready.computeIfAbsent(type, unused -> make.get()));
    }

    protected abstract AccumulationKernels makeAccumulation();

    protected abstract ActivationKernels makeActivation();

    protected abstract BatchNormKernels makeBatchNorm();

    protected abstract CachedAttentionKernels makeCachedAttention();

    protected abstract ClippingKernels makeClipping();

    protected abstract ColumnNormKernels makeColumnNorms();

    protected abstract ConvolutionKernels makeConvolution();

    protected abstract DropoutKernels makeDropout();

    protected abstract ElementwiseKernels makeElementwise();

    protected abstract EmbeddingKernels makeEmbedding();

    protected abstract GateKernels makeGate();

    protected abstract LayerNormKernels makeLayerNorm();

    protected abstract LossKernels makeLoss();

    protected abstract LowRankKernels makeLowRank();

    protected abstract OptimizerKernels makeOptimizer();

    protected abstract PieceKernels makePieces();

    protected abstract PoolingKernels makePooling();

    protected abstract ResamplingKernels makeResampling();

    protected abstract RmsNormKernels makeRmsNorm();

    protected abstract RotaryKernels makeRotary();

    protected abstract RowAttentionKernels makeRowAttention();

    /** Frozen numbers in few bits, on machines that run kernels; where the processor computes, it decodes them itself. */
    protected StorageKernels makeStorage() {
        throw new UnsupportedOperationException("no kernels here decode frozen weights");
    }

    /**
     * Attention with rounded factors, on machines that have it.
     *
     * @param products TF32 or BF16
     */
    protected RowAttentionKernels makeRowAttention(ProductPrecision products) {
        throw new UnsupportedOperationException("no attention here rounds its factors to " + products);
    }
}
