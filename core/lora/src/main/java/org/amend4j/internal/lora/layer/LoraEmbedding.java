/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
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
 * Rows of a table of the base, with an adapter: for token t it is {@code W[t] + s·A[t]·B}, then the bias and the activation. A
 * step's cost does not grow with the table. Input [batch, 1] or, for sequences, [batch, time] and
 * [batch, 1, time].
 */
public final class LoraEmbedding extends AdaptedTable {

    private static final long serialVersionUID = 1L;

    private final transient INDArray table;
    private final transient Optional<INDArray> bias;
    private final transient ActivationPass activation;
    private final boolean ofSequences;
    private final boolean timeFirst;
    private transient INDArray withoutAdapter;

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
    }

    @Override
    public void setWeightsWithoutAdapter(Map<String, INDArray> weights) {
        withoutAdapter = Objects.requireNonNull(weights.get(DefaultParamInitializer.WEIGHT_KEY));
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        int[] rows = tokens();
        INDArray z = look(rows, workspaces);
        add(rows, z, training, workspaces);
        bias.ifPresent(z::addiRowVector);
        INDArray a = activation.forwardInPlace(z, training, workspaces);
        keepForward(training);
        INDArray result = asActivations(a);
        applyMaskTo(result);
        return result;
    }

    private INDArray look(int[] rows, LayerWorkspaceMgr workspaces) {
        INDArray into = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, dataType, new long[] {rows.length, table.size(1)}, 'c');
        return Nd4j.pullRows(isEnabled() ? table : withoutAdapter, into, 1, rows);
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
        return new Pair<>(gradients(delta, 1), null);
    }

    @Override
    public Type type() {
        return ofSequences ? Type.RECURRENT : Type.FEED_FORWARD;
    }

    @Override
    public void clear() {
        super.clear();
        activation.clear();
    }
}
