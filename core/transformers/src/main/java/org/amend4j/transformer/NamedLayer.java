/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Collection;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Configuration of a layer that names its parameters; dropout and weight noise, which these layers do not follow, are refused. */
abstract class NamedLayer extends FeedForwardLayer {

    private static final long serialVersionUID = 1L;

    NamedLayer() {}

    NamedLayer(FeedForwardLayer.Builder<?> builder) {
        super(builder);
    }

    /** Shapes of the parameters by key, in the order of the vector. */
    abstract Map<String, long[]> shapes();

    /** Whether one of them is a weight, which is penalised as such; all others are never penalised. */
    abstract boolean isWeight(String key);

    /** Starts one of them. */
    abstract void start(String key, INDArray parameter);

    /** In which order the elements of one of them are. */
    char order(String key) {
        return 'c';
    }

    /** The layer without its parameters. */
    abstract BaseLayer<?> running(NeuralNetConfiguration conf, DataType type);

    @Override
    public final ParamInitializer initializer() {
        return NamedParameters.INSTANCE;
    }

    @Override
    public final org.deeplearning4j.nn.api.Layer instantiate(
            NeuralNetConfiguration conf,
            @Nullable Collection<TrainingListener> listeners,
            int layerIndex,
            INDArray parameters,
            boolean initialize,
            DataType type) {
        requireNothingIgnored();
        BaseLayer<?> layer = running(conf, type);
        layer.setListeners(listeners);
        layer.setIndex(layerIndex);
        layer.setParamsViewArray(parameters);
        layer.setParamTable(NamedParameters.INSTANCE.init(conf, parameters, initialize));
        layer.setConf(conf);
        return layer;
    }

    private void requireNothingIgnored() {
        if (getIDropout() != null || getWeightNoise() != null) {
            throw new IllegalArgumentException(
                    "layer '" + getLayerName() + "' is a " + getClass().getSimpleName()
                            + ", which has neither dropout nor weight noise: set them on dense layers alone");
        }
    }

    /** Parameters, their updater's state, and one array of activations. */
    @Override
    public final LayerMemoryReport getMemoryReport(InputType inputType) {
        InputType output = getOutputType(-1, inputType);
        long parameters = initializer().numParams(this);
        int state = (int) getIUpdater().stateSize(parameters);
        return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, output)
                .standardMemory(parameters, state)
                .workingMemory(0, 0, 0, output.arrayElementsPerExample())
                .cacheMemory(0, 0)
                .build();
    }
}
