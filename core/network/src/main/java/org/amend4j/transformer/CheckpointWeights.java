/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.io.IOException;
import java.util.Map;
import org.amend4j.checkpoint.Checkpoint;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Puts a checkpoint's tensors into the layers of a graph that are named as its modules.
 *
 * @param others tensors of layers that are not their module's own, by the layer's name: those of a tied head
 */
record CheckpointWeights(Checkpoint checkpoint, Map<String, String> others) {

    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    /** The tables of an encoder's embeddings are modules of their own. */
    private static final Map<String, String> TABLES = Map.of(
            TransformerEmbedding.WORDS, ".word_embeddings.weight",
            TransformerEmbedding.POSITIONS, ".position_embeddings.weight",
            TransformerEmbedding.TYPES, ".token_type_embeddings.weight");

    /** Layers without tensors keep what they started with. */
    void readInto(ComputationGraph graph, String prefix) throws IOException {
        for (Layer layer : graph.getLayers()) {
            String module = layer.conf().getLayer().getLayerName();
            String stored = module.startsWith(prefix) ? module.substring(prefix.length()) : module;
            for (Map.Entry<String, INDArray> parameter : layer.paramTable().entrySet()) {
                String tensor = tensor(layer, stored, parameter.getKey());
                if (checkpoint.shapes().containsKey(tensor)) {
                    assign(parameter.getKey(), parameter.getValue(), checkpoint.read(tensor));
                }
            }
        }
    }

    private String tensor(Layer layer, String module, String key) {
        if (others.containsKey(module)) {
            return others.get(module);
        }
        boolean tables = layer.conf().getLayer() instanceof TransformerEmbedding embedding && embedding.positions() > 0;
        if (tables) {
            return module + TABLES.get(key);
        }
        return module + (key.equals(DefaultParamInitializer.BIAS_KEY) ? BIAS : WEIGHT);
    }

    private static void assign(String key, INDArray parameter, float[] values) {
        INDArray read = Nd4j.createFromArray(values);
        // matrices of linear layers are [outputs, inputs] there and [inputs, outputs] here, in Fortran order: the same
        // bytes
        boolean turned = key.equals(DefaultParamInitializer.WEIGHT_KEY) && parameter.ordering() == 'f';
        parameter.assign(read.reshape(turned ? 'f' : 'c', parameter.shape()));
    }
}
