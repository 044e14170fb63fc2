/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.layer.BaseBackedLayer;
import org.amend4j.internal.lora.layer.OwnRows;
import org.amend4j.internal.lora.layer.SwitchableAdapters;
import org.amend4j.internal.lora.layer.TableFactors;
import org.amend4j.internal.network.HasAdapter;
import org.amend4j.internal.network.TrainsTokens;
import org.amend4j.transformer.TransformerEmbedding;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A running {@link TransformerEmbedding} on a base's tables, the words' with an adapter: {@code factor·(W[t] + s·A[t]·B)} and the rows of
 * the other tables. Tokens that {@linkplain TrainsTokens train} have rows of their own in place of W's. Only rows that occur are read. As in PEFT dropout has no effect: a token is nothing of which a part can be dropped.
 */
final class FrozenEmbedding extends BaseBackedLayer implements SwitchableAdapters {

    private static final long serialVersionUID = 1L;

    private final transient TokenTables tables;
    private final transient Optional<OwnRows> ownRows;
    private transient TokenTables withoutAdapter;
    private boolean enabled = true;
    private transient int @Nullable [] tokens;
    private transient @Nullable INDArray looked;

    /**
     * @param conf around the stock layer
     * @param base its tables by their keys, only read
     */
    FrozenEmbedding(NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        super(conf, type);
        this.tables = new TokenTables((TransformerEmbedding) layerConf().getLayer(), base);
        this.withoutAdapter = tables;
        this.ownRows = layerConf() instanceof TrainsTokens trains
                ? Optional.of(new OwnRows(trains.trainedTokens()))
                : Optional.empty();
    }

    @Override
    public void setAdapterEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    @Override
    public void setWeightsWithoutAdapter(Map<String, INDArray> weights) {
        withoutAdapter = new TokenTables(tables.layer(), weights);
    }

    private Optional<TableFactors> adapter() {
        return enabled && layerConf() instanceof HasAdapter adapter
                ? Optional.of(TableFactors.of(adapter, paramTable()))
                : Optional.empty();
    }

    private Optional<OwnRows> ownRows() {
        return enabled ? ownRows : Optional.empty();
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        ArrayType kept = training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
        TokenTables read = enabled ? tables : withoutAdapter;
        INDArray result = read.rows(
                read.places(input),
                (ids, rows) -> {
                    tokens = ids;
                    adapter().ifPresent(adapter -> looked = adapter.add(ids, rows, kept, workspaces));
                    ownRows().ifPresent(own -> own.putInto(getParam(TrainsTokens.ROWS), ids, rows));
                },
                workspaces);
        keepForward(training);
        return result;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        requireForward(workspaces);
        Gradient gradient = new DefaultGradient();
        Map<String, INDArray> views = gradientViews;
        if (views != null && !views.isEmpty()) {
            write(epsilon, views);
            views.forEach(gradient::setGradientFor);
        }
        return new Pair<>(gradient, workspaces.create(ArrayType.ACTIVATION_GRAD, dataType, input.shape()));
    }

    private void write(INDArray epsilon, Map<String, INDArray> views) {
        Optional<TableFactors> adapter = adapter();
        if (ownRows().isPresent()) {
            INDArray view = Objects.requireNonNull(views.get(TrainsTokens.ROWS));
            ownRows().get().addUp(epsilon, Objects.requireNonNull(tokens), view);
            tables.scale(view);
            return;
        }
        if (adapter.isEmpty()) {
            views.values().forEach(view -> view.assign(0));
            return;
        }
        adapter.get()
                .writeGradients(
                        epsilon,
                        Objects.requireNonNull(looked),
                        Objects.requireNonNull(tokens),
                        tables.layer().factor(),
                        Objects.requireNonNull(views.get(HasAdapter.A)),
                        Objects.requireNonNull(views.get(HasAdapter.B)));
    }

    @Override
    public @Nullable Pair<INDArray, MaskState> feedForwardMaskArray(
            @Nullable INDArray mask, MaskState state, int minibatchSize) {
        HeadPass.refuseMask(mask, String.valueOf(layerConf().getLayerName()));
        return null;
    }

    @Override
    public void clear() {
        super.clear();
        tokens = null;
        looked = null;
    }
}
