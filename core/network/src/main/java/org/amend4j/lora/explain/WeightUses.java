/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.lora.AdaptableWeights;
import org.amend4j.lora.frozen.RunningSequences;
import org.amend4j.model.BaseModel;
import org.amend4j.model.GraphLayers;
import org.amend4j.model.Thawed;
import org.amend4j.network.WeightMatrix;
import org.amend4j.network.Wrappers;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.samediff.AbstractSameDiffLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How often one example uses the weights of each vertex, in multiplications with all of a weight's elements. */
final class WeightUses {

    private final BaseModel base;
    private final ComputationGraphConfiguration network;
    private final GraphShapes shapes;

    WeightUses(BaseModel base, ComputationGraphConfiguration network, GraphShapes shapes) {
        this.base = base;
        this.network = network;
        this.shapes = shapes;
    }

    /**
     * Why the multiplications of a vertex are not known: the end of a sentence after its name; empty if they are. What has no
     * weight works element by element and counts as nothing.
     */
    Optional<String> unknown(String name) {
        Map<String, WeightMatrix> weights = AdaptableWeights.of(network, name);
        if (weights.isEmpty()) {
            boolean elementwise = base.parameters(name).values().stream().noneMatch(WeightUses::isMatrix);
            return elementwise ? Optional.empty() : Optional.of("has weights whose use is not known");
        }
        if (!(network.getVertices().get(name) instanceof LayerVertex vertex)
                || isOfSameDiff(Thawed.of(vertex.getLayerConf().getLayer()))) {
            return Optional.of("has products that are not with weights");
        }
        if (turnsSteps(vertex) && !(shapes.of(inputs(name).get(0)).orElse(null) instanceof InputTypeFeedForward)) {
            return Optional.of("reads steps as if they were examples");
        }
        return uses(name, vertex).isPresent() ? Optional.empty() : Optional.of("has an unknown number of steps");
    }

    private static boolean isMatrix(INDArray parameter) {
        long longest = 0;
        for (long side : parameter.shape()) {
            longest = Math.max(longest, side);
        }
        return parameter.length() > longest;
    }

    private static boolean isOfSameDiff(Layer layer) {
        return layer instanceof AbstractSameDiffLayer && !isLocallyConnected(layer);
    }

    private static boolean isLocallyConnected(Layer layer) {
        return layer instanceof LocallyConnected1D || layer instanceof LocallyConnected2D;
    }

    private static boolean turnsSteps(LayerVertex vertex) {
        Object turning = vertex.getPreProcessor();
        return turning instanceof RnnToFeedForwardPreProcessor
                || turning instanceof FeedForwardToRnnPreProcessor
                || turning instanceof RnnToCnnPreProcessor
                || turning instanceof CnnToRnnPreProcessor;
    }

    private Optional<Long> uses(String name, LayerVertex vertex) {
        Layer layer = innermost(name);
        Optional<InputType> into = shapes.of(inputs(name).get(0))
                .map(type -> vertex.getPreProcessor() == null || turnsSteps(vertex)
                        ? type
                        : vertex.getPreProcessor().getOutputType(type));
        if (isLocallyConnected(layer)) {
            return Optional.of(1L);
        }
        boolean atInputs = layer instanceof Deconvolution2D
                || layer instanceof Deconvolution3D
                || (into.orElse(null) instanceof InputTypeRecurrent && !(layer instanceof Convolution1DLayer));
        return (atInputs ? into : shapes.of(name)).flatMap(GraphShapes::positions);
    }

    private List<String> inputs(String name) {
        return Objects.requireNonNull(network.getVertexInputs().get(name), name);
    }

    private Layer innermost(String name) {
        return Wrappers.innermost(Thawed.of(GraphLayers.layer(network, name).orElseThrow()));
    }

    /**
     * Times that one example is multiplied with all of a weight: pixels, voxels or steps; none for a table.
     *
     * @param name of a vertex for which nothing is {@linkplain #unknown unknown}
     */
    long uses(String name, WeightMatrix weight) {
        return weight.isTable()
                ? 0
                : uses(name, (LayerVertex)
                                Objects.requireNonNull(network.getVertices().get(name), name))
                        .orElseThrow();
    }

    /** The weights of a vertex, by key. */
    Map<String, WeightMatrix> weights(String name) {
        return AdaptableWeights.of(network, name);
    }

    /** Whether its adapters' gradients come from rows, as those of recurrent layers do that compute step by step here. */
    boolean hasRows(String name) {
        return GraphLayers.layer(network, name)
                .map(Thawed::of)
                .filter(RunningSequences::serves)
                .isPresent();
    }
}
