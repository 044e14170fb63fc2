/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.TensorNames;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.checkpoint.Weights;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The tensors of a checkpoint as parameters of the layers that are named as its modules, and back. */
final class CheckpointWeights {

    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private CheckpointWeights() {}

    /** Puts weights into a graph; a tied head gets a copy of the table. */
    static void put(TransformerConfig config, Weights weights, ComputationGraph graph) throws IOException {
        for (String tensor : CheckpointFiles.shapes(config).keySet()) {
            assign(graph, tensor, weights.values(tensor));
        }
        if (config.tiedEmbeddings()) {
            assign(graph, TensorNames.HEAD, weights.values(TensorNames.EMBEDDINGS));
        }
    }

    /**
     * The weights of a graph.
     *
     * @throws IllegalArgumentException if it has others than the configuration asks for, or a tied head is not the table
     */
    static Weights of(TransformerConfig config, ComputationGraph graph) {
        long wanted = config.tiedEmbeddings() ? (long) config.vocabulary() * config.hiddenSize() : 0;
        for (List<Long> shape : CheckpointFiles.shapes(config).values()) {
            wanted += shape.stream().reduce(1L, Math::multiplyExact);
        }
        if (graph.numParams() != wanted) {
            throw new IllegalArgumentException("a model with this configuration has " + wanted
                    + " parameters in its graph, this one has " + graph.numParams()
                    + ": it cannot be saved as one (adapters are merged before)");
        }
        if (config.tiedEmbeddings()
                && !Arrays.equals(values(graph, TensorNames.EMBEDDINGS), values(graph, TensorNames.HEAD))) {
            throw new IllegalArgumentException(
                    "the head of a model with tied embeddings must be their table, but one of"
                            + " the two was changed alone: it cannot be saved as such a model");
        }
        return tensor -> values(graph, tensor);
    }

    /** In the checkpoint's order; doubles are rounded. */
    private static float[] values(ComputationGraph graph, String tensor) {
        INDArray parameter = parameter(graph, tensor);
        return parameter.dup(order(tensor)).data().asFloat();
    }

    private static void assign(ComputationGraph graph, String tensor, float[] values) {
        INDArray parameter = parameter(graph, tensor);
        parameter.assign(Nd4j.createFromArray(values).reshape(order(tensor), parameter.shape()));
    }

    /**
     * Of a tensor's elements in a parameter: matrices of linear layers are [outputs, inputs] there and [inputs, outputs] here, in
     * Fortran order: the same bytes.
     */
    private static char order(String tensor) {
        return tensor.equals(TensorNames.EMBEDDINGS) ? 'c' : 'f';
    }

    private static INDArray parameter(ComputationGraph graph, String tensor) {
        boolean bias = tensor.endsWith(BIAS);
        String module = tensor.substring(0, tensor.length() - (bias ? BIAS : WEIGHT).length());
        Layer layer = graph.getLayer(module);
        INDArray parameter = layer == null ? null : layer.getParam(key(module, bias));
        if (parameter == null) {
            throw new IllegalArgumentException("the graph has no parameter for '" + tensor + "'");
        }
        return parameter;
    }

    private static String key(String module, boolean bias) {
        if (bias) {
            return DefaultParamInitializer.BIAS_KEY;
        }
        return module.endsWith("norm") ? RowNorm.GAIN : DefaultParamInitializer.WEIGHT_KEY;
    }
}
