/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Collection;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What configurations do alike to make their running layers. */
final class Running {

    private Running() {}

    static <L extends org.deeplearning4j.nn.layers.BaseLayer<?>> L ready(
            L layer,
            NeuralNetConfiguration conf,
            @Nullable Collection<TrainingListener> listeners,
            int layerIndex,
            INDArray parameters,
            boolean initialize) {
        requireNothingIgnored((BaseLayer) conf.getLayer());
        layer.setListeners(listeners);
        layer.setIndex(layerIndex);
        layer.setParamsViewArray(parameters);
        Map<String, INDArray> table = NamedParameters.INSTANCE.init(conf, parameters, initialize);
        layer.setParamTable(table);
        layer.setConf(conf);
        return layer;
    }

    /** Refuses settings that every layer of Deeplearning4j has and these do not follow. */
    private static void requireNothingIgnored(BaseLayer layer) {
        if (layer.getIDropout() != null || layer.getWeightNoise() != null) {
            throw new IllegalArgumentException("layer '" + layer.getLayerName() + "' is a "
                    + layer.getClass().getSimpleName()
                    + ", which has neither dropout nor weight noise: set them on dense layers alone");
        }
    }

    /** Parameters, their updater's state, and one array of activations. */
    static LayerMemoryReport memory(BaseLayer layer, Class<?> kind, InputType inputType) {
        InputType output = layer.getOutputType(-1, inputType);
        long parameters = layer.initializer().numParams(layer);
        int state = (int) layer.getIUpdater().stateSize(parameters);
        return new LayerMemoryReport.Builder(layer.getLayerName(), kind, inputType, output)
                .standardMemory(parameters, state)
                .workingMemory(0, 0, 0, output.arrayElementsPerExample())
                .cacheMemory(0, 0)
                .build();
    }
}
