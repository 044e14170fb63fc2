package org.amend4j.lora;

import java.util.Optional;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The product every adapted layer is made of, on rows: {@code y = xW + s·drop(x)AB + b} with x [n, rows] and y
 * [n, columns]. Without an adapter it is the frozen layer's {@code y = xW + b}.
 *
 * <p>With {@code P = drop(x)A} kept from the forward pass and d the loss's derivative at y, {@code dB = s·Pᵀd},
 * {@code Q = dBᵀ}, {@code dA = s·drop(x)ᵀQ}, {@code dx = dWᵀ + s·drop'(QAᵀ)}: two large products a step, nothing computed
 * twice, the weight's gradient never formed. The scale rides in the products' alpha and the sums in their beta.
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
        static Adapter of(INDArray a, INDArray b, AdapterSpec spec) {
            return new Adapter(a, b, spec.scaling(), spec.dropout() > 0 ? new Dropout(1 - spec.dropout()) : null);
        }
    }

    private final INDArray weight;
    private final @Nullable INDArray bias;
    private final @Nullable Adapter adapter;
    private boolean enabled = true;
    private @Nullable INDArray input;
    private @Nullable INDArray adapterInput;
    private @Nullable INDArray projected;

    /**
     * @param weight the matricised weight, [rows, columns]
     * @param bias the bias, [1, columns] or [columns]
     * @param adapter what is trained, if anything
     */
    LoraProduct(INDArray weight, Optional<INDArray> bias, Optional<Adapter> adapter) {
        this.weight = weight;
        this.bias = bias.map(b -> b.reshape(new long[] {1, b.length()})).orElse(null);
        this.adapter = adapter.orElse(null);
    }

    void setEnabled(boolean enabled) {
        this.enabled = enabled;
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
     */
    INDArray forward(INDArray x, INDArray y, boolean training, LayerWorkspaceMgr workspaces) {
        input = training ? x : null;
        Nd4j.gemm(x, weight, y, false, false, 1, 0);
        Adapter active = active();
        if (active != null) {
            ArrayType lifetime = training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
            INDArray input = training ? dropped(active, x, workspaces) : x;
            INDArray p = workspaces.createUninitialized(
                    lifetime, y.dataType(), new long[] {x.size(0), active.a().size(1)}, 'c');
            Nd4j.gemm(input, active.a(), p, false, false, 1, 0);
            Nd4j.gemm(p, active.b(), y, false, false, active.scaling(), 1);
            adapterInput = input;
            projected = p;
        }
        if (bias != null) {
            y.addiRowVector(bias);
        }
        return y;
    }

    /**
     * Computes the adapter's gradients and, if wanted, the input's.
     *
     * @param d derivative at y, [n, columns]; only read
     * @param gradA overwritten, [rows, rank]; ignored without an adapter
     * @param gradB overwritten, [rank, columns]; ignored without an adapter
     * @param dx overwritten with the input's gradient, [n, rows], if present
     */
    void backward(
            INDArray d,
            @Nullable INDArray gradA,
            @Nullable INDArray gradB,
            Optional<INDArray> dx,
            LayerWorkspaceMgr workspaces) {
        dx.ifPresent(into -> Nd4j.gemm(d, weight, into, false, true, 1, 0));
        Adapter active = active();
        if (active == null || gradA == null || gradB == null) {
            zero(gradA);
            zero(gradB);
            return;
        }
        if (adapterInput == null || projected == null) {
            throw missingForward();
        }
        Nd4j.gemm(projected, d, gradB, true, false, active.scaling(), 0);
        INDArray q = workspaces.createUninitialized(
                ArrayType.BP_WORKING_MEM,
                d.dataType(),
                new long[] {d.size(0), active.b().size(0)},
                'c');
        Nd4j.gemm(d, active.b(), q, false, true, 1, 0);
        Nd4j.gemm(adapterInput, q, gradA, true, false, active.scaling(), 0);
        dx.ifPresent(into -> addAdapterInputGradient(active, q, into, workspaces));
    }

    /**
     * Computes the gradients of a weight and bias that train themselves: {@code dW = xᵀd}, {@code db = Σ_rows d}.
     *
     * @param d derivative at y, [n, columns]; only read
     * @param gradWeight overwritten, [rows, columns]
     * @param gradBias overwritten, [columns] or [1, columns]
     */
    void weightGradients(
            INDArray d, @Nullable INDArray gradWeight, @Nullable INDArray gradBias, LayerWorkspaceMgr workspaces) {
        INDArray x = input;
        if (x == null) {
            throw missingForward();
        }
        if (gradWeight != null) {
            Nd4j.gemm(x, d, gradWeight, true, false, 1, 0);
        }
        if (gradBias != null) {
            INDArray ones = workspaces.createUninitialized(
                    ArrayType.BP_WORKING_MEM, d.dataType(), new long[] {1, d.size(0)}, 'c');
            Nd4j.gemm(ones.assign(1), d, gradBias.reshape(new long[] {1, gradBias.length()}), false, false, 1, 0);
        }
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

    private static INDArray dropped(Adapter active, INDArray x, LayerWorkspaceMgr workspaces) {
        Dropout dropout = active.dropout();
        if (dropout == null) {
            return x;
        }
        INDArray result = workspaces.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), x.ordering());
        return dropout.applyDropout(x, result, 0, 0, workspaces);
    }

    private static void zero(@Nullable INDArray gradient) {
        if (gradient != null) {
            gradient.assign(0);
        }
    }

    private @Nullable Adapter active() {
        return enabled ? adapter : null;
    }

    /** Forgets the arrays kept for the backward pass. */
    void clear() {
        input = null;
        adapterInput = null;
        projected = null;
        if (adapter != null && adapter.dropout() != null) {
            adapter.dropout().clear();
        }
    }
}
