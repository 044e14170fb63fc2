/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.DecoderNames;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderNames;
import org.amend4j.checkpoint.Gpt2Config;
import org.amend4j.checkpoint.Gpt2Names;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.checkpoint.Weights;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The tensors of a checkpoint as parameters of the layers that are named as its modules, and back. */
final class CheckpointWeights {

    private static final long COMPARED_AT_ONCE = 1 << 18;

    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";
    private static final String SCALE = ".lambda1";

    /** What is added to the rows of pictures are tensors of the module itself. */
    private static final Map<String, String> ROWS = Map.of(
            PatchEmbedding.CLASS_TOKEN, ".cls_token",
            PatchEmbedding.POSITIONS, ".position_embeddings",
            PatchEmbedding.MASK_TOKEN, ".mask_token");

    private final Optional<TiedTable> tied;
    private final Map<String, String> tables;

    /** Of a head whose bias is no part of its module. */
    private final Optional<String> headBias;

    private final long wanted;

    /** Parameters by their tensors; two where a head is tied. */
    private final Map<String, List<INDArray>> places = new LinkedHashMap<>();

    private CheckpointWeights(TransformerConfig config, ComputationGraph graph) {
        this.tied = TiedTable.of(config);
        this.tables = tables(config);
        this.headBias = config instanceof EncoderConfig encoder
                ? Optional.of(new EncoderNames(encoder).headBias())
                : Optional.empty();
        Map<String, List<Long>> shapes = CheckpointFiles.shapes(config);
        long numbers = tied.map(table -> numbers(shapes.getOrDefault(table.tensor(), List.of())))
                .orElse(0L);
        for (List<Long> shape : shapes.values()) {
            numbers += numbers(shape);
        }
        this.wanted = numbers;
        for (Layer layer : graph.getLayers()) {
            layer.paramTable()
                    .forEach((key, parameter) -> places.computeIfAbsent(tensor(layer, key), unused -> new ArrayList<>())
                            .add(parameter));
        }
    }

    private static long numbers(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** The tables of embeddings by their keys: modules of their own. */
    private static Map<String, String> tables(TransformerConfig config) {
        if (config instanceof EncoderConfig encoder) {
            EncoderNames names = new EncoderNames(encoder);
            return Map.of(
                    TransformerEmbedding.WORDS, names.words(),
                    TransformerEmbedding.POSITIONS, names.positions(),
                    TransformerEmbedding.TYPES, names.types());
        }
        return config instanceof Gpt2Config
                ? Map.of(
                        TransformerEmbedding.WORDS, Gpt2Names.WORDS,
                        TransformerEmbedding.POSITIONS, Gpt2Names.POSITIONS)
                : Map.of(TransformerEmbedding.WORDS, DecoderNames.EMBEDDINGS);
    }

    private String tensor(Layer layer, String key) {
        String module = String.valueOf(layer.conf().getLayer().getLayerName());
        if (key.equals(LanguageModelHead.WEIGHT)
                && tied.isPresent()
                && module.equals(tied.get().head())) {
            return tied.get().tensor();
        }
        if (layer.conf().getLayer() instanceof PatchEmbedding) {
            return module + ROWS.get(key);
        }
        if (layer.conf().getLayer() instanceof LayerScale) {
            return module + SCALE;
        }
        if (layer.conf().getLayer() instanceof TransformerEmbedding) {
            return Objects.requireNonNull(tables.get(key), key);
        }
        if (layer.conf().getLayer() instanceof LanguageModelHead && !key.equals(LanguageModelHead.WEIGHT)) {
            return headBias.orElse(module + BIAS);
        }
        return module + (key.equals(DefaultParamInitializer.BIAS_KEY) ? BIAS : WEIGHT);
    }

    /** Puts weights into a graph; a tied head gets a copy of the table. */
    static void put(TransformerConfig config, Weights weights, ComputationGraph graph) throws IOException {
        Map<String, List<INDArray>> places = new CheckpointWeights(config, graph).places;
        for (Map.Entry<String, List<INDArray>> place : places.entrySet()) {
            INDArray values = Nd4j.createFromArray(weights.values(place.getKey()));
            for (INDArray parameter : place.getValue()) {
                parameter.assign(values.reshape(parameter.ordering(), parameter.shape()));
            }
        }
    }

    /**
     * The weights of a graph.
     *
     * @throws IllegalArgumentException if it has others than the configuration asks for, or a tied head is not the table
     */
    static Weights of(TransformerConfig config, ComputationGraph graph) {
        CheckpointWeights weights = new CheckpointWeights(config, graph);
        if (graph.numParams() != weights.wanted
                || !weights.places
                        .keySet()
                        .equals(CheckpointFiles.shapes(config).keySet())) {
            throw new IllegalArgumentException("a model with this configuration has " + weights.wanted
                    + " parameters in its graph, this one has " + graph.numParams()
                    + ": it cannot be saved as one (adapters are merged before)");
        }
        if (!weights.isTied()) {
            throw new IllegalArgumentException(
                    "the head of a model with tied embeddings must be their table, but one of the two was changed alone:"
                            + " an adapter of either is used beside its base, or left out of the targets");
        }
        return tensor -> values(
                Objects.requireNonNull(weights.places.get(tensor), tensor).get(0));
    }

    /** Whether a graph's head is its table, if the configuration says so. */
    static boolean isTied(TransformerConfig config, ComputationGraph graph) {
        return new CheckpointWeights(config, graph).isTied();
    }

    private boolean isTied() {
        return tied.map(table -> Objects.requireNonNull(places.get(table.tensor())))
                .map(both -> haveSameNumbers(both.get(0), both.get(1)))
                .orElse(true);
    }

    /** As they lie, some at a time: tables may be larger than what is left of the heap. */
    private static boolean haveSameNumbers(INDArray one, INDArray other) {
        INDArray numbers = one.reshape(one.ordering(), new long[] {one.length()});
        INDArray others = other.reshape(other.ordering(), new long[] {other.length()});
        boolean same = true;
        for (long from = 0; same && from < numbers.length(); from += COMPARED_AT_ONCE) {
            long to = Math.min(numbers.length(), from + COMPARED_AT_ONCE);
            same = Arrays.equals(values(part(numbers, from, to)), values(part(others, from, to)));
        }
        return same;
    }

    private static INDArray part(INDArray numbers, long from, long to) {
        return numbers.get(NDArrayIndex.interval(from, to));
    }

    /**
     * In the checkpoint's order, as they lie: matrices of linear layers, and the kernels of a picture's patches, are [outputs, inputs] there and [inputs, outputs] here, in
     * Fortran order, which are the same bytes, and tables are in C-order. Doubles are rounded.
     */
    private static float[] values(INDArray parameter) {
        return parameter.dup(parameter.ordering()).data().asFloat();
    }
}
