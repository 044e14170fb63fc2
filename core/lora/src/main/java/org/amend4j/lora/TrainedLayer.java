/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import java.util.Map;
import org.amend4j.internal.lora.layer.WrappedLayer;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a dense or output layer trained in full, with the stock layer's own parameters, updaters and
 * regularisation. It computes what the stock layer computes, but each pre-activation once per step instead of three times.
 */
public final class TrainedLayer extends WrappedLayer {

    private static final long serialVersionUID = 1L;

    /**
     * @param layer the stock configuration, of a kind for which {@link #serves} holds
     * @param inputFrozen whether nothing below this layer trains
     */
    public TrainedLayer(@JsonProperty("layer") Layer layer, @JsonProperty("inputFrozen") boolean inputFrozen) {
        super(layer, inputFrozen);
        if (!serves(layer)) {
            throw new IllegalArgumentException(
                    "a layer of this kind is trained by Deeplearning4j itself, got " + layer);
        }
        BaseLayer stock = (BaseLayer) layer;
        setWeightInitFn(stock.getWeightInitFn());
        setBiasInit(stock.getBiasInit());
        setIUpdater(stock.getIUpdater());
        setBiasUpdater(stock.getBiasUpdater());
        setRegularization(stock.getRegularization());
        setRegularizationBias(stock.getRegularizationBias());
        setGradientNormalization(stock.getGradientNormalization());
        setGradientNormalizationThreshold(stock.getGradientNormalizationThreshold());
        setConstraints(stock.getConstraints());
    }

    /** Whether this class can stand in for a stock layer: dense or output, without dropout and weight noise. */
    public static boolean serves(Layer layer) {
        return layer instanceof BaseLayer weighted
                && LayerKinds.weight(layer)
                        .filter(weight -> weight.isWeight() && !weight.isTable())
                        .isPresent()
                && layer.getIDropout() == null
                && weighted.getWeightNoise() == null;
    }

    @Override
    protected org.deeplearning4j.nn.api.Layer create(NeuralNetConfiguration conf, DataType type) {
        return LayerKinds.of(getLayer()).orElseThrow().onBase(conf, Map.of(), type);
    }

    @Override
    public ParamInitializer initializer() {
        return Initializer.INSTANCE;
    }

    /** The stock layer's own initializer, asked with the stock configuration in place of ours. */
    private static final class Initializer implements ParamInitializer {

        private static final Initializer INSTANCE = new Initializer();

        private static Layer stock(Layer layer) {
            return ((TrainedLayer) layer).getLayer();
        }

        @Override
        public long numParams(NeuralNetConfiguration conf) {
            return numParams(conf.getLayer());
        }

        @Override
        public long numParams(Layer layer) {
            return stock(layer).initializer().numParams(stock(layer));
        }

        @Override
        public List<String> paramKeys(Layer layer) {
            return stock(layer).initializer().paramKeys(stock(layer));
        }

        @Override
        public List<String> weightKeys(Layer layer) {
            return stock(layer).initializer().weightKeys(stock(layer));
        }

        @Override
        public List<String> biasKeys(Layer layer) {
            return stock(layer).initializer().biasKeys(stock(layer));
        }

        @Override
        public boolean isWeightParam(Layer layer, String key) {
            return stock(layer).initializer().isWeightParam(stock(layer), key);
        }

        @Override
        public boolean isBiasParam(Layer layer, String key) {
            return stock(layer).initializer().isBiasParam(stock(layer), key);
        }

        @Override
        public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
            Layer ours = conf.getLayer();
            conf.setLayer(stock(ours));
            try {
                return stock(ours).initializer().init(conf, view, initialize);
            } finally {
                conf.setLayer(ours);
            }
        }

        @Override
        public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
            Layer ours = conf.getLayer();
            conf.setLayer(stock(ours));
            try {
                return stock(ours).initializer().getGradientsFromFlattened(conf, view);
            } finally {
                conf.setLayer(ours);
            }
        }
    }
}
