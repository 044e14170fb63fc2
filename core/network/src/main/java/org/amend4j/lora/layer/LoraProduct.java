/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.layer;

import java.util.Optional;
import org.amend4j.kernel.AdapterSum;
import org.amend4j.kernel.LoraKernels;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The product every adapted layer is made of, on rows: {@code y = xW + s·drop(x)AB + b} with x [n, rows] and y
 * [n, columns]. Without an adapter it is the frozen layer's {@code y = xW + b}.
 *
 * <p>With {@code P = drop(x)A} kept from the forward pass and d the loss's derivative at y, {@code dB = s·Pᵀd},
 * {@code Q = dBᵀ}, {@code dA = s·drop(x)ᵀQ}, {@code dx = dWᵀ + s·drop'(QAᵀ)}: two large products a step, nothing computed
 * twice, the weight's gradient never formed. The scale is the products' alpha, and sums use their beta.
 *
 * <p>Not thread-safe: it keeps what the backward pass needs of the last training pass.
 */
final class LoraProduct {

    /** The trained part: factors, their scale and what drops their input. */
    record Adapter(
            INDArray a,
            INDArray b,
            double scaling,
            @Nullable Dropout dropout) {
        /** @param dropout probability with which an input of A is dropped in training */
        static Adapter of(INDArray a, INDArray b, double scaling, double dropout) {
            return new Adapter(a, b, scaling, dropout > 0 ? new Dropout(1 - dropout) : null);
        }
    }

    /** Up to so many rows a vector of ones is kept, to add a bias by a product: 16 KiB of floats at most. */
    private static final long KEPT_ONES = 4096;

    private final INDArray weight;
    private final @Nullable INDArray bias;
    private final @Nullable Adapter adapter;
    private final Optional<LoraKernels> kernels;
    private INDArray withoutAdapter;
    private boolean enabled = true;
    private @Nullable INDArray input;
    private @Nullable INDArray adapterInput;
    private @Nullable INDArray projected;
    private @Nullable INDArray outputProjected;
    private @Nullable INDArray ones;

    /**
     * @param weight the matricised weight, [rows, columns]
     * @param bias the bias, [1, columns] or [columns]
     * @param adapter what is trained, if anything
     */
    LoraProduct(INDArray weight, Optional<INDArray> bias, Optional<Adapter> adapter) {
        this(weight, bias, adapter, LoraKernels.available());
    }

    LoraProduct(INDArray weight, Optional<INDArray> bias, Optional<Adapter> adapter, Optional<LoraKernels> kernels) {
        this.kernels = kernels;
        this.weight = weight;
        this.withoutAdapter = weight;
        this.bias = bias.map(b -> b.reshape(new long[] {1, b.length()})).orElse(null);
        this.adapter = adapter.orElse(null);
    }

    /** The same product with another adapter, or none. */
    LoraProduct with(Optional<Adapter> other) {
        LoraProduct result = new LoraProduct(weight, Optional.ofNullable(bias), other, kernels);
        result.ones = ones;
        return result;
    }

    void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    /** What stands for W while the adapter is off, where the adapter holds a part of that; otherwise it is W. */
    void setWeightWithoutAdapter(INDArray whole) {
        withoutAdapter = whole;
    }

    private INDArray weight() {
        return enabled ? weight : withoutAdapter;
    }

    long rows() {
        return weight.size(0);
    }

    long columns() {
        return weight.size(1);
    }

    /**
     * Computes {@code y}.
     *
     * @param x [n, rows]; must live until {@link #backward} when training
     * @param y [n, columns], overwritten; fastest in Fortran order
     * @param kept lifetime of what the backward pass needs
     */
    INDArray forward(INDArray x, INDArray y, boolean training, ArrayType kept, LayerWorkspaceMgr workspaces) {
        input = training ? x : null;
        Adapter active = active();
        if (active != null) {
            INDArray low = project(active, x, training, training ? kept : ArrayType.FF_WORKING_MEM, workspaces);
            if (kernels.isPresent() && isFused(kernels.get(), active, x, low, y)) {
                return y;
            }
        }
        boolean biasFirst = bias != null && y.size(0) <= KEPT_ONES;
        if (biasFirst) {
            // an outer product, less than half of ND4J's row-vector addition; the large product then adds to it
            Nd4j.gemm(ones(y.size(0), y.dataType()), bias, y, true, false, 1, 0);
        }
        Nd4j.gemm(x, weight(), y, false, false, 1, biasFirst ? 1 : 0);
        if (active != null) {
            Nd4j.gemm(projected, active.b(), y, false, false, active.scaling(), 1);
        }
        if (bias != null && !biasFirst) {
            y.addiRowVector(bias);
        }
        return y;
    }

    /** Computes y by the large product and one pass over it, unless the kernels decline: then y is untouched. */
    private boolean isFused(LoraKernels kernels, Adapter active, INDArray x, INDArray low, INDArray y) {
        AdapterSum sum = new AdapterSum(y, low, active.b(), active.scaling(), Optional.ofNullable(bias));
        if (!kernels.takes(sum)) {
            return false;
        }
        Nd4j.gemm(x, weight(), y, false, false, 1, 0);
        kernels.add(sum);
        return true;
    }

    /** P, before the large product drives the input out of the caches, and in Fortran order, which is faster there. */
    private INDArray project(
            Adapter active, INDArray x, boolean training, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        INDArray input = training ? dropped(active, x, lifetime, workspaces) : x;
        INDArray p = workspaces.createUninitialized(
                lifetime, x.dataType(), new long[] {x.size(0), active.a().size(1)}, 'f');
        Nd4j.gemm(input, active.a(), p, false, false, 1, 0);
        adapterInput = input;
        projected = p;
        return p;
    }

    /** Ones, [1, n], kept for the next batch of the same size. */
    private INDArray ones(long n, DataType type) {
        INDArray kept = ones;
        if (kept == null || kept.length() != n || kept.dataType() != type) {
            try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                kept = Nd4j.ones(type, 1, n);
            }
            ones = kept;
        }
        return kept;
    }

    /**
     * Computes the input's gradient, if wanted, and what the adapter's gradients need besides.
     *
     * @param d derivative at y, [n, columns]; only read
     * @param dx overwritten with the input's gradient, [n, rows], if present
     * @param kept lifetime of {@code Q}
     */
    void backward(INDArray d, Optional<INDArray> dx, ArrayType kept, LayerWorkspaceMgr workspaces) {
        dx.ifPresent(into -> Nd4j.gemm(d, weight(), into, false, true, 1, 0));
        Adapter active = active();
        if (active == null) {
            return;
        }
        INDArray q = workspaces.createUninitialized(
                kept, d.dataType(), new long[] {d.size(0), active.b().size(0)}, 'f');
        Nd4j.gemm(d, active.b(), q, false, true, 1, 0);
        dx.ifPresent(into -> addAdapterInputGradient(active, q, into, workspaces));
        outputProjected = q;
    }

    /**
     * Computes the adapter's gradients after {@link #backward}; zero while it is switched off.
     *
     * @param d derivative at y, [n, columns]; only read
     * @param gradA overwritten, [rows, rank]
     * @param gradB overwritten, [rank, columns]
     */
    void adapterGradients(INDArray d, INDArray gradA, INDArray gradB) {
        Adapter active = active();
        if (active == null) {
            gradA.assign(0);
            gradB.assign(0);
            return;
        }
        if (adapterInput == null || projected == null || outputProjected == null) {
            throw missingForward();
        }
        Nd4j.gemm(projected, d, gradB, true, false, active.scaling(), 0);
        Nd4j.gemm(adapterInput, outputProjected, gradA, true, false, active.scaling(), 0);
    }

    /** The rows the last backward pass saw, for as long as they live. */
    Rows rows(INDArray d) {
        INDArray x = input;
        if (x == null) {
            throw missingForward();
        }
        Adapter active = active();
        return new Rows(
                x,
                d,
                active == null ? Optional.empty() : Optional.of(active.scaling()),
                Optional.ofNullable(projected),
                Optional.ofNullable(outputProjected));
    }

    /**
     * What every gradient of the product is made of.
     *
     * @param x inputs, [n, rows]
     * @param d derivatives at y, [n, columns]
     * @param scaling the adapter's s, if it has one that is on
     * @param p {@code xA}, [n, rank]
     * @param q {@code dBᵀ}, [n, rank]
     */
    record Rows(INDArray x, INDArray d, Optional<Double> scaling, Optional<INDArray> p, Optional<INDArray> q) {}

    /**
     * Computes the gradients of a weight and bias that train themselves: {@code dW = xᵀd}, {@code db = Σ_rows d}.
     *
     * @param d derivative at y, [n, columns]; only read
     * @param gradWeight overwritten, [rows, columns]
     * @param gradBias overwritten, [columns] or [1, columns]
     */
    void weightGradients(INDArray d, INDArray gradWeight, @Nullable INDArray gradBias, LayerWorkspaceMgr workspaces) {
        INDArray x = input;
        if (x == null) {
            throw missingForward();
        }
        Nd4j.gemm(x, d, gradWeight, true, false, 1, 0);
        if (gradBias != null) {
            INDArray row = gradBias.reshape(new long[] {1, gradBias.length()});
            Nd4j.gemm(onesOnce(d, workspaces), d, row, false, false, 1, 0);
        }
    }

    private INDArray onesOnce(INDArray d, LayerWorkspaceMgr workspaces) {
        return d.size(0) <= KEPT_ONES
                ? ones(d.size(0), d.dataType())
                : workspaces
                        .createUninitialized(ArrayType.BP_WORKING_MEM, d.dataType(), new long[] {1, d.size(0)}, 'c')
                        .assign(1);
    }

    private static IllegalStateException missingForward() {
        return new IllegalStateException("a backward pass needs a forward pass in training mode before it");
    }

    private static void addAdapterInputGradient(Adapter active, INDArray q, INDArray dx, LayerWorkspaceMgr workspaces) {
        Dropout dropout = active.dropout();
        if (dropout == null) {
            Nd4j.gemm(q, active.a(), dx, false, true, active.scaling(), 1);
            return;
        }
        INDArray through =
                workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, dx.dataType(), dx.shape(), dx.ordering());
        Nd4j.gemm(q, active.a(), through, false, true, active.scaling(), 0);
        dx.addi(dropout.backprop(through, through, 0, 0));
    }

    private static INDArray dropped(Adapter active, INDArray x, ArrayType kept, LayerWorkspaceMgr workspaces) {
        Dropout dropout = active.dropout();
        if (dropout == null) {
            return x;
        }
        INDArray result = workspaces.createUninitialized(kept, x.dataType(), x.shape(), x.ordering());
        return dropout.applyDropout(x, result, 0, 0, workspaces);
    }

    private @Nullable Adapter active() {
        return enabled ? adapter : null;
    }

    /** Forgets the arrays kept for the backward pass. */
    void clear() {
        input = null;
        adapterInput = null;
        projected = null;
        outputProjected = null;
        if (adapter != null && adapter.dropout() != null) {
            adapter.dropout().clear();
        }
    }
}
