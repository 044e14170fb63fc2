/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.amend4j.internal.network.FrozenSequences;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.recurrent.BaseRecurrentLayer;
import org.deeplearning4j.nn.params.GravesBidirectionalLSTMParamInitializer;
import org.deeplearning4j.nn.params.LSTMParamInitializer;
import org.deeplearning4j.nn.params.SimpleRnnParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Recurrent layers and attentions of a base that compute only their input's gradient, for the
 * {@linkplain org.amend4j.internal.network.LayerKind kinds} that they serve. All take the stock layer's configuration, and the base's
 * parameters in Deeplearning4j's order.
 */
public final class RunningSequences {

    private RunningSequences() {}

    /** Whether a recurrent layer with these functions, of the outputs and of the gates, can be one. */
    public static boolean serves(IActivation activation, IActivation gate) {
        return Slope.exists(activation) && Slope.exists(gate);
    }

    /** Whether the kind of a layer, which may be inside of another, has such a layer. */
    public static boolean serves(org.deeplearning4j.nn.conf.layers.Layer layer) {
        return LayerKinds.of(layer)
                .filter(LayerKinds.Known::runsAsFrozenSequence)
                .isPresent();
    }

    /** An LSTM, with peepholes if its recurrent weights have columns for them. */
    public static Layer lstm(BaseLayer layer, IActivation gate, FrozenSequences sequences, INDArray parameters) {
        return running(
                layer,
                sequences,
                parameters,
                // GravesLSTM has the same keys.
                weights -> List.of(lstm(
                        weights,
                        LSTMParamInitializer.INPUT_WEIGHT_KEY,
                        LSTMParamInitializer.RECURRENT_WEIGHT_KEY,
                        LSTMParamInitializer.BIAS_KEY,
                        layer,
                        gate,
                        true)));
    }

    /** Two LSTMs, whose outputs are added. */
    public static Layer bidirectionalLstm(
            BaseLayer layer, IActivation gate, FrozenSequences sequences, INDArray parameters) {
        return running(
                layer,
                sequences,
                parameters,
                weights -> List.of(
                        lstm(
                                weights,
                                GravesBidirectionalLSTMParamInitializer.INPUT_WEIGHT_KEY_FORWARDS,
                                GravesBidirectionalLSTMParamInitializer.RECURRENT_WEIGHT_KEY_FORWARDS,
                                GravesBidirectionalLSTMParamInitializer.BIAS_KEY_FORWARDS,
                                layer,
                                gate,
                                true),
                        lstm(
                                weights,
                                GravesBidirectionalLSTMParamInitializer.INPUT_WEIGHT_KEY_BACKWARDS,
                                GravesBidirectionalLSTMParamInitializer.RECURRENT_WEIGHT_KEY_BACKWARDS,
                                GravesBidirectionalLSTMParamInitializer.BIAS_KEY_BACKWARDS,
                                layer,
                                gate,
                                false)));
    }

    /** A recurrent layer without gates. */
    public static Layer simple(BaseLayer layer, FrozenSequences sequences, INDArray parameters) {
        return running(
                layer,
                sequences,
                parameters,
                weights -> List.of(new SimpleRecurrence(
                        product(weights, SimpleRnnParamInitializer.WEIGHT_KEY, SimpleRnnParamInitializer.BIAS_KEY),
                        Objects.requireNonNull(
                                weights.get(SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY),
                                SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY),
                        new Slope(layer.getActivationFn()))));
    }

    /**
     * An attention of a sequence to itself, or of learned queries to it.
     *
     * @param width of the sequence
     */
    public static Layer attention(SameDiffLayer layer, long width, FrozenSequences sequences, INDArray parameters) {
        Layer stock = layer.instantiate(sequences.conf(layer), null, 0, parameters, false, sequences.type());
        return new FrozenAttention(stock, width, sequences.type());
    }

    /**
     * An attention of queries to keys and values that come from several vertices.
     *
     * @param stock Deeplearning4j's own on the parameters
     */
    public static GraphVertex attentionVertex(GraphVertex stock, DataType type) {
        return new FrozenAttentionVertex(stock, type);
    }

    /** A layer around another one that masks the time steps whose features all have one value. */
    public static Layer masked(Layer inside, double maskingValue, RNNFormat format) {
        return new FrozenMaskZero(inside, maskingValue, format);
    }

    private static Layer running(
            BaseLayer layer,
            FrozenSequences sequences,
            INDArray parameters,
            Function<Map<String, INDArray>, List<Recurrence>> directions) {
        BaseRecurrentLayer<?> stock = (BaseRecurrentLayer<?>)
                layer.instantiate(sequences.conf(layer), null, 0, parameters, false, sequences.type());
        return new FrozenSequence(stock, directions.apply(stock.paramTable()));
    }

    private static Recurrence lstm(
            Map<String, INDArray> weights,
            String input,
            String recurrent,
            String bias,
            BaseLayer layer,
            IActivation gate,
            boolean forwards) {
        return new LstmRecurrence(
                product(weights, input, bias),
                Objects.requireNonNull(weights.get(recurrent), recurrent),
                new Slope(layer.getActivationFn()),
                new Slope(gate),
                forwards);
    }

    private static SequenceProduct product(Map<String, INDArray> weights, String weight, String bias) {
        return new SequenceProduct(
                Objects.requireNonNull(weights.get(weight), weight), Objects.requireNonNull(weights.get(bias), bias));
    }
}
