/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.amend4j.network.Network.InputFormat;
import org.amend4j.network.Operation.Combine;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Reads a graph, plain or adapted, into a {@link Network}. Layers and vertices are recognised by their exact classes: a subclass
 * may do anything. Inside, channels always come last.
 */
public final class NetworkReader {

    private final ComputationGraph graph;
    private final ComputationGraphConfiguration configuration;
    private final boolean trained;
    private final boolean channelsFirst;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Integer> results = new LinkedHashMap<>();
    private final ParameterSource parameters;

    private NetworkReader(ComputationGraph graph, boolean trained) {
        this.graph = graph;
        this.configuration = graph.getConfiguration();
        this.trained = trained;
        this.channelsFirst = Formats.channelsFirst(configuration);
        this.parameters = new ParameterSource(graph, trained);
    }

    /**
     * The loss of a graph as a function of its parameter vector.
     *
     * @param graph in which nothing is random and no examples are mixed, as {@link org.amend4j.lora.observed.ObservedGraph} makes it
     * @param examples of each input: the shape of its array without the batch
     * @throws UnsupportedNetworkException naming the vertex that cannot be taken, and why
     */
    public static Network training(ComputationGraph graph, List<long[]> examples) {
        return new NetworkReader(graph, true).read(examples);
    }

    /**
     * The outputs of a graph with the parameters it has now, in test mode, their numbers in the order of Deeplearning4j's arrays;
     * otherwise as {@link #training}.
     */
    public static Network inference(ComputationGraph graph, List<long[]> examples) {
        return new NetworkReader(graph, false).read(examples);
    }

    /**
     * The part of a graph that some of its vertices need, otherwise as {@link #inference}; a device need not be able to compute what
     * is above them. The outputs are these vertices' results, their numbers in the order of Deeplearning4j's arrays: images with
     * channels first, if the graph has them so.
     *
     * @param vertices none of them an input
     */
    public static Network prefix(ComputationGraph graph, List<String> vertices, List<long[]> examples) {
        NetworkReader reader = new NetworkReader(graph, false);
        List<InputFormat> formats = reader.inputs(examples);
        reader.vertices(reader.below(vertices));
        List<Integer> outputs = vertices.stream().map(reader::inOrderOfArrays).toList();
        return Folding.fold(new Network(reader.nodes, 0, formats, outputs));
    }

    /** The vertices themselves and what they read, directly or not. */
    private Set<String> below(List<String> vertices) {
        Set<String> found = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(vertices);
        while (!open.isEmpty()) {
            String name = open.pop();
            if (found.add(name)) {
                open.addAll(configuration.getVertexInputs().getOrDefault(name, List.of()));
            }
        }
        return found;
    }

    private int inOrderOfArrays(String vertex) {
        int node = Objects.requireNonNull(results.get(vertex), vertex);
        Shape shape = shapeOf(node);
        boolean differs = channelsFirst && shape.pixels() > 1 && shape.channels() > 1;
        return differs ? add(vertex, new Operation.Reorder(true), List.of(node), Shape.features(shape.size())) : node;
    }

    private Network read(List<long[]> examples) {
        List<InputFormat> formats = inputs(examples);
        vertices(configuration.getVertices().keySet());
        List<Integer> outputs = configuration.getNetworkOutputs().stream()
                .map(output -> trained ? Objects.requireNonNull(results.get(output), output) : inOrderOfArrays(output))
                .toList();
        if (trained) {
            requireReached(outputs);
        }
        return Folding.fold(new Network(nodes, trained ? graph.numParams() : 0, formats, outputs));
    }

    private List<InputFormat> inputs(List<long[]> examples) {
        List<String> inputs = configuration.getNetworkInputs();
        if (examples.size() != inputs.size()) {
            throw new IllegalArgumentException(
                    "the network has " + inputs.size() + " inputs " + inputs + ", got data for " + examples.size());
        }
        List<InputFormat> formats = new ArrayList<>();
        for (int k = 0; k < inputs.size(); k++) {
            formats.add(input(inputs.get(k), k, examples.get(k)));
        }
        return formats;
    }

    private void vertices(Set<String> wanted) {
        for (String name : configuration.getTopologicalOrderStr()) {
            GraphVertex vertex = configuration.getVertices().get(name);
            if (vertex != null && wanted.contains(name)) {
                read(name, vertex);
            }
        }
    }

    /** What no output depends on has no gradient, and Deeplearning4j cannot train it either. */
    private void requireReached(List<Integer> outputs) {
        boolean[] reached = new boolean[nodes.size()];
        outputs.forEach(output -> reached[output] = true);
        for (int k = nodes.size() - 1; k >= 0; k--) {
            Node node = nodes.get(k);
            if (reached[k]) {
                node.inputs().forEach(input -> reached[input] = true);
            } else if (!node.inputs().isEmpty()) {
                throw UnsupportedNetworkException.vertex(node.vertex(), "leads to no output");
            }
        }
    }

    private InputFormat input(String name, int index, long[] example) {
        boolean tokens = readByEmbedding(name);
        Shape shape = shape(name, example);
        Operation operation = tokens ? new Operation.Tokens(index) : new Operation.Input(index);
        results.put(name, add(name, operation, List.of(), shape));
        return new InputFormat(shape, channelsFirst && example.length == 3, tokens);
    }

    private Shape shape(String name, long[] example) {
        if (example.length == 1) {
            return Shape.features(Math.toIntExact(example[0]));
        }
        if (example.length == 3) {
            int[] sizes = Arrays.stream(example).mapToInt(Math::toIntExact).toArray();
            return channelsFirst ? new Shape(sizes[1], sizes[2], sizes[0]) : new Shape(sizes[0], sizes[1], sizes[2]);
        }
        throw new UnsupportedNetworkException("a device takes features [n] and images of three dimensions, got "
                + Arrays.toString(example) + " for the input '" + name + "'");
    }

    private boolean readByEmbedding(String input) {
        List<String> readers = configuration.getVertexInputs().entrySet().stream()
                .filter(entry -> entry.getValue().contains(input))
                .map(Map.Entry::getKey)
                .toList();
        long embeddings = readers.stream()
                .filter(reader ->
                        configuration.getVertices().get(reader) instanceof LayerVertex layer && readsTokens(layer))
                .count();
        if (embeddings > 0 && embeddings < readers.size()) {
            throw new UnsupportedNetworkException(
                    "the input '" + input + "' is read as words by an embedding and as numbers"
                            + " by another vertex, which a device cannot");
        }
        return embeddings > 0;
    }

    private static boolean readsTokens(LayerVertex vertex) {
        return LayerKinds.of(Wrappers.innermost(vertex.getLayerConf().getLayer()))
                .flatMap(LayerKinds.Known::table)
                .filter(table -> !table.ofSequences())
                .isPresent();
    }

    private void read(String name, GraphVertex vertex) {
        List<Integer> inputs = Objects.requireNonNull(
                        configuration.getVertexInputs().get(name), name)
                .stream()
                .map(input -> Objects.requireNonNull(results.get(input), input))
                .toList();
        GraphVertex inner = Wrappers.innermost(vertex);
        if (inner.getClass() == LayerVertex.class) {
            LayerVertex layer = (LayerVertex) inner;
            int input = preProcessed(name, layer.getPreProcessor(), inputs.get(0));
            results.put(name, layer(name, layer.getLayerConf().getLayer(), input));
        } else if (inner.getClass() == ElementWiseVertex.class) {
            results.put(name, combine(name, ((ElementWiseVertex) inner).getOp(), inputs));
        } else if (inner.getClass() == MergeVertex.class) {
            results.put(name, merge(name, (MergeVertex) inner, inputs));
        } else if (inner.getClass() == PreprocessorVertex.class) {
            results.put(name, preProcessed(name, ((PreprocessorVertex) inner).getPreProcessor(), inputs.get(0)));
        } else {
            throw UnsupportedNetworkException.vertex(
                    name, "is a " + inner.getClass().getSimpleName());
        }
    }

    private int layer(String name, Layer outer, int input) {
        Layer inner = Wrappers.innermost(outer);
        return LayerKinds.of(inner)
                .map(known -> layer(name, outer, known, input))
                .orElseThrow(() -> UnsupportedNetworkException.vertex(
                        name, "is a " + inner.getClass().getSimpleName()));
    }

    private <L extends Layer> int layer(String name, Layer outer, LayerKinds.Known<L> known, int input) {
        return known.kind().read(new LayerReading<>(this, parameters, name, outer, known.layer(), input));
    }

    private int combine(String name, ElementWiseVertex.Op op, List<Integer> inputs) {
        Shape shape = shapeOf(inputs.get(0));
        if (!inputs.stream().allMatch(input -> shapeOf(input).equals(shape))) {
            throw UnsupportedNetworkException.vertex(name, "combines inputs of different shapes");
        }
        if (inputs.size() < 2 || (op == ElementWiseVertex.Op.Max && inputs.size() > 2)) {
            throw UnsupportedNetworkException.vertex(name, "combines " + inputs.size() + " inputs by " + op);
        }
        Combine.Kind kind = switch (op) {
            case Add -> Combine.Kind.SUM;
            case Subtract -> Combine.Kind.DIFFERENCE;
            case Product -> Combine.Kind.PRODUCT;
            case Average -> Combine.Kind.AVERAGE;
            case Max -> Combine.Kind.MAXIMUM;
        };
        return add(name, new Combine(kind), inputs, shape);
    }

    private int merge(String name, MergeVertex vertex, List<Integer> inputs) {
        Shape first = shapeOf(inputs.get(0));
        int axis = first.pixels() > 1 && !channelsFirst ? 3 : 1;
        boolean fit = inputs.stream()
                .map(this::shapeOf)
                .allMatch(shape -> shape.height() == first.height() && shape.width() == first.width());
        if (!fit || (vertex.getMergeAxis() != axis && first.pixels() > 1)) {
            throw UnsupportedNetworkException.vertex(name, "merges along another dimension than the channels");
        }
        int channels =
                inputs.stream().mapToInt(input -> shapeOf(input).channels()).sum();
        return add(name, new Operation.Merge(), inputs, new Shape(first.height(), first.width(), channels));
    }

    private int preProcessed(String name, InputPreProcessor given, int input) {
        InputPreProcessor processor =
                given instanceof Wraps<?> frozen && frozen.inner() instanceof InputPreProcessor inner ? inner : given;
        if (processor == null) {
            return input;
        }
        Shape from = shapeOf(input);
        if (processor.getClass() == CnnToFeedForwardPreProcessor.class) {
            boolean first = ((CnnToFeedForwardPreProcessor) processor).getFormat() == CNN2DFormat.NCHW;
            return reordered(name, input, Shape.features(from.size()), first && from.pixels() > 1, true);
        }
        if (processor.getClass() == FeedForwardToCnnPreProcessor.class) {
            FeedForwardToCnnPreProcessor images = (FeedForwardToCnnPreProcessor) processor;
            Shape to = new Shape(
                    Math.toIntExact(images.getInputHeight()),
                    Math.toIntExact(images.getInputWidth()),
                    Math.toIntExact(images.getNumChannels()));
            if (!channelsFirst) {
                throw UnsupportedNetworkException.vertex(
                        name, "makes images with channels first for layers that want them last");
            }
            if (to.size() != from.size()) {
                throw UnsupportedNetworkException.vertex(
                        name, "makes images " + to + " of " + from.size() + " features");
            }
            return reordered(name, input, to, to.channels() > 1, false);
        }
        throw UnsupportedNetworkException.vertex(
                name, "has the preprocessor " + processor.getClass().getSimpleName());
    }

    /** One channel or one pixel is in both orders at once. */
    private int reordered(String name, int input, Shape to, boolean differs, boolean toChannelsFirst) {
        Operation operation = differs ? new Operation.Reorder(toChannelsFirst) : new Operation.Reshape();
        return to.equals(shapeOf(input)) ? input : add(name, operation, List.of(input), to);
    }

    /** Appends a node. */
    int add(String vertex, Operation operation, List<Integer> inputs, Shape shape) {
        nodes.add(new Node(vertex, operation, inputs, shape));
        return nodes.size() - 1;
    }

    Shape shapeOf(int node) {
        return nodes.get(node).shape();
    }

    boolean trained() {
        return trained;
    }

    boolean channelsFirst() {
        return channelsFirst;
    }

    boolean isTokens(int node) {
        return nodes.get(node).operation() instanceof Operation.Tokens;
    }

    /** Which of the network's outputs, and so of the labels, a vertex is; -1 if none. */
    int output(String vertex) {
        return configuration.getNetworkOutputs().indexOf(vertex);
    }
}
