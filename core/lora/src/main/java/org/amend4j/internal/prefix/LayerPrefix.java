/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.model.Vertices;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.model.NormClip;
import org.amend4j.prefix.Prefix;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.graph.vertex.impl.L2NormalizeVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.graph.vertex.impl.MergeVertex;
import org.deeplearning4j.nn.graph.vertex.impl.PoolHelperVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ScaleVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ShiftVertex;
import org.deeplearning4j.nn.graph.vertex.impl.SubsetVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A frozen prefix computed by Deeplearning4j's own vertices in test mode, one after the other. A value that is read again is copied
 * before a vertex gets it, which may write over it. Vertices keep state while they run, so they run under the network's monitor,
 * which {@code output} and {@code feedForward} take as well, and are cleared afterwards. Masks and labels that
 * are set on the network play no part.
 */
public final class LayerPrefix implements Prefix {

    /** Changes whenever the bytes of outputs may change for reasons of this class. */
    private static final int FORMAT_VERSION = 1;

    /** A batch is cut so that the largest value of a piece has about this many elements (16 MiB in single precision). */
    private static final long PIECE = 1 << 22;

    /** Vertices, of DL4J and our own, that treat each example by itself. */
    private static final Set<Class<?>> EXAMPLE_WISE_VERTICES = Set.of(
            ElementWiseVertex.class,
            L2NormalizeVertex.class,
            MergeVertex.class,
            NormClip.class,
            PoolHelperVertex.class,
            ScaleVertex.class,
            ShiftVertex.class,
            SubsetVertex.class);

    private static final Set<Class<?>> EXAMPLE_WISE_PREPROCESSORS =
            Set.of(CnnToFeedForwardPreProcessor.class, FeedForwardToCnnPreProcessor.class);

    private final ComputationGraph network;
    private final List<String> outputs;
    /** All that the outputs need, each after what it reads; without the network's inputs. */
    private final List<GraphVertex> vertices = new ArrayList<>();

    private final boolean exampleWise;
    /** The shapes of the example that was run last by itself. */
    private List<String> seen = List.of();
    /** Of its results. */
    private List<long[]> shapes = List.of();
    /** Elements of its largest value. */
    private long largest = 1;
    /** The same of the run before. */
    private long widest = 1;

    public LayerPrefix(ComputationGraph network, List<String> outputs) {
        this.network = network;
        this.outputs = outputs;
        Set<String> needed = needed();
        for (int index : network.topologicalSortOrder()) {
            GraphVertex vertex = network.getVertices()[index];
            if (needed.contains(vertex.getVertexName()) && !isInput(vertex.getVertexName())) {
                vertices.add(vertex);
            }
        }
        this.exampleWise = vertices.stream().allMatch(LayerPrefix::isExampleWise);
    }

    private Set<String> needed() {
        Set<String> found = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(outputs);
        while (!open.isEmpty()) {
            String name = open.pop();
            if (found.add(name)) {
                open.addAll(inputsOf(name));
            }
        }
        return found;
    }

    private List<String> inputsOf(String vertex) {
        return network.getConfiguration().getVertexInputs().getOrDefault(vertex, List.of());
    }

    private boolean isInput(String name) {
        return network.getConfiguration().getNetworkInputs().contains(name);
    }

    /** Whether a batch may be cut along dimension 0 without changing any example's result. */
    private static boolean isExampleWise(GraphVertex vertex) {
        if (!(vertex instanceof LayerVertex layer)) {
            return EXAMPLE_WISE_VERTICES.contains(vertex.getClass());
        }
        boolean plainInput = layer.getLayerPreProcessor() == null
                || EXAMPLE_WISE_PREPROCESSORS.contains(
                        layer.getLayerPreProcessor().getClass());
        return plainInput
                && LayerKinds.of(Unfrozen.running(layer.getLayer()).conf().getLayer())
                        .filter(known -> known.kind().isExampleWise())
                        .isPresent();
    }

    @Override
    public List<String> outputs() {
        return outputs;
    }

    @Override
    public DataType dataType() {
        return network.getConfiguration().getDataType();
    }

    @Override
    public String origin() {
        return "layers " + FORMAT_VERSION;
    }

    /** Refuses another number of inputs than the network has, and inputs without examples. */
    public void check(INDArray... inputs) {
        int count = network.getNumInputArrays();
        if (inputs.length != count) {
            throw new IllegalArgumentException("the network takes " + count + " inputs, got " + inputs.length);
        }
        for (INDArray input : inputs) {
            if (input.rank() < 1 || input.isEmpty()) {
                throw new IllegalArgumentException(
                        "an input must hold at least one example, got shape " + Arrays.toString(input.shape()));
            }
        }
    }

    /** The shapes of one example's results, without the batch: the first is run if no one of its shape was. */
    List<long[]> shapesOfOne(INDArray... inputs) {
        List<String> given = Stream.of(inputs)
                .map(input -> Arrays.toString(shapeOfOne(input)))
                .toList();
        if (!given.equals(seen)) {
            first(inputs);
        }
        return shapes;
    }

    /** The results of the first example. */
    INDArray[] first(INDArray... inputs) {
        INDArray[] results = forward(examples(inputs, 0, 1));
        largest = widest;
        shapes = Stream.of(results).map(LayerPrefix::shapeOfOne).toList();
        seen = Stream.of(inputs)
                .map(input -> Arrays.toString(shapeOfOne(input)))
                .toList();
        return results;
    }

    /** The shape of an example in a batch. */
    public static long[] shapeOfOne(INDArray batch) {
        return Arrays.copyOfRange(batch.shape(), 1, batch.rank());
    }

    @Override
    public INDArray[] run(INDArray... inputs) {
        check(inputs);
        long n = inputs[0].size(0);
        if (n == 1 || !exampleWise || Arrays.stream(inputs).anyMatch(input -> input.size(0) != n)) {
            return forward(inputs);
        }
        List<long[]> shapes = shapesOfOne(inputs);
        INDArray[] results = shapes.stream()
                .map(shape -> Nd4j.createUninitializedDetached(dataType(), batch(n, shape)))
                .toArray(INDArray[]::new);
        long most = Math.max(1, PIECE / largest);
        for (long from = 0; from < n; from += most) {
            long to = Math.min(n, from + most);
            INDArray[] some = forward(examples(inputs, from, to));
            for (int k = 0; k < some.length; k++) {
                results[k].get(NDArrayIndex.interval(from, to)).assign(some[k]);
            }
        }
        return results;
    }

    /** The shape of a batch of so many examples. */
    static long[] batch(long examples, long[] shape) {
        return LongStream.concat(LongStream.of(examples), LongStream.of(shape)).toArray();
    }

    static INDArray[] examples(INDArray[] inputs, long from, long to) {
        return Stream.of(inputs)
                .map(input -> input.get(NDArrayIndex.interval(from, to)))
                .toArray(INDArray[]::new);
    }

    private INDArray[] forward(INDArray... inputs) {
        INDArray[] own =
                Stream.of(inputs).map(input -> input.castTo(dataType())).toArray(INDArray[]::new);
        Map<String, INDArray> values = unmasked(() -> {
            INDArray[] before = network.getInputs();
            network.setInputs(own); // some vertices look at them
            try {
                return values(own);
            } finally {
                network.setInputs(before);
                vertices.forEach(GraphVertex::clear);
            }
        });
        return outputs.stream()
                .map(output -> Objects.requireNonNull(values.get(output)).dup('c'))
                .toArray(INDArray[]::new);
    }

    /** Does work with the network's layers as if no masks were set on it. */
    <T> T unmasked(Supplier<T> work) {
        synchronized (network) {
            try (MasksAside masks = new MasksAside(network)) {
                return work.get();
            }
        }
    }

    /** Computes all values; of what is no output only those that are read again are kept. */
    private Map<String, INDArray> values(INDArray... inputs) {
        Map<String, INDArray> values = new HashMap<>();
        for (int k = 0; k < inputs.length; k++) {
            values.put(network.getConfiguration().getNetworkInputs().get(k), inputs[k]);
        }
        Map<String, Integer> readers = new HashMap<>();
        vertices.forEach(
                vertex -> inputsOf(vertex.getVertexName()).forEach(input -> readers.merge(input, 1, Integer::sum)));
        outputs.forEach(output -> readers.merge(output, 1, Integer::sum));
        network.getConfiguration().getNetworkInputs().forEach(input -> readers.merge(input, 1, Integer::sum));
        widest = 1;
        for (GraphVertex vertex : vertices) {
            String name = vertex.getVertexName();
            INDArray[] read = inputsOf(name).stream()
                    .map(input -> taken(input, values, readers))
                    .toArray(INDArray[]::new);
            INDArray value = value(vertex, (int) inputs[0].size(0), read);
            widest = Math.max(widest, value.length());
            values.put(name, value);
        }
        return values;
    }

    /** In Deeplearning4j's hands, a preprocessor would take the number of the labels that it was given last for that of the examples. */
    private static INDArray value(GraphVertex vertex, int examples, INDArray... inputs) {
        if (vertex instanceof LayerVertex layer && layer.getLayerPreProcessor() != null) {
            LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();
            INDArray input = layer.getLayerPreProcessor().preProcess(inputs[0], examples, workspaces);
            return layer.getLayer().activate(input, false, workspaces);
        }
        return Vertices.forward(vertex, inputs);
    }

    private static INDArray taken(String input, Map<String, INDArray> values, Map<String, Integer> readers) {
        INDArray value = Objects.requireNonNull(values.get(input), input);
        if (readers.merge(input, -1, Integer::sum) > 0) {
            return value.dup('c');
        }
        values.remove(input);
        return value;
    }
}
