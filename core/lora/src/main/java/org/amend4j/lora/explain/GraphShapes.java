/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;

/** What every vertex of a graph puts out for one example, as far as it is known. */
final class GraphShapes {

    private final Map<String, InputType> types = new HashMap<>();
    private final String unknown;
    private final ComputationGraphConfiguration network;

    private GraphShapes(String unknown, ComputationGraphConfiguration network) {
        this.unknown = unknown;
        this.network = network;
    }

    /**
     * Of a graph with these inputs.
     *
     * @param given types of the network's inputs, in their order; none if rows of as many features as layers read are to be taken
     */
    static GraphShapes of(ComputationGraphConfiguration network, List<InputType> given) {
        List<InputType> inputs = given;
        if (inputs.isEmpty()) {
            inputs = new ArrayList<>();
            for (String name : network.getNetworkInputs()) {
                Optional<InputType> rows = rows(network, name);
                if (rows.isEmpty()) {
                    return new GraphShapes("the shape of the input '" + name + "' is not known", network);
                }
                inputs.add(rows.get());
            }
        }
        return inferred(network, inputs);
    }

    private static GraphShapes inferred(ComputationGraphConfiguration given, List<InputType> inputs) {
        ComputationGraphConfiguration network = Configurations.copy(given); // inference may write into it
        try {
            GraphShapes shapes = new GraphShapes("", network);
            for (int i = 0; i < inputs.size(); i++) {
                shapes.types.put(network.getNetworkInputs().get(i), inputs.get(i));
            }
            Map<String, InputType> said = new HashMap<>(shapes.types);
            GraphLayers.vertices(network).forEach(name -> shapes.infer(name, said));
            return shapes;
        } catch (RuntimeException unfit) { // whatever Deeplearning4j's layers throw at a type
            return new GraphShapes(
                    "Deeplearning4j infers no shapes from inputs " + inputs + ": " + unfit.getMessage(), network);
        }
    }

    /**
     * Where a kind knows that there are no steps left, Deeplearning4j has put a step to rows after it that finds none: inference goes on
     * from what it says.
     */
    private void infer(String name, Map<String, InputType> said) {
        GraphVertex vertex = vertex(name);
        InputType[] read = network.getVertexInputs().getOrDefault(name, List.of()).stream()
                .map(input -> Objects.requireNonNull(said.get(input), input))
                .toArray(InputType[]::new);
        InputType inferred = withSteps(vertex.getOutputType(0, read), read);
        InputType type = GraphLayers.layer(network, name)
                .map(layer -> LayerKinds.output(Unfrozen.of(layer), turned(vertex, read[0]), inferred))
                .orElse(inferred);
        said.put(name, type.getType() == inferred.getType() ? type : inferred);
        types.put(name, type);
    }

    private GraphVertex vertex(String name) {
        return Objects.requireNonNull(network.getVertices().get(name), name);
    }

    /** What a layer's preprocessor makes of a type. */
    private static InputType turned(GraphVertex vertex, InputType type) {
        return vertex instanceof LayerVertex layer && layer.getPreProcessor() != null
                ? layer.getPreProcessor().getOutputType(type)
                : type;
    }

    /** Whether a layer's preprocessor takes steps for examples, or back. */
    static boolean turnsSteps(LayerVertex vertex) {
        Object turning = vertex.getPreProcessor();
        return turning instanceof RnnToFeedForwardPreProcessor
                || turning instanceof FeedForwardToRnnPreProcessor
                || turning instanceof RnnToCnnPreProcessor
                || turning instanceof CnnToRnnPreProcessor;
    }

    /** Deeplearning4j's bidirectional layers forget how many steps they read. */
    private static InputType withSteps(InputType type, InputType... read) {
        boolean forgotten = read.length == 1
                && type instanceof InputTypeRecurrent after
                && after.getTimeSeriesLength() < 1
                && read[0] instanceof InputTypeRecurrent;
        return forgotten
                ? InputType.recurrent(
                        ((InputTypeRecurrent) type).getSize(),
                        ((InputTypeRecurrent) read[0]).getTimeSeriesLength(),
                        ((InputTypeRecurrent) type).getFormat())
                : type;
    }

    private static Stream<String> readers(ComputationGraphConfiguration network, String input) {
        return GraphLayers.vertices(network).stream()
                .filter(name ->
                        network.getVertexInputs().getOrDefault(name, List.of()).contains(input));
    }

    /** Rows, where the layers that read an input read rows. */
    private static Optional<InputType> rows(ComputationGraphConfiguration network, String input) {
        return readers(network, input)
                .findFirst()
                .filter(name -> network.getVertices().get(name) instanceof LayerVertex vertex
                        && vertex.getPreProcessor() == null)
                .flatMap(name -> GraphLayers.layer(network, name))
                .map(Unfrozen::of)
                .filter(layer -> LayerKinds.readsRows(layer) && !LayerKinds.readsSequences(layer))
                .filter(FeedForwardLayer.class::isInstance)
                .map(layer -> InputType.feedForward(((FeedForwardLayer) layer).getNIn()));
    }

    /** Why nothing is known; empty if something is. */
    String unknown() {
        return unknown;
    }

    Optional<InputType> of(String name) {
        return Optional.ofNullable(types.get(name));
    }

    /** What a layer reads whose only input is known: one example's, also where steps were turned into examples. */
    InputType reads(String name) {
        String input = network.getVertexInputs().getOrDefault(name, List.of()).get(0);
        InputType type = Objects.requireNonNull(types.get(input), input);
        return vertex(name) instanceof LayerVertex layer && turnsSteps(layer) ? type : turned(vertex(name), type);
    }

    /** Values that an example has at all of these together, if each is known. */
    Optional<Long> elements(Collection<String> names) {
        long sum = 0;
        for (String name : names) {
            InputType type = types.get(name);
            if (type == null || (type instanceof InputTypeRecurrent sequence && sequence.getTimeSeriesLength() < 1)) {
                return Optional.empty();
            }
            sum += type.arrayElementsPerExample();
        }
        return Optional.of(sum);
    }
}
