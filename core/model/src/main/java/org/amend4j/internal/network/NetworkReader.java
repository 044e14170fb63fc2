/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.amend4j.internal.network.Network.InputFormat;
import org.amend4j.internal.network.Nodes.Result;
import org.amend4j.internal.network.Operation.Combine;
import org.amend4j.internal.text.Article;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Reads a graph, plain or adapted, into a {@link Network}. Layers and vertices are recognised by their exact classes: a subclass
 * may do anything. Inside, channels always come last.
 */
public final class NetworkReader {

    /** Of tokens: their words, whether they count, their types. */
    private static final int MOST_FEATURES = 3;

    private final ComputationGraph graph;
    private final ComputationGraphConfiguration configuration;
    private final boolean trained;
    private final Scope scope;
    private final Formats formats;
    private final Nodes nodes;
    private final Map<String, Result> results = new LinkedHashMap<>();
    private final ParameterSource parameters;
    private final OpaqueReader others;
    private final Map<List<Double>, Operation.Angles> angles = new HashMap<>();

    private NetworkReader(ComputationGraph graph, List<long[]> examples, boolean trained, Scope scope) {
        this.graph = graph;
        this.configuration = graph.getConfiguration();
        this.trained = trained;
        this.scope = scope;
        this.formats = Formats.of(configuration);
        this.nodes = new Nodes(formats);
        this.parameters = new ParameterSource(graph, trained);
        this.others = new OpaqueReader(graph, examples, trained);
    }

    /**
     * The loss of a graph as a function of its parameter vector.
     *
     * @param graph in which nothing is random and no examples are mixed
     * @param examples of each input: the shape of its array without the batch
     * @param scope which vertices are taken; what Deeplearning4j is to compute stays with this graph, which must be used by nobody
     *     else meanwhile
     * @throws UnsupportedNetworkException naming the vertex that cannot be taken, and why
     */
    public static Network training(ComputationGraph graph, List<long[]> examples, Scope scope) {
        return new NetworkReader(graph, examples, true, scope).read(examples);
    }

    /** As {@link #training(ComputationGraph, List, Scope)}, of known vertices. */
    public static Network training(ComputationGraph graph, List<long[]> examples) {
        return training(graph, examples, Scope.KNOWN);
    }

    /**
     * The outputs of a graph with the parameters it has now, in test mode, their numbers in the order of Deeplearning4j's arrays;
     * otherwise as {@link #training(ComputationGraph, List, Scope)}.
     */
    public static Network inference(ComputationGraph graph, List<long[]> examples, Scope scope) {
        return new NetworkReader(graph, examples, false, scope).read(examples);
    }

    /** As {@link #inference(ComputationGraph, List, Scope)}, of known vertices. */
    public static Network inference(ComputationGraph graph, List<long[]> examples) {
        return inference(graph, examples, Scope.KNOWN);
    }

    /**
     * The part of a graph that some of its vertices need, otherwise as {@link #inference(ComputationGraph, List, Scope)}; a device need not be able to compute what
     * is above them. The outputs are these vertices' results, their numbers in the order of Deeplearning4j's arrays: images with
     * channels first, if the graph has them so.
     *
     * @param vertices none of them an input
     */
    public static Network prefix(ComputationGraph graph, List<String> vertices, List<long[]> examples, Scope scope) {
        NetworkReader reader = new NetworkReader(graph, examples, false, scope);
        List<InputFormat> formats = reader.inputs(examples);
        reader.vertices(reader.below(vertices));
        List<Integer> outputs = vertices.stream().map(reader::inOrderOfArrays).toList();
        return Folding.fold(new Network(reader.nodes.all(), 0, formats, outputs));
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
        Result result = Objects.requireNonNull(results.get(vertex), vertex);
        if (result.layout() == Layout.STEPS) {
            throw UnsupportedNetworkException.vertex(vertex, "has a row for every step as its result");
        } else if (result.layout().isOfTokens()) {
            throw UnsupportedNetworkException.vertex(vertex, "has a row for every token as its result");
        }
        return nodes.array(vertex, result);
    }

    private Network read(List<long[]> examples) {
        List<InputFormat> formats = inputs(examples);
        vertices(configuration.getVertices().keySet());
        List<Integer> outputs = configuration.getNetworkOutputs().stream()
                .map(output -> trained
                        ? Objects.requireNonNull(results.get(output), output).node()
                        : inOrderOfArrays(output))
                .toList();
        if (trained) {
            requireReached(outputs);
        }
        return Folding.fold(new Network(nodes.all(), trained ? graph.numParams() : 0, formats, outputs));
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
            Node node = nodes.all().get(k);
            if (reached[k]) {
                node.inputs().forEach(input -> reached[input] = true);
            } else if (!node.inputs().isEmpty()) {
                throw UnsupportedNetworkException.vertex(node.vertex(), "leads to no output");
            }
        }
    }

    private InputFormat input(String name, int index, long[] example) {
        if (readAsTokens(name)) {
            return tokens(name, index, example);
        }
        boolean words = readByEmbedding(name);
        ArrayForm form = ArrayForm.ofExample(example);
        if (scope == Scope.KNOWN && form.layout() == Layout.OTHER) {
            throw new UnsupportedNetworkException(
                    "a device takes features [n], sequences of two and images of three dimensions, got "
                            + Arrays.toString(example) + " for the input '" + name + "'");
        }
        Shape shape = formats.shape(form);
        Operation operation = words ? new Operation.Words(index) : new Operation.Input(index);
        results.put(name, nodes.ofRows(nodes.add(name, operation, List.of(), shape), form.layout()));
        return new InputFormat(
                shape, formats.channelsFirst(form.layout()), words ? Network.Content.WORDS : Network.Content.NUMBERS);
    }

    private boolean readAsTokens(String input) {
        return configuration.getVertexInputs().entrySet().stream()
                .filter(entry -> entry.getValue().contains(input))
                .anyMatch(entry -> configuration.getVertices().get(entry.getKey()) instanceof LayerVertex layer
                        && Wrappers.innermost(layer.getLayerConf().getLayer()) instanceof RowsPerToken);
    }

    private InputFormat tokens(String name, int index, long[] example) {
        if (example.length != 2 || example[0] > MOST_FEATURES) {
            throw new UnsupportedNetworkException("the input '" + name + "' must be tokens [1 to " + MOST_FEATURES
                    + ", time], got " + Arrays.toString(example));
        }
        if (results.values().stream().anyMatch(result -> result.layout() == Layout.TOKENS)) {
            throw new UnsupportedNetworkException("the input '" + name + "' is the second one that is made of tokens");
        }
        Shape shape = new Shape(1, Math.toIntExact(example[1]), Math.toIntExact(example[0]));
        results.put(name, nodes.ofRows(nodes.add(name, new Operation.Tokens(index), List.of(), shape), Layout.TOKENS));
        return new InputFormat(shape, true, Network.Content.TOKENS);
    }

    private boolean readByEmbedding(String input) {
        List<String> readers = configuration.getVertexInputs().entrySet().stream()
                .filter(entry -> entry.getValue().contains(input))
                .map(Map.Entry::getKey)
                .toList();
        long embeddings = readers.stream().filter(this::readsTokens).count();
        boolean sequences =
                readers.stream().map(this::table).flatMap(Optional::stream).anyMatch(Table::ofSequences);
        if (embeddings < readers.size() && sequences) {
            return false; // Deeplearning4j's own layers take numbers for words
        }
        if (embeddings > 0 && embeddings < readers.size()) {
            throw new UnsupportedNetworkException(
                    "the input '" + input + "' is read as words by an embedding and as numbers"
                            + " by another vertex, which a device cannot");
        }
        return embeddings > 0;
    }

    private Optional<Table> table(String vertex) {
        return configuration.getVertices().get(vertex) instanceof LayerVertex layer
                ? LayerKinds.of(Wrappers.innermost(layer.getLayerConf().getLayer()))
                        .flatMap(LayerKinds.Known::table)
                : Optional.empty();
    }

    /** Whether a layer's table is one that kernels know. Of what they do not know, Deeplearning4j's own layers take sequences. */
    private boolean readsTokens(String vertex) {
        return table(vertex)
                .filter(table -> !table.ofSequences() || isPlain(vertex))
                .isPresent();
    }

    private boolean isPlain(String vertex) {
        return configuration.getVertices().get(vertex) instanceof LayerVertex layer
                && layer.getPreProcessor() == null
                && !OpaqueReader.isAdapted(layer.getLayerConf().getLayer())
                && LayerKinds.activation(Wrappers.innermost(layer.getLayerConf().getLayer()))
                        .flatMap(ActivationReader::known)
                        .isPresent();
    }

    private void read(String name, GraphVertex vertex) {
        List<String> from =
                Objects.requireNonNull(configuration.getVertexInputs().get(name), name);
        List<Result> inputs = from.stream()
                .map(input -> Objects.requireNonNull(results.get(input), input))
                .toList();
        GraphVertex inner = Wrappers.innermost(vertex);
        if (inner.getClass() == LayerVertex.class) {
            LayerVertex layer = (LayerVertex) inner;
            Stage stage = preProcessed(name, layer.getPreProcessor(), from.get(0), inputs.get(0));
            results.put(name, layer(name, layer.getLayerConf().getLayer(), stage));
        } else if (inner.getClass() == PreprocessorVertex.class) {
            InputPreProcessor processor = ((PreprocessorVertex) inner).getPreProcessor();
            results.put(
                    name,
                    preProcessed(name, processor, from.get(0), inputs.get(0)).result());
        } else {
            results.put(
                    name,
                    known(inputs, () -> vertex(name, inner, inputs), () -> others.vertex(nodes, name, from, inputs)));
        }
    }

    /**
     * What a layer reads.
     *
     * @param form of its arrays; known where Deeplearning4j computes something
     */
    private record Stage(Result result, Supplier<ArrayForm> form) {}

    /** What kernels know, else, if such is taken, what Deeplearning4j computes; never of rows of tokens, which are no arrays of examples. */
    private Result known(List<Result> inputs, Supplier<Result> kernels, Supplier<Result> deeplearning4j) {
        int before = nodes.size();
        try {
            return kernels.get();
        } catch (UnsupportedNetworkException unknown) {
            if (scope == Scope.KNOWN
                    || inputs.stream().anyMatch(input -> input.layout().isOfTokens())) {
                throw unknown;
            }
            nodes.dropFrom(before);
            return deeplearning4j.get();
        }
    }

    private Result vertex(String name, GraphVertex inner, List<Result> inputs) {
        if (inner.getClass() == ElementWiseVertex.class) {
            return combine(name, ((ElementWiseVertex) inner).getOp(), inputs);
        } else if (inner.getClass() == MergeVertex.class) {
            return merge(name, (MergeVertex) inner, inputs);
        }
        return VertexKinds.read(new VertexReading<>(this, name, inner, inputs));
    }

    private Result layer(String name, Layer outer, Stage stage) {
        Layer inner = Wrappers.innermost(outer);
        return known(
                List.of(stage.result()),
                () -> {
                    if (outer instanceof ComputesItself itself && !itself.worksOnInput()) {
                        throw UnsupportedNetworkException.vertex(
                                name,
                                "is " + Article.before(inner.getClass().getSimpleName())
                                        + " with adapters that only its own layer computes");
                    }
                    if (outer instanceof TrainsTokens) {
                        throw UnsupportedNetworkException.vertex(
                                name,
                                "is " + Article.before(inner.getClass().getSimpleName()) + " with trained tokens");
                    }
                    LayerKinds.Known<?> known = LayerKinds.of(inner)
                            .orElseThrow(() -> UnsupportedNetworkException.vertex(
                                    name,
                                    "is " + Article.before(inner.getClass().getSimpleName())));
                    return layer(name, outer, known, stage.result());
                },
                () -> others.layer(
                        nodes, name, outer, stage.result(), stage.form().get()));
    }

    private <L extends Layer> Result layer(String name, Layer outer, LayerKinds.Known<L> known, Result input) {
        Layout layout = input.layout();
        unread(known.kind(), layout).ifPresent(read -> {
            throw UnsupportedNetworkException.vertex(
                    name, "is " + Article.before(known.layer().getClass().getSimpleName()) + " that reads " + read);
        });
        int rows = nodes.rows(name, input);
        LayerReading<L> reading = new LayerReading<>(this, parameters, name, outer, known.layer(), rows, layout);
        return nodes.ofRows(known.kind().read(reading), reading.layoutOfResult());
    }

    /** What a kind of layer is given that it cannot read. */
    private static Optional<String> unread(LayerKind<?> kind, Layout layout) {
        if (layout == Layout.OTHER) {
            return Optional.of("neither rows, sequences nor images");
        } else if (layout.isOfSteps() && !kind.readsSteps()) {
            return Optional.of("sequences");
        }
        if (layout == Layout.TOKENS) {
            boolean embeds = RowsPerToken.class.isAssignableFrom(kind.configuration());
            return embeds ? Optional.empty() : Optional.of("tokens as they are");
        }
        return layout.isOfTokens() && !kind.readsTokenRows() ? Optional.of("rows of tokens") : Optional.empty();
    }

    private Result combine(String name, ElementWiseVertex.Op op, List<Result> inputs) {
        Result first = inputs.get(0);
        if (!inputs.stream().allMatch(input -> input.shape().equals(first.shape()) && isLike(first, input))) {
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
        return nodes.ofRows(nodes.add(name, new Combine(kind), rows(name, inputs), first.shape()), first.layout());
    }

    /** Whether arrays hold two results in the same way; one pixel is held in one way only. */
    private static boolean isLike(Result one, Result other) {
        boolean onePixel = hasOnePixel(one) && hasOnePixel(other);
        return one.layout() != Layout.OTHER
                && other.layout() != Layout.OTHER
                && (onePixel || one.layout() == other.layout());
    }

    private static boolean hasOnePixel(Result result) {
        return result.shape().pixels() == 1 && !result.layout().isOfTokens();
    }

    private List<Integer> rows(String name, List<Result> inputs) {
        return inputs.stream().map(input -> nodes.rows(name, input)).toList();
    }

    private Result merge(String name, MergeVertex vertex, List<Result> inputs) {
        Layout layout = inputs.get(0).layout();
        Shape first = inputs.get(0).shape();
        boolean fit = inputs.stream()
                .allMatch(input -> isLike(inputs.get(0), input)
                        && input.shape().height() == first.height()
                        && input.shape().width() == first.width());
        if (!fit || (vertex.getMergeAxis() != formats.channelDimension(layout) && first.pixels() > 1)) {
            throw UnsupportedNetworkException.vertex(name, "merges along another dimension than the channels");
        }
        int channels =
                inputs.stream().mapToInt(input -> input.shape().channels()).sum();
        Shape shape = new Shape(first.height(), first.width(), channels);
        return nodes.ofRows(nodes.add(name, new Operation.Merge(), rows(name, inputs), shape), layout);
    }

    private Stage preProcessed(String name, InputPreProcessor given, String from, Result input) {
        InputPreProcessor processor =
                given instanceof LayerWrapper<?> frozen && frozen.inner() instanceof InputPreProcessor inner
                        ? inner
                        : given;
        Supplier<ArrayForm> before = () -> others.formOf(from);
        if (processor == null) {
            return new Stage(input, before);
        }
        Result result = known(
                List.of(input),
                () -> preProcessed(name, processor, input),
                () -> others.preProcessor(nodes, name, processor, input, before.get()));
        return new Stage(result, () -> others.formBehind(processor, before.get()));
    }

    private Result preProcessed(String name, InputPreProcessor processor, Result input) {
        Shape from = input.shape();
        if (processor.getClass() == CnnToFeedForwardPreProcessor.class && input.layout() != Layout.OTHER) {
            boolean first = ((CnnToFeedForwardPreProcessor) processor).getFormat() == CNN2DFormat.NCHW;
            return reordered(
                    name, input, Shape.features(from.size()), first && from.pixels() > 1, true, Layout.FEATURES);
        }
        if (processor.getClass() == FeedForwardToCnnPreProcessor.class) {
            FeedForwardToCnnPreProcessor images = (FeedForwardToCnnPreProcessor) processor;
            Shape to = new Shape(
                    Math.toIntExact(images.getInputHeight()),
                    Math.toIntExact(images.getInputWidth()),
                    Math.toIntExact(images.getNumChannels()));
            if (!formats.images()) {
                throw UnsupportedNetworkException.vertex(
                        name, "makes images with channels first for layers that want them last");
            }
            if (to.size() != from.size()) {
                throw UnsupportedNetworkException.vertex(
                        name, "makes images " + to + " of " + from.size() + " features");
            }
            return reordered(name, input, to, to.channels() > 1, false, Layout.IMAGES);
        }
        if (processor.getClass() == RnnToFeedForwardPreProcessor.class) {
            RNNFormat order = ((RnnToFeedForwardPreProcessor) processor).getRnnDataFormat();
            return steps(name, input, order, Layout.SEQUENCES, Layout.STEPS);
        }
        if (processor.getClass() == FeedForwardToRnnPreProcessor.class) {
            RNNFormat order = ((FeedForwardToRnnPreProcessor) processor).getRnnDataFormat();
            return steps(name, input, order, Layout.STEPS, Layout.SEQUENCES);
        }
        throw UnsupportedNetworkException.vertex(
                name, "has the preprocessor " + processor.getClass().getSimpleName());
    }

    /** Sequences are rows of steps; features, which Deeplearning4j also gives to these preprocessors, are one step. */
    private Result steps(String name, Result input, RNNFormat order, Layout from, Layout to) {
        if (input.layout() != from && input.layout() != Layout.FEATURES) {
            throw UnsupportedNetworkException.vertex(name, "has a preprocessor of sequences on something else");
        }
        if ((order == RNNFormat.NCW) != formats.sequences()) {
            throw UnsupportedNetworkException.vertex(name, "has its sequences in another order than its layers");
        }
        Layout layout = input.layout() == Layout.FEATURES && to == Layout.STEPS ? Layout.FEATURES : to;
        return nodes.ofRows(nodes.rows(name, input), layout);
    }

    /** One channel or one pixel is in both orders at once. */
    private Result reordered(
            String name, Result input, Shape to, boolean differs, boolean toChannelsFirst, Layout layout) {
        int rows = nodes.rows(name, input);
        Operation operation = differs ? new Operation.Reorder(toChannelsFirst) : new Operation.Reshape();
        return nodes.ofRows(to.equals(input.shape()) ? rows : nodes.add(name, operation, List.of(rows), to), layout);
    }

    /** Appends a node. */
    int add(String vertex, Operation operation, List<Integer> inputs, Shape shape) {
        return nodes.add(vertex, operation, inputs, shape);
    }

    Shape shapeOf(int node) {
        return nodes.shapeOf(node);
    }

    boolean trained() {
        return trained;
    }

    Formats formats() {
        return formats;
    }

    boolean isWords(int node) {
        return nodes.isWords(node);
    }

    /** Angles of rotary positions, the same for all vertices with these frequencies. */
    Operation.Angles angles(List<Double> frequencies) {
        return angles.computeIfAbsent(frequencies, turned -> Rotations.of(turned, mostTokens()));
    }

    private int mostTokens() {
        return results.values().stream()
                .filter(result -> result.layout() == Layout.TOKENS)
                .mapToInt(result -> result.shape().pixels())
                .findFirst()
                .orElseThrow();
    }

    /** A result in rows. */
    Result ofRows(int node, Layout layout) {
        return nodes.ofRows(node, layout);
    }

    /** Which of the network's outputs, and so of the labels, a vertex is; -1 if none. */
    int output(String vertex) {
        return configuration.getNetworkOutputs().indexOf(vertex);
    }
}
