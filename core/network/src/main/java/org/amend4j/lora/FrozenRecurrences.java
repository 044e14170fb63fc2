/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.model.Configurations;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.AbstractLSTM;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.layers.recurrent.BaseRecurrentLayer;
import org.deeplearning4j.nn.layers.recurrent.BidirectionalLayer;
import org.deeplearning4j.nn.layers.recurrent.LastTimeStepLayer;
import org.deeplearning4j.nn.params.GravesBidirectionalLSTMParamInitializer;
import org.deeplearning4j.nn.params.LSTMParamInitializer;
import org.deeplearning4j.nn.params.SimpleRnnParamInitializer;
import org.deeplearning4j.util.TimeSeriesUtils;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Recurrent layers of the base that pass down their input's gradient and compute no other: LSTM, GravesLSTM,
 * GravesBidirectionalLSTM and SimpleRnn without layer normalisation, alone or in Bidirectional, LastTimeStep and
 * MaskZeroLayer. All others use Deeplearning4j's own backward pass.
 */
@SuppressWarnings("deprecation") // old models have Graves' layers
final class FrozenRecurrences {

    private final NeuralNetConfiguration conf;
    private final DataType type;

    private FrozenRecurrences(NeuralNetConfiguration conf, DataType type) {
        this.conf = conf;
        this.type = type;
    }

    /**
     * The running layer, if its kind is one of ours.
     *
     * @param conf with the stock layer in it
     * @param parameters the base's, as a row or a vector in Deeplearning4j's order
     */
    static Optional<FrozenStock> of(NeuralNetConfiguration conf, INDArray parameters, DataType type) {
        org.deeplearning4j.nn.conf.layers.Layer layer = conf.getLayer();
        if (!supports(layer)) {
            return Optional.empty();
        }
        Layer running = new FrozenRecurrences(conf, type).running(layer, parameters);
        if (running instanceof FrozenStock sequence) {
            return Optional.of(sequence);
        }
        return Optional.of(
                running instanceof BidirectionalLayer both
                        ? new FrozenBidirectional(both)
                        : new FrozenSequenceWrapper(running));
    }

    /** Exact classes: a subclass may compute something else. */
    private static boolean supports(org.deeplearning4j.nn.conf.layers.Layer layer) {
        Class<?> kind = layer.getClass();
        if (kind == LSTM.class || kind == GravesLSTM.class) {
            return slopes(layer, ((AbstractLSTM) layer).getGateActivationFn());
        }
        if (kind == GravesBidirectionalLSTM.class) {
            return slopes(layer, ((GravesBidirectionalLSTM) layer).getGateActivationFn());
        }
        if (kind == SimpleRnn.class) {
            return !((SimpleRnn) layer).hasLayerNorm() && slopes(layer, ((SimpleRnn) layer).getActivationFn());
        }
        if (kind == Bidirectional.class) {
            return supports(((Bidirectional) layer).getFwd()) && supports(((Bidirectional) layer).getBwd());
        }
        return (kind == LastTimeStep.class || kind == MaskZeroLayer.class)
                && supports(((org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer) layer).getUnderlying());
    }

    private static boolean slopes(
            org.deeplearning4j.nn.conf.layers.Layer layer, org.nd4j.linalg.activations.IActivation gate) {
        return Slope.exists(((BaseLayer) layer).getActivationFn()) && Slope.exists(gate);
    }

    private Layer running(org.deeplearning4j.nn.conf.layers.Layer layer, INDArray parameters) {
        if (layer instanceof Bidirectional both) {
            return both(both, parameters);
        }
        if (layer instanceof LastTimeStep last) {
            return new LastTimeStepLayer(running(last.getUnderlying(), parameters));
        }
        if (layer instanceof MaskZeroLayer zero) {
            return new FrozenMaskZero(
                    running(zero.getUnderlying(), parameters),
                    zero.getMaskingValue(),
                    TimeSeriesUtils.getFormatFromRnnLayer(zero.getUnderlying()));
        }
        BaseRecurrentLayer<?> stock =
                (BaseRecurrentLayer<?>) layer.instantiate(confOf(layer), null, 0, parameters, false, type);
        return new FrozenSequence(stock, directions(layer, stock.paramTable()));
    }

    private Layer both(Bidirectional layer, INDArray parameters) {
        INDArray vector = parameters.reshape(new long[] {parameters.length()});
        long half = vector.length() / 2;
        return new BidirectionalLayer(
                confOf(layer),
                running(layer.getFwd(), vector.get(NDArrayIndex.interval(0, half))),
                running(layer.getBwd(), vector.get(NDArrayIndex.interval(half, 2 * half))),
                parameters);
    }

    private NeuralNetConfiguration confOf(org.deeplearning4j.nn.conf.layers.Layer layer) {
        NeuralNetConfiguration result = Configurations.copy(conf);
        result.setLayer(layer);
        result.clearVariables();
        return result;
    }

    private static List<Recurrence> directions(
            org.deeplearning4j.nn.conf.layers.Layer layer, Map<String, INDArray> weights) {
        Slope activation = new Slope(((BaseLayer) layer).getActivationFn());
        if (layer instanceof SimpleRnn) {
            return List.of(new SimpleRecurrence(
                    product(weights, SimpleRnnParamInitializer.WEIGHT_KEY, SimpleRnnParamInitializer.BIAS_KEY),
                    FrozenLayers.require(weights, SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY),
                    activation));
        }
        if (layer instanceof GravesBidirectionalLSTM both) {
            Slope gate = new Slope(both.getGateActivationFn());
            return List.of(
                    new LstmRecurrence(
                            product(
                                    weights,
                                    GravesBidirectionalLSTMParamInitializer.INPUT_WEIGHT_KEY_FORWARDS,
                                    GravesBidirectionalLSTMParamInitializer.BIAS_KEY_FORWARDS),
                            FrozenLayers.require(
                                    weights, GravesBidirectionalLSTMParamInitializer.RECURRENT_WEIGHT_KEY_FORWARDS),
                            activation,
                            gate,
                            true),
                    new LstmRecurrence(
                            product(
                                    weights,
                                    GravesBidirectionalLSTMParamInitializer.INPUT_WEIGHT_KEY_BACKWARDS,
                                    GravesBidirectionalLSTMParamInitializer.BIAS_KEY_BACKWARDS),
                            FrozenLayers.require(
                                    weights, GravesBidirectionalLSTMParamInitializer.RECURRENT_WEIGHT_KEY_BACKWARDS),
                            activation,
                            gate,
                            false));
        }
        // GravesLSTM has the same keys.
        return List.of(new LstmRecurrence(
                product(weights, LSTMParamInitializer.INPUT_WEIGHT_KEY, LSTMParamInitializer.BIAS_KEY),
                FrozenLayers.require(weights, LSTMParamInitializer.RECURRENT_WEIGHT_KEY),
                activation,
                new Slope(((AbstractLSTM) layer).getGateActivationFn()),
                true));
    }

    private static SequenceProduct product(Map<String, INDArray> weights, String weight, String bias) {
        return new SequenceProduct(FrozenLayers.require(weights, weight), FrozenLayers.require(weights, bias));
    }
}
