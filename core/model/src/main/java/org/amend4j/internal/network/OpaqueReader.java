/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.internal.network.DelegatedVertex.Trained;
import org.amend4j.internal.network.Nodes.Result;
import org.amend4j.internal.network.Values.Slice;
import org.amend4j.internal.text.Article;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Makes operations of vertices that no kernel knows: Deeplearning4j computes them. Shapes of arrays are what Deeplearning4j makes of
 * two made-up examples, by which it is also seen whether it treats each by itself.
 */
final class OpaqueReader {

    private static final int SEVERAL = 2;
    /** Far above what products of one and of two rows differ by in single precision, far below what another example makes of them. */
    private static final double TOLERANCE = 1e-3;

    private final ComputationGraph graph;
    private final List<ArrayForm> examples;
    private final boolean trained;
    private final DataType type;
    private Optional<Map<String, ArrayForm>> forms = Optional.empty();

    /** @param examples of each input, its array without the batch */
    OpaqueReader(ComputationGraph graph, List<long[]> examples, boolean trained) {
        this.graph = graph;
        this.examples = examples.stream().map(ArrayForm::ofExample).toList();
        this.trained = trained;
        this.type = graph.getConfiguration().getDataType();
    }

    /** The form of a vertex's arrays. */
    ArrayForm formOf(String vertex) {
        if (forms.isEmpty()) {
            forms = Optional.of(probed());
        }
        return Objects.requireNonNull(forms.get().get(vertex), vertex);
    }

    private Map<String, ArrayForm> probed() {
        @Nullable INDArray @Nullable [] before = graph.getInputs();
        graph.setLabels((INDArray[]) null); // preprocessors take their number for that of the examples
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            Map<String, ArrayForm> found = new HashMap<>();
            INDArray[] zeros = examples.stream()
                    .map(form -> Nd4j.zeros(type, form.shape(SEVERAL)))
                    .toArray(INDArray[]::new);
            graph.feedForward(zeros, false)
                    .forEach((name, array) -> found.put(name, ArrayForm.of(array.shape(), SEVERAL)));
            return found;
        } catch (RuntimeException e) {
            throw new UnsupportedNetworkException(
                    "Deeplearning4j cannot compute the network on an example: " + e.getMessage());
        } finally {
            graph.setInputs(before);
        }
    }

    /** The form of arrays behind a preprocessor. */
    ArrayForm formBehind(InputPreProcessor processor, ArrayForm before) {
        INDArray made = new RunningVertex.OfPreProcessor(processor)
                .forward(SEVERAL, false, Nd4j.zeros(type, before.shape(SEVERAL)));
        return ArrayForm.of(made.shape(), SEVERAL);
    }

    /** A layer without what comes before it. */
    Result layer(Nodes nodes, String vertex, Layer outer, Result input, ArrayForm form) {
        org.deeplearning4j.nn.api.Layer running = Objects.requireNonNull(graph.getLayer(vertex), vertex);
        Layer inner = Wrappers.innermost(outer);
        if (trained && running instanceof IOutputLayer && outer instanceof ComputesItself) {
            throw UnsupportedNetworkException.vertex(
                    vertex, "ends the network with adapters that only its own layer computes, or biases that train");
        }
        if (trained && running instanceof IOutputLayer) {
            throw UnsupportedNetworkException.vertex(
                    vertex, "is " + Article.before(inner.getClass().getSimpleName()) + ", whose loss is not known");
        }
        if (!trained && isAdapted(outer)) {
            throw UnsupportedNetworkException.vertex(
                    vertex, "has an adapter: merge it before the network is only used");
        }
        if (outer instanceof TrainsInProduct adapted
                && adapted.productKeys()
                        .factors()
                        .filter(of -> of.dropout() > 0)
                        .isPresent()) {
            throw UnsupportedNetworkException.vertex(
                    vertex,
                    "is " + Article.before(inner.getClass().getSimpleName())
                            + " with an adapter whose dropout no key decides: Deeplearning4j draws it");
        }
        String what = Article.before(inner.getClass().getSimpleName());
        return add(nodes, vertex, new RunningVertex.OfLayer(running), what, List.of(input), List.of(form), true);
    }

    /** Whether anything of amend4j's trains in it. */
    static boolean isAdapted(Layer outer) {
        return outer instanceof HasAdapter || outer instanceof ComputesItself || outer instanceof TrainsTokens;
    }

    /** What comes before a layer. */
    Result preProcessor(Nodes nodes, String vertex, InputPreProcessor processor, Result input, ArrayForm form) {
        String what = "the preprocessor " + processor.getClass().getSimpleName();
        return add(
                nodes, vertex, new RunningVertex.OfPreProcessor(processor), what, List.of(input), List.of(form), false);
    }

    /** A vertex that is no layer. */
    Result vertex(Nodes nodes, String vertex, List<String> from, List<Result> inputs) {
        GraphVertex running = graph.getVertex(vertex);
        RunningVertex part = new RunningVertex.OfVertex(graph, running, type, examples);
        String what = Article.before(Wrappers.innermost(Objects.requireNonNull(
                        graph.getConfiguration().getVertices().get(vertex)))
                .getClass()
                .getSimpleName());
        return add(
                nodes,
                vertex,
                part,
                what,
                inputs,
                from.stream().map(this::formOf).toList(),
                true);
    }

    private Result add(
            Nodes nodes,
            String vertex,
            RunningVertex running,
            String what,
            List<Result> inputs,
            List<ArrayForm> given,
            boolean withParameters) {
        if (inputs.stream().anyMatch(input -> nodes.isWords(input.node()))) {
            throw UnsupportedNetworkException.vertex(vertex, "is " + what + " that reads words");
        }
        ArrayForm made = tried(vertex, running, what, given);
        Optional<Slice> slice = trained && withParameters ? slice(vertex) : Optional.empty();
        OpaqueVertex opaque = new DelegatedVertex(vertex, running, type, trained, given, made, slice.map(this::views));
        List<Integer> arrays = IntStream.range(0, given.size())
                .mapToObj(k -> given.get(k).layout() == Layout.STEPS
                        ? nodes.rows(vertex, inputs.get(k))
                        : nodes.array(vertex, inputs.get(k)))
                .toList();
        return nodes.ofArrays(vertex, new Operation.Opaque(opaque, what, slice), arrays, made);
    }

    /** The form of the results, once it is seen that they do not depend on which examples are computed together. */
    private ArrayForm tried(String vertex, RunningVertex running, String what, List<ArrayForm> given) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray[] several = madeUp(given);
            INDArray both =
                    running.forward(SEVERAL, trained, copies(several, SEVERAL)).dup();
            running.clear();
            INDArray alone = running.forward(1, trained, copies(several, 1)).dup();
            ArrayForm form = ArrayForm.of(both.shape(), SEVERAL);
            boolean fits = both.rank() > 1
                    && Arrays.equals(both.shape(), form.shape(SEVERAL))
                    && Arrays.equals(alone.shape(), form.shape(1));
            if (!fits || differ(alone, firsts(both, form.times()))) {
                throw UnsupportedNetworkException.vertex(
                        vertex, "is " + what + " whose result for an example depends on the others beside it");
            }
            return form;
        } catch (UnsupportedNetworkException e) {
            throw e;
        } catch (RuntimeException e) {
            throw UnsupportedNetworkException.vertex(
                    vertex, "is " + what + " that Deeplearning4j cannot compute: " + e.getMessage());
        } finally {
            running.clear();
        }
    }

    /** Zeros and ones, which are words as well. */
    private INDArray[] madeUp(List<ArrayForm> given) {
        Random random = new Random(1);
        return given.stream()
                .map(form -> {
                    double[] bits = random.ints((long) SEVERAL * form.size(), 0, 2)
                            .asDoubleStream()
                            .toArray();
                    return Nd4j.createFromArray(bits)
                            .reshape('c', form.shape(SEVERAL))
                            .castTo(type);
                })
                .toArray(INDArray[]::new);
    }

    private static INDArray[] copies(INDArray[] several, int count) {
        return Arrays.stream(several)
                .map(array -> firsts(array, array.size(0) * count / SEVERAL).dup('c'))
                .toArray(INDArray[]::new);
    }

    private static INDArray firsts(INDArray array, long rows) {
        return array.get(NDArrayIndex.interval(0, rows));
    }

    private static boolean differ(INDArray alone, INDArray together) {
        double size = alone.amaxNumber().doubleValue();
        return !(alone.sub(together).amaxNumber().doubleValue() <= TOLERANCE * Math.max(size, TOLERANCE));
    }

    /** Where a vertex's parameters lie, in the order in which Deeplearning4j lays out a graph's. */
    private Optional<Slice> slice(String vertex) {
        long offset = 0;
        for (int index : graph.topologicalSortOrder()) {
            GraphVertex next = graph.getVertices()[index];
            long count = next.numParams();
            if (next.getVertexName().equals(vertex)) {
                return count == 0 ? Optional.empty() : Optional.of(requireThere(next, new Slice(offset, count)));
            }
            offset += count;
        }
        throw new AssertionError(vertex);
    }

    private Slice requireThere(GraphVertex vertex, Slice slice) {
        long first = vertex.paramTable(false).values().stream()
                        .flatMapToLong(array -> LongStream.of(array.offset()))
                        .min()
                        .orElse(-1)
                - graph.params().offset();
        if (first != slice.offset()) {
            throw UnsupportedNetworkException.vertex(
                    vertex.getVertexName(), "keeps its parameters elsewhere than in the graph's vector");
        }
        return slice;
    }

    private Trained views(Slice slice) {
        if (graph.getFlattenedGradients() == null) {
            graph.initGradientsView();
        }
        return new Trained(view(graph.params(), slice), view(graph.getFlattenedGradients(), slice));
    }

    private static INDArray view(INDArray vector, Slice slice) {
        return vector.reshape(vector.length())
                .get(NDArrayIndex.interval(slice.offset(), slice.offset() + slice.length()));
    }
}
