/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.network.HasAdapter;
import org.amend4j.internal.network.TrainsTokens;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Broadcast;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Rows of a table of the base, with an adapter: for token t it is {@code W[t] + s·A[t]·B}, then the bias and the activation. Only rows
 * that occur are read, and a step's cost does not grow with the table. Input [batch, 1] or, for sequences, [batch, time] and
 * [batch, 1, time]. Tokens that {@linkplain TrainsTokens train} have rows of their own in place of the table's.
 *
 * <p>The adapter's input is a token, of which nothing can be dropped: as in PEFT its dropout has no effect.
 */
public final class LoraEmbedding extends BaseBackedLayer implements SwitchableAdapters {

    private static final long serialVersionUID = 1L;

    private final transient INDArray table;
    private final transient Optional<INDArray> bias;
    private final transient ActivationPass activation;
    private final boolean ofSequences;
    private final boolean timeFirst;
    private final transient Optional<OwnRows> ownRows;
    private transient INDArray withoutAdapter;
    private boolean enabled = true;
    private transient int @Nullable [] tokens;
    private transient @Nullable INDArray looked;

    /** An embedding of single tokens. */
    public static LoraEmbedding of(
            EmbeddingLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        return new LoraEmbedding(conf, base, layer.isHasBias(), type, false, false);
    }

    /** An embedding of sequences. */
    public static LoraEmbedding of(
            EmbeddingSequenceLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        return new LoraEmbedding(conf, base, layer.isHasBias(), type, true, layer.getOutputFormat() == RNNFormat.NWC);
    }

    private LoraEmbedding(
            NeuralNetConfiguration conf,
            Map<String, INDArray> base,
            boolean hasBias,
            DataType type,
            boolean ofSequences,
            boolean timeFirst) {
        super(conf, type);
        this.table = Objects.requireNonNull(base.get(DefaultParamInitializer.WEIGHT_KEY));
        this.withoutAdapter = table;
        this.bias = hasBias ? Optional.ofNullable(base.get(DefaultParamInitializer.BIAS_KEY)) : Optional.empty();
        this.activation = new ActivationPass(layerConf().getActivationFn());
        this.ofSequences = ofSequences;
        this.timeFirst = timeFirst;
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
        withoutAdapter = Objects.requireNonNull(weights.get(DefaultParamInitializer.WEIGHT_KEY));
    }

    private Optional<TableFactors> adapter() {
        return enabled && layerConf() instanceof HasAdapter adapter
                ? Optional.of(TableFactors.of(adapter, paramTable()))
                : Optional.empty();
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        int[] rows = tokens();
        ArrayType lifetime = training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
        INDArray z = look(rows, workspaces);
        adapter().ifPresent(adapter -> looked = adapter.add(rows, z, lifetime, workspaces));
        bias.ifPresent(z::addiRowVector);
        INDArray a = activation.forwardInPlace(z, training, workspaces);
        tokens = rows;
        keepForward(training);
        INDArray result = asActivations(a);
        applyMaskTo(result);
        return result;
    }

    private INDArray look(int[] rows, LayerWorkspaceMgr workspaces) {
        INDArray into = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, dataType, new long[] {rows.length, table.size(1)}, 'c');
        Nd4j.pullRows(enabled ? table : withoutAdapter, into, 1, rows);
        if (enabled) {
            ownRows.ifPresent(own -> own.putInto(getParam(TrainsTokens.ROWS), rows, into));
        }
        return into;
    }

    /** The input's numbers, an example's together. */
    private int[] tokens() {
        boolean fits = ofSequences
                ? input.rank() <= 2 || (input.rank() == 3 && input.size(1) == 1)
                : input.length() == input.size(0);
        if (!fits) {
            throw new DL4JInvalidInputException(
                    "input must be [batch, " + (ofSequences ? "time] or [batch, 1, time" : "1") + "], got shape "
                            + Arrays.toString(input.shape()) + " " + layerId());
        }
        int[] rows = input.dup('c').data().asInt();
        for (int row : rows) {
            if (row < 0 || row >= table.size(0)) {
                throw new DL4JInvalidInputException(
                        "indices must be between 0 and " + (table.size(0) - 1) + ", got " + row + " " + layerId());
            }
        }
        return rows;
    }

    /** Rows as Deeplearning4j has them: [batch, width], [batch, width, time] or [batch, time, width]. */
    private INDArray asActivations(INDArray rows) {
        if (!ofSequences) {
            return rows;
        }
        long batch = input.size(0);
        INDArray byTime = rows.reshape('c', new long[] {batch, rows.size(0) / batch, rows.size(1)});
        return timeFirst ? byTime : byTime.permute(0, 2, 1);
    }

    private INDArray asRows(INDArray activations, LayerWorkspaceMgr workspaces) {
        if (!ofSequences) {
            return activations;
        }
        INDArray byTime = timeFirst ? activations : activations.permute(0, 2, 1);
        long[] shape = {byTime.size(0) * byTime.size(1), byTime.size(2)};
        return workspaces.dup(ArrayType.BP_WORKING_MEM, byTime, 'c').reshape('c', shape);
    }

    private void applyMaskTo(INDArray activations) {
        INDArray mask = maskArray;
        if (mask == null) {
            return;
        }
        INDArray values = mask.castTo(activations.dataType());
        if (!ofSequences) {
            activations.muliColumnVector(values);
        } else {
            Broadcast.mul(activations, values, activations, timeFirst ? new int[] {0, 1} : new int[] {0, 2});
        }
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        requireForward(workspaces);
        INDArray error = workspaces.dup(ArrayType.BP_WORKING_MEM, epsilon.castTo(dataType), epsilon.ordering());
        applyMaskTo(error);
        INDArray delta = activation.backward(asRows(error, workspaces));
        Gradient result = new DefaultGradient();
        Map<String, INDArray> views = gradientViews;
        if (views != null && !views.isEmpty()) {
            if (ownRows.isPresent()) {
                writeOfTokens(delta, Objects.requireNonNull(views.get(TrainsTokens.ROWS)), ownRows.get());
            } else {
                writeGradients(delta, views);
            }
            views.forEach(result::setGradientFor);
        }
        return new Pair<>(result, null);
    }

    private void writeOfTokens(INDArray delta, INDArray into, OwnRows own) {
        if (enabled) {
            own.addUp(delta, Objects.requireNonNull(tokens), into);
        } else {
            into.assign(0);
        }
    }

    private void writeGradients(INDArray delta, Map<String, INDArray> views) {
        INDArray gradA = Objects.requireNonNull(views.get(HasAdapter.A));
        INDArray gradB = Objects.requireNonNull(views.get(HasAdapter.B));
        Optional<TableFactors> adapter = adapter();
        if (adapter.isEmpty()) {
            gradA.assign(0);
            gradB.assign(0);
            return;
        }
        adapter.get()
                .writeGradients(delta, Objects.requireNonNull(looked), Objects.requireNonNull(tokens), 1, gradA, gradB);
    }

    @Override
    public Type type() {
        return ofSequences ? Type.RECURRENT : Type.FEED_FORWARD;
    }

    @Override
    public void clear() {
        super.clear();
        activation.clear();
        tokens = null;
        looked = null;
    }
}
