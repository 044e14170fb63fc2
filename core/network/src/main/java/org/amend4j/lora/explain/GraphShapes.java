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
import org.amend4j.model.Configurations;
import org.amend4j.model.GraphLayers;
import org.amend4j.model.Thawed;
import org.amend4j.network.LayerKinds;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional3D;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;

/** What every vertex of a graph puts out for one example, as far as it is known. */
final class GraphShapes {

    private final Map<String, InputType> types = new HashMap<>();
    private final String unknown;

    private GraphShapes(String unknown) {
        this.unknown = unknown;
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
                    return new GraphShapes("the shape of the input '" + name + "' is not known");
                }
                inputs.add(rows.get());
            }
        }
        return inferred(network, inputs);
    }

    private static GraphShapes inferred(ComputationGraphConfiguration network, List<InputType> inputs) {
        try {
            GraphShapes shapes = new GraphShapes("");
            ComputationGraphConfiguration copy = Configurations.copy(network);
            for (int i = 0; i < inputs.size(); i++) {
                tellSteps(copy, network.getNetworkInputs().get(i), inputs.get(i));
            }
            for (int i = 0; i < inputs.size(); i++) {
                shapes.types.put(network.getNetworkInputs().get(i), inputs.get(i));
            }
            Map<String, InputType> said = new HashMap<>(shapes.types);
            GraphLayers.vertices(copy).forEach(name -> shapes.infer(copy, name, said));
            return shapes;
        } catch (RuntimeException unfit) { // whatever Deeplearning4j's layers throw at a type
            return new GraphShapes("Deeplearning4j infers no shapes from inputs " + inputs + ": " + unfit.getMessage());
        }
    }

    /**
     * Deeplearning4j says of a pooling over steps that the steps stay, and puts a step to rows after it that finds none: inference goes
     * on from what it says.
     */
    private void infer(ComputationGraphConfiguration network, String name, Map<String, InputType> said) {
        GraphVertex vertex = Objects.requireNonNull(network.getVertices().get(name), name);
        InputType[] read = network.getVertexInputs().getOrDefault(name, List.of()).stream()
                .map(input -> Objects.requireNonNull(said.get(input), input))
                .toArray(InputType[]::new);
        InputType type = withSteps(vertex.getOutputType(0, read), read);
        said.put(name, type);
        boolean pooled = GraphLayers.layer(network, name)
                .filter(layer -> Thawed.of(layer) instanceof GlobalPoolingLayer pool && pool.isCollapseDimensions())
                .isPresent();
        boolean gone = pooled && type instanceof InputTypeRecurrent;
        types.put(name, gone ? InputType.feedForward(((InputTypeRecurrent) type).getSize()) : type);
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

    /** Deeplearning4j takes sequences of looked up rows to be as long as their layer says, which takes whatever comes. */
    private static void tellSteps(ComputationGraphConfiguration network, String input, InputType type) {
        long steps = type instanceof InputTypeRecurrent sequence
                ? sequence.getTimeSeriesLength()
                : type.arrayElementsPerExample();
        readers(network, input)
                .flatMap(name -> GraphLayers.layer(network, name).stream())
                .map(Thawed::of)
                .filter(EmbeddingSequenceLayer.class::isInstance)
                .forEach(layer -> {
                    ((EmbeddingSequenceLayer) layer).setInferInputLength(false);
                    ((EmbeddingSequenceLayer) layer).setInputLength(Math.toIntExact(steps));
                });
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
                .map(Thawed::of)
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

    /** Pixels, voxels or steps of an example, or 1; empty if there are steps and their number is not known. */
    static Optional<Long> positions(InputType type) {
        if (type instanceof InputTypeConvolutional image) {
            return Optional.of(image.getHeight() * image.getWidth());
        }
        if (type instanceof InputTypeConvolutional3D volume) {
            return Optional.of(volume.getDepth() * volume.getHeight() * volume.getWidth());
        }
        if (type instanceof InputTypeRecurrent sequence) {
            return Optional.of(sequence.getTimeSeriesLength()).filter(steps -> steps > 0);
        }
        return Optional.of(1L);
    }
}
