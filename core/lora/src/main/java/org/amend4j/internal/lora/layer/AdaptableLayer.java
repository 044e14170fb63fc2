/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.ProductKeys;
import org.amend4j.internal.network.TrainsInProduct;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A running layer whose work is a {@link LoraProduct} on rows of its input: dense, output, convolution. */
public abstract class AdaptableLayer extends BaseBackedLayer implements SwitchableAdapters {

    private static final long serialVersionUID = 1L;

    private final transient Map<String, INDArray> base;
    private final transient Optional<ProductKeys> keys;
    private transient Map<String, INDArray> withoutAdapter;
    private transient @Nullable LoraProduct product;
    private transient List<LayerShare> shares = List.of();
    private transient @Nullable SharedProduct shared;
    private transient @Nullable LoraProduct withoutAdapters;
    private transient @Nullable Consumer<LayerRows> observer;
    private boolean enabled = true;

    protected AdaptableLayer(NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        super(conf, type);
        this.base = base;
        this.withoutAdapter = base;
        this.keys = layerConf() instanceof TrainsInProduct of ? Optional.of(of.productKeys()) : Optional.empty();
    }

    /** Columns of the product. */
    protected final long columns() {
        return product().columns();
    }

    /** The product, built when first used: parameters arrive after construction. */
    final LoraProduct product() {
        LoraProduct result = product;
        if (result == null) {
            // A kernel's matrix may be a copy that must outlive the workspace this is first called in.
            try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                result = newProduct();
            }
            result.setEnabled(enabled);
            product = result;
        }
        return result;
    }

    /**
     * Lets a layer of a base compute with adapters that are not its parameters, until it is told otherwise. For inference.
     *
     * @param wanted of the examples of a batch, in their order; one is for whole batches of any size
     */
    public final void share(List<LayerShare> wanted) {
        if (layerConf() instanceof TrainsInProduct || isTrainedInFull()) {
            throw new IllegalStateException("a layer with parameters cannot be shared by adapters " + layerId());
        }
        shares = List.copyOf(wanted);
        LoraProduct own = withoutAdapters();
        List<SharedProduct.Part> parts =
                shares.stream().map(share -> part(share, own)).toList();
        shared = parts.size() > 1 ? new SharedProduct(own, parts) : null;
        product = parts.size() == 1
                ? SharedProduct.first(parts.get(0).product(), parts.get(0).terms())
                : own;
    }

    /** Vectors beside an adapter make it a product of its own. */
    private SharedProduct.Part part(LayerShare share, LoraProduct own) {
        LoraProduct whole = share.trained().isEmpty() ? own : newProduct(share.trained());
        return share.beside().equals(LayerShare.Beside.NONE)
                ? new SharedProduct.Part(share.examples(), whole, share.terms())
                : new SharedProduct.Part(share.examples(), whole.with(share.product()), List.of());
    }

    private LoraProduct withoutAdapters() {
        LoraProduct result = withoutAdapters;
        if (result == null) {
            result = product();
            withoutAdapters = result;
        }
        return result;
    }

    /** Whether the examples of a batch use different adapters: rows are then computed in C order. */
    final boolean isMixed() {
        return shared != null;
    }

    /**
     * Computes the product.
     *
     * @param x [n, rows]
     * @param y [n, columns], overwritten
     * @param kept lifetime of what the backward pass needs
     */
    protected final void forward(
            INDArray x, INDArray y, boolean training, ArrayType kept, LayerWorkspaceMgr workspaces) {
        SharedProduct several = shared;
        if (training && !shares.isEmpty()) {
            throw new IllegalStateException(
                    "a graph shared by adapters computes outputs only, it cannot be trained " + layerId());
        }
        if (several == null) {
            product().forward(x, y, training, kept, workspaces);
            if (!shares.isEmpty() && shares.get(0).terms().size() > 1) {
                List<LayerShare.Term> terms = shares.get(0).terms();
                SharedProduct.addTerms(terms.subList(1, terms.size()), x, y, workspaces);
            }
            return;
        }
        if (input.size(0) != several.examples()) {
            throw new RegroupedRowsException(layerId(), several.examples(), input.size(0));
        }
        several.forward(x, y, timeRunsSlowest(), workspaces);
    }

    /**
     * Computes the product in use, in C order, by the call that Deeplearning4j's own layer makes: into Fortran order first. OpenBLAS
     * rounds otherwise where a product is made the other way round, or from rows in another order.
     *
     * @param x [n, rows]
     * @param lifetime of the result
     */
    final INDArray asStockDoes(INDArray x, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        long[] shape = {x.size(0), columns()};
        INDArray z = workspaces.createUninitialized(ArrayType.FF_WORKING_MEM, x.dataType(), shape, 'f');
        forward(x, z, false, ArrayType.FF_WORKING_MEM, workspaces);
        return workspaces
                .createUninitialized(lifetime, x.dataType(), shape, 'c')
                .assign(z);
    }

    private LoraProduct newProduct() {
        return newProduct(isTrainedInFull() ? paramTable() : base);
    }

    private LoraProduct newProduct(Map<String, INDArray> weights) {
        LoraProduct made = new LoraProduct(
                matrix(weights),
                Optional.ofNullable(weights.get(DefaultParamInitializer.BIAS_KEY)),
                keys.map(of -> Trained.of(of, paramTable())).orElse(Trained.NONE));
        if (withoutAdapter != base) {
            made.setWeightWithoutAdapter(matrix(withoutAdapter));
        }
        return made;
    }

    private INDArray matrix(Map<String, INDArray> weights) {
        INDArray weight = Objects.requireNonNull(
                weights.get(DefaultParamInitializer.WEIGHT_KEY), DefaultParamInitializer.WEIGHT_KEY);
        return LayerKinds.weight(layerConf().getLayer())
                .map(known -> known.matrix(weight))
                .orElse(weight);
    }

    private boolean isTrainedInFull() {
        return base.isEmpty();
    }

    @Override
    public void setAdapterEnabled(boolean enabled) {
        this.enabled = enabled;
        product().setEnabled(enabled);
    }

    @Override
    public void setWeightsWithoutAdapter(Map<String, INDArray> weights) {
        withoutAdapter = weights;
        product = null;
    }

    @Override
    public void setParamTable(Map<String, INDArray> table) {
        super.setParamTable(table);
        product = null;
    }

    /**
     * Lets somebody else make this layer's gradients: backward passes hand over the rows they are made of, and leave the
     * gradient views alone.
     */
    public final void observe(Consumer<LayerRows> observer) {
        this.observer = observer;
    }

    /** Whether an observer is shown the rows; otherwise backward passes write the gradient views as ever. */
    public boolean showsRows() {
        return product().isOfRows();
    }

    /** Backward passes write the gradient views again. */
    public final void stopObserving() {
        observer = null;
    }

    /**
     * Runs the product's backward pass into the gradient views.
     *
     * @param d derivative at the product's output, [n, columns]
     * @param lifetime of the result
     * @param order of the result
     * @return the gradient of the product's input, [n, rows], unless it is not needed
     */
    final Optional<INDArray> backward(INDArray d, ArrayType lifetime, char order, LayerWorkspaceMgr workspaces) {
        Optional<INDArray> dx = layerConf().isInputFrozen()
                ? Optional.empty()
                : Optional.of(workspaces.createUninitialized(
                        lifetime, d.dataType(), new long[] {d.size(0), product().rows()}, order));
        Consumer<LayerRows> watching = observer;
        if (watching != null && trains() && showsRows()) {
            // INPUT lives until the whole backward pass is over, working memory only until this layer's is.
            product().backward(d, dx, ArrayType.INPUT, workspaces);
            INDArray kept = workspaces
                    .createUninitialized(ArrayType.INPUT, d.dataType(), d.shape(), d.ordering())
                    .assign(d);
            watching.accept(
                    new LayerRows(layerName(), product().rows(kept), input.size(0), timeRunsSlowest(), gradientViews));
            return dx;
        }
        backwardOfSome(d, dx, false, workspaces);
        return dx;
    }

    /**
     * Runs the product's backward pass for some rows of a batch, those that the last {@link #forward} saw.
     *
     * @param d derivative at the product's output, [some, columns]
     * @param dx overwritten with the gradient of the product's input, [some, rows], if it is needed
     * @param adds whether the gradient views have the sums of the rows before these, to which these are added
     */
    protected final void backwardOfSome(INDArray d, Optional<INDArray> dx, boolean adds, LayerWorkspaceMgr workspaces) {
        product().backward(d, dx, ArrayType.BP_WORKING_MEM, workspaces);
        if (isTrainedInFull()) {
            product()
                    .weightGradients(
                            d,
                            gradientView(DefaultParamInitializer.WEIGHT_KEY),
                            Optional.ofNullable(gradientViews.get(DefaultParamInitializer.BIAS_KEY)),
                            adds,
                            workspaces);
        } else if (trains() && keys.isPresent()) {
            product().gradients(d, LoraProduct.Gradients.of(keys.get(), gradientViews), adds, workspaces);
        }
    }

    /** Frees what was kept for {@link #backwardOfSome}, in no workspace, but for its inputs. */
    protected final void releaseSome(INDArray x, INDArray d) {
        product().release(x, d);
    }

    /** Gradients of a batch of which no row counts. */
    protected final void noGradients() {
        if (trains()) {
            gradientViews.values().forEach(view -> view.assign(0));
        }
    }

    /** Whether rows are ordered by time step first, then by example; otherwise an example's rows are together. */
    boolean timeRunsSlowest() {
        return false;
    }

    private boolean trains() {
        return gradientViews != null && !gradientViews.isEmpty();
    }

    private INDArray gradientView(String key) {
        return Objects.requireNonNull(gradientViews.get(key), key);
    }

    final String layerName() {
        return String.valueOf(layerConf().getLayerName());
    }

    /** The adapter's gradients as Deeplearning4j wants them returned. */
    protected final Gradient gradients() {
        Gradient result = new DefaultGradient();
        if (gradientViews != null) {
            gradientViews.forEach(result::setGradientFor);
        }
        return result;
    }

    @Override
    public void clear() {
        super.clear();
        product().clear();
    }
}
