/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.kernel.AdapterSum;
import org.amend4j.internal.kernel.LoraKernels;
import org.amend4j.internal.lora.layer.Trained.Adapter;
import org.amend4j.internal.lora.layer.Trained.Vectors;
import org.amend4j.internal.network.ProductKeys;
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
 * <p>With DoRA it is {@code y = z∘(m/c) + b}, z the sum above without b ({@link DoraColumns}): {@code e = d∘(m/c)} takes the place of
 * d, and {@code dm = Σ_rows (d∘z)/c}. What is dropped is then dropped from all that is scaled, as in PEFT, but the weight's product with it
 * stays: {@code y = z∘(m/c) + (x - drop(x))W + b} with {@code z = drop(x)W + s·drop(x)AB}, which is
 * {@code xW + b + (m/c - 1)∘drop(x)W + (m/c)∘s·drop(x)AB}, and {@code dx = dWᵀ + drop'((e - d)Wᵀ + s·QAᵀ)}.
 *
 * <p>Not thread-safe: it keeps what the backward pass needs of the last training pass.
 */
final class LoraProduct {

    /** Up to so many rows a vector of ones is kept, to add a bias by a product: 16 KiB of floats at most. */
    private static final long KEPT_ONES = 4096;

    private final INDArray weight;
    private final @Nullable INDArray bias;
    private final @Nullable Adapter adapter;
    private final Trained trained;
    private final Optional<DoraColumns> direction;
    private final Optional<LoraKernels> kernels;
    private INDArray withoutAdapter;
    private boolean enabled = true;
    private @Nullable INDArray input;
    private @Nullable INDArray adapterInput;
    private @Nullable INDArray projected;
    private @Nullable INDArray outputProjected;
    private @Nullable INDArray unscaled;
    private @Nullable INDArray derivative;
    private @Nullable INDArray alongColumns;
    private @Nullable INDArray ones;

    /**
     * @param weight the matricised weight, [rows, columns]
     * @param bias the bias, [1, columns] or [columns]
     * @param trained what is trained, if anything
     */
    LoraProduct(INDArray weight, Optional<INDArray> bias, Trained trained) {
        this(weight, bias, trained, LoraKernels.available());
    }

    LoraProduct(INDArray weight, Optional<INDArray> bias, Trained trained, Optional<LoraKernels> kernels) {
        this.kernels = kernels;
        this.weight = weight;
        this.withoutAdapter = weight;
        this.bias = bias.map(b -> b.reshape(new long[] {1, b.length()})).orElse(null);
        this.trained = trained;
        this.adapter = trained.adapter().orElse(null);
        this.direction = trained.vectors()
                .magnitude()
                .map(m -> new DoraColumns(weight, trained.adapter().orElseThrow(), m));
    }

    /** The same product with something else that trains, or nothing. */
    LoraProduct with(Trained other) {
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

    /** What is added to every row. */
    private @Nullable INDArray bias() {
        if (!enabled) {
            return bias;
        }
        INDArray own = trained.vectors().bias().orElse(bias);
        return trained.vectors().biasOnB().map(onB -> withBiasOnB(own, onB)).orElse(own);
    }

    private INDArray withBiasOnB(@Nullable INDArray under, INDArray onB) {
        INDArray scaled = onB.mul(scaling());
        return under == null ? scaled : scaled.addi(under);
    }

    private double scaling() {
        return given(adapter).scaling();
    }

    private Optional<DoraColumns> direction() {
        return enabled ? direction : Optional.empty();
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
            project(active, x, training, training ? kept : ArrayType.FF_WORKING_MEM, workspaces);
        }
        Optional<INDArray> added = Optional.ofNullable(bias());
        if (direction().isPresent()) {
            INDArray z = training ? workspaces.createUninitialized(kept, y.dataType(), y.shape(), y.ordering()) : y;
            INDArray scaled = given(adapterInput);
            unscaled = sum(scaled, z, Optional.empty());
            direction().get().refresh(training);
            ColumnPasses.scale(z, direction().get().scale(), added, y);
            return scaled == x ? y : addDropped(x, scaled, y, workspaces);
        }
        if (active != null && kernels.isPresent() && isFused(kernels.get(), active, x, y, added)) {
            return y;
        }
        return sum(x, y, added);
    }

    /** Adds the weight's product with what dropout takes from x. */
    private INDArray addDropped(INDArray x, INDArray left, INDArray y, LayerWorkspaceMgr workspaces) {
        INDArray gone = workspaces.createUninitialized(ArrayType.FF_WORKING_MEM, x.dataType(), x.shape(), x.ordering());
        x.sub(left, gone);
        return Nd4j.gemm(gone, weight(), y, false, false, 1, 1);
    }

    /**
     * {@code xW + s·PB}, and a bias. It comes last, as in Deeplearning4j: OpenBLAS adds long sums up in pieces, which a number that is
     * there before them would change.
     */
    private INDArray sum(INDArray x, INDArray y, Optional<INDArray> added) {
        Nd4j.gemm(x, weight(), y, false, false, 1, 0);
        Adapter active = active();
        if (active != null) {
            Nd4j.gemm(projected, active.b(), y, false, false, active.scaling(), 1);
        }
        added.ifPresent(row -> addToRows(row, y));
        return y;
    }

    /** An outer product, in less than half the time of ND4J's row-vector addition: each element is rounded once by both. */
    private void addToRows(INDArray row, INDArray y) {
        if (y.size(0) <= KEPT_ONES) {
            Nd4j.gemm(ones(y.size(0), y.dataType()), row, y, true, false, 1, 1);
        } else {
            y.addiRowVector(row);
        }
    }

    /** Computes y by the large product and one pass over it, unless the kernels decline: then y is untouched. */
    private boolean isFused(LoraKernels kernels, Adapter active, INDArray x, INDArray y, Optional<INDArray> added) {
        AdapterSum sum = new AdapterSum(y, given(projected), active.b(), active.scaling(), added);
        if (!kernels.takes(sum)) {
            return false;
        }
        Nd4j.gemm(x, weight(), y, false, false, 1, 0);
        kernels.add(sum);
        return true;
    }

    /** P, before the large product drives the input out of the caches, and in Fortran order, which is faster there. */
    private void project(
            Adapter active, INDArray x, boolean training, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        INDArray input = training ? dropped(active, x, lifetime, workspaces) : x;
        INDArray p = workspaces.createUninitialized(
                lifetime, x.dataType(), new long[] {x.size(0), active.a().size(1)}, 'f');
        Nd4j.gemm(input, active.a(), p, false, false, 1, 0);
        adapterInput = input;
        projected = p;
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
        INDArray e = behindScale(d, kept, workspaces);
        derivative = e;
        Adapter active = active();
        boolean dropsScaled = e != d && given(active).dropout() != null;
        dx.ifPresent(into -> Nd4j.gemm(dropsScaled ? d : e, weight(), into, false, true, 1, 0));
        if (active == null) {
            return;
        }
        INDArray q = workspaces.createUninitialized(
                kept, d.dataType(), new long[] {d.size(0), active.b().size(0)}, 'f');
        Nd4j.gemm(e, active.b(), q, false, true, 1, 0);
        dx.ifPresent(into -> {
            Optional<INDArray> more = dropsScaled ? Optional.of(less(e, d, workspaces)) : Optional.empty();
            addAdapterInputGradient(active, q, more, into, workspaces);
        });
        outputProjected = q;
    }

    private INDArray behindScale(INDArray d, ArrayType kept, LayerWorkspaceMgr workspaces) {
        if (direction().isEmpty()) {
            return d;
        }
        INDArray e = workspaces.createUninitialized(kept, d.dataType(), d.shape(), d.ordering());
        INDArray sums = workspaces.createUninitialized(kept, d.dataType(), new long[] {1, columns()}, 'c');
        ColumnPasses.scaleAndSum(d, given(unscaled), direction().get().scale(), e, sums);
        alongColumns = sums;
        return e;
    }

    /**
     * Where gradients go, all overwritten.
     *
     * @param factors of A, [rows, rank], and of B, [rank, columns], if there are any
     * @param vectors [1, columns] each
     */
    record Gradients(Optional<Factors> factors, Vectors vectors) {

        record Factors(INDArray a, INDArray b) {}

        /** The gradients of what a layer has under its keys. */
        static Gradients of(ProductKeys keys, Map<String, INDArray> views) {
            return new Gradients(
                    keys.factors()
                            .map(of -> new Factors(Trained.require(views, of.a()), Trained.require(views, of.b()))),
                    Vectors.of(keys, views));
        }

        private void zero() {
            factors.ifPresent(into -> {
                into.a().assign(0);
                into.b().assign(0);
            });
            Stream.of(vectors.magnitude(), vectors.bias(), vectors.biasOnB())
                    .flatMap(Optional::stream)
                    .forEach(into -> into.assign(0));
        }
    }

    /**
     * Computes the gradients of what trains beside the weight after {@link #backward}; zero while it is switched off.
     *
     * @param d derivative at y, [n, columns]; only read
     * @param adds whether they are added to what is there
     */
    void gradients(INDArray d, Gradients into, boolean adds, LayerWorkspaceMgr workspaces) {
        if (!enabled) {
            into.zero();
            return;
        }
        double before = adds ? 1 : 0;
        into.factors().ifPresent(of -> {
            Nd4j.gemm(given(projected), given(derivative), of.b(), true, false, scaling(), before);
            Nd4j.gemm(given(adapterInput), given(outputProjected), of.a(), true, false, scaling(), before);
        });
        into.vectors().bias().ifPresent(row -> sumRows(d, 1, row, before, workspaces));
        into.vectors().biasOnB().ifPresent(row -> sumRows(d, scaling(), row, before, workspaces));
        direction().ifPresent(of -> {
            INDArray along = given(alongColumns).mul(of.reciprocalNorms());
            INDArray magnitude = into.vectors().magnitude().orElseThrow();
            magnitude.assign(adds ? magnitude.add(along) : along);
            if (trained.trueGradient()) {
                Gradients.Factors factors = into.factors().orElseThrow();
                of.subtractAlong(along, factors.a(), factors.b());
            }
        });
    }

    /** Whether gradients are made of what {@link #rows} shows: products of rows, and for a bias their sums. */
    boolean isOfRows() {
        return direction.isEmpty() && trained.vectors().biasOnB().isEmpty();
    }

    /** The rows the last backward pass saw, for as long as they live. */
    Rows rows(INDArray d) {
        Optional<Projections> projections = Optional.ofNullable(active())
                .map(of -> new Projections(of.scaling(), given(projected), given(outputProjected)));
        return new Rows(given(input), d, projections);
    }

    /**
     * What every gradient of the product is made of.
     *
     * @param x inputs, [n, rows]
     * @param d derivatives at y, [n, columns]
     * @param projections of both onto the factors of an adapter that is on
     */
    record Rows(INDArray x, INDArray d, Optional<Projections> projections) {}

    /**
     * @param scaling the adapter's s
     * @param p {@code xA}, [n, rank]
     * @param q {@code dBᵀ}, [n, rank]
     */
    record Projections(double scaling, INDArray p, INDArray q) {}

    /**
     * Computes the gradients of a weight and bias that train themselves: {@code dW = xᵀd}, {@code db = Σ_rows d}.
     *
     * @param d derivative at y, [n, columns]; only read
     * @param weight [rows, columns]
     * @param bias [columns] or [1, columns]
     * @param adds whether they are added to what is there; otherwise they overwrite it
     */
    void weightGradients(
            INDArray d, INDArray weight, Optional<INDArray> bias, boolean adds, LayerWorkspaceMgr workspaces) {
        double before = adds ? 1 : 0;
        Nd4j.gemm(given(input), d, weight, true, false, 1, before);
        bias.ifPresent(of -> sumRows(d, 1, of.reshape(new long[] {1, of.length()}), before, workspaces));
    }

    private void sumRows(INDArray rows, double factor, INDArray sum, double before, LayerWorkspaceMgr workspaces) {
        Nd4j.gemm(onesOnce(rows, workspaces), rows, sum, false, false, factor, before);
    }

    private INDArray onesOnce(INDArray d, LayerWorkspaceMgr workspaces) {
        return d.size(0) <= KEPT_ONES
                ? ones(d.size(0), d.dataType())
                : workspaces
                        .createUninitialized(ArrayType.BP_WORKING_MEM, d.dataType(), new long[] {1, d.size(0)}, 'c')
                        .assign(1);
    }

    private static <T> T given(@Nullable T kept) {
        if (kept == null) {
            throw new IllegalStateException("a backward pass needs a forward pass in training mode before it");
        }
        return kept;
    }

    /** {@code e - d} */
    private static INDArray less(INDArray e, INDArray d, LayerWorkspaceMgr workspaces) {
        return e.sub(
                d, workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, d.dataType(), d.shape(), d.ordering()));
    }

    /** @param more what the weight brings to the dropped input besides, [n, columns] */
    private void addAdapterInputGradient(
            Adapter active, INDArray q, Optional<INDArray> more, INDArray dx, LayerWorkspaceMgr workspaces) {
        Dropout dropout = active.dropout();
        if (dropout == null) {
            Nd4j.gemm(q, active.a(), dx, false, true, active.scaling(), 1);
            return;
        }
        INDArray through =
                workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, dx.dataType(), dx.shape(), dx.ordering());
        Nd4j.gemm(q, active.a(), through, false, true, active.scaling(), 0);
        more.ifPresent(of -> Nd4j.gemm(of, weight(), through, false, true, 1, 1));
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

    /**
     * Frees the arrays kept for the backward pass, where they are in no workspace, and forgets them.
     *
     * @param x of the forward pass, which stays
     * @param d of the backward pass, which stays
     */
    void release(INDArray x, INDArray d) {
        free(adapterInput, x, d);
        free(projected, x, d);
        free(outputProjected, x, d);
        free(unscaled, x, d);
        free(derivative, x, d);
        free(alongColumns, x, d);
        clear();
    }

    @SuppressWarnings("ReferenceEquality") // an array, or another
    private static void free(@Nullable INDArray kept, INDArray x, INDArray d) {
        if (kept != null && kept != x && kept != d && kept.closeable()) {
            kept.close();
        }
    }

    /** Forgets the arrays kept for the backward pass. */
    void clear() {
        input = null;
        adapterInput = null;
        projected = null;
        outputProjected = null;
        unscaled = null;
        derivative = null;
        alongColumns = null;
        if (adapter != null && adapter.dropout() != null) {
            adapter.dropout().clear();
        }
    }
}
