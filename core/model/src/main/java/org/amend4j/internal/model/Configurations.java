/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.internal.text.Article;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/**
 * The only way to copy a configuration of Deeplearning4j. Its own {@code clone()} loses fields: {@code MergeVertex} the axis
 * (channels-last graphs then crash), {@code ReshapeVertex} order and mask shape (which changes the outputs), a graph its
 * order and counts, a user's class any field that its author forgot.
 *
 * <p>A copy is a clone whose JSON is the original's, or else what Deeplearning4j reads from that JSON, if <em>its</em> JSON
 * is. So nothing that a saved model holds is lost, and what JSON does not hold (an array in a field, a class that cannot be
 * read) is kept wherever {@code clone()} keeps it. Copies are the caller's to change, layers inside of wrappers included.
 */
public final class Configurations {

    private Configurations() {}

    /** What Deeplearning4j is to draw by for a seed: the seed, but for 0, for which ND4J takes the clock. */
    public static long seed(long seed) {
        return seed == 0 ? Long.MAX_VALUE : seed;
    }

    /**
     * A copy with counts of iterations and epochs and with the topological order, on which the order of the parameter vector
     * depends.
     *
     * @throws IllegalArgumentException naming a vertex that neither its {@code clone()} nor its JSON copies
     */
    public static ComputationGraphConfiguration copy(ComputationGraphConfiguration original) {
        ComputationGraphConfiguration copy = new ComputationGraphConfiguration();
        Map<String, GraphVertex> vertices = new LinkedHashMap<>();
        original.getVertices().forEach((name, vertex) -> vertices.put(name, copy("vertex '" + name + "'", vertex)));
        copy.setVertices(vertices);
        copy.setVertexInputs(new LinkedHashMap<>());
        original.getVertexInputs()
                .forEach((name, inputs) -> copy.getVertexInputs().put(name, new ArrayList<>(inputs)));
        copy.setNetworkInputs(new ArrayList<>(original.getNetworkInputs()));
        copy.setNetworkOutputs(new ArrayList<>(original.getNetworkOutputs()));
        copy.setDefaultConfiguration(copy(original.getDefaultConfiguration()));
        copy.setTrainingWorkspaceMode(original.getTrainingWorkspaceMode());
        copy.setInferenceWorkspaceMode(original.getInferenceWorkspaceMode());
        copy.setCacheMode(original.getCacheMode());
        copy.setDataType(original.getDataType());
        copy.setValidateOutputLayerConfig(original.isValidateOutputLayerConfig());
        copy.setBackpropType(original.getBackpropType());
        copy.setTbpttFwdLength(original.getTbpttFwdLength());
        copy.setTbpttBackLength(original.getTbpttBackLength());
        copy.setIterationCount(original.getIterationCount());
        copy.setEpochCount(original.getEpochCount());
        Optional.ofNullable(original.getTopologicalOrder()).ifPresent(order -> copy.setTopologicalOrder(order.clone()));
        Optional.ofNullable(original.getTopologicalOrderStr())
                .ifPresent(order -> copy.setTopologicalOrderStr(new ArrayList<>(order)));
        return copy;
    }

    /** A copy of a whole network's configuration. */
    @SuppressForbidden("the clone is compared with the original")
    public static MultiLayerConfiguration copy(MultiLayerConfiguration original) {
        return copy("the network", original, MultiLayerConfiguration.class, original::clone);
    }

    /**
     * A copy of a vertex's configuration.
     *
     * @throws IllegalArgumentException naming the class if neither its {@code clone()} nor its JSON copies it
     */
    public static GraphVertex copy(GraphVertex original) {
        return copy("a vertex", original);
    }

    private static GraphVertex copy(String place, GraphVertex original) {
        return copy(place, original, GraphVertex.class, () -> cloned(original));
    }

    /** A copy of what stands around a layer, and of the layer. */
    public static NeuralNetConfiguration copy(NeuralNetConfiguration original) {
        return copy("the configuration of a layer", original, NeuralNetConfiguration.class, () -> cloned(original));
    }

    /** A copy of a layer's configuration. */
    public static Layer copy(Layer original) {
        return copy("layer '" + original.getLayerName() + "'", original, Layer.class, () -> cloned(original));
    }

    /** A copy of a preprocessor. */
    @SuppressForbidden("the clone is compared with the original")
    public static InputPreProcessor copy(InputPreProcessor original) {
        return copy("a preprocessor", original, InputPreProcessor.class, original::clone);
    }

    /** Whether Deeplearning4j's own {@code clone()} of a graph, which users call, keeps what the vertex's JSON holds. */
    @SuppressForbidden("this is the question")
    public static boolean clonesFaithfully(GraphVertex vertex) {
        return attempt(vertex::clone)
                .filter(clone -> json(clone).equals(json(vertex)))
                .isPresent();
    }

    /** The JSON of a configuration or a part of one, as Deeplearning4j saves it. */
    static String json(Object configuration) {
        try {
            return NeuralNetConfiguration.mapper().writeValueAsString(configuration);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "a configuration must be one that Deeplearning4j can save, got "
                            + Article.before(configuration.getClass().getSimpleName()) + ": " + e.getOriginalMessage(),
                    e);
        }
    }

    private static <T> T copy(String place, T original, Class<T> type, Supplier<T> clone) {
        String json = json(original);
        return attempt(clone)
                .filter(copy -> json(copy).equals(json))
                .or(() -> read(json, type).filter(copy -> json(copy).equals(json)))
                .orElseThrow(() -> new IllegalArgumentException(place + " is "
                        + Article.before(original.getClass().getSimpleName())
                        + ", which cannot be copied: neither its clone() nor its JSON keeps all of its properties"));
    }

    private static <T> Optional<T> read(String json, Class<T> type) {
        try {
            return Optional.ofNullable(NeuralNetConfiguration.mapper().readValue(json, type));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** What a clone makes, unless it throws: a user's class may have none. */
    private static <T> Optional<T> attempt(Supplier<@Nullable T> clone) {
        try {
            return Optional.ofNullable(clone.get());
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /** A layer's vertex in parts, as its own clone drops a flag and cannot mend its parts. */
    @SuppressForbidden("whoever calls this compares")
    private static GraphVertex cloned(GraphVertex original) {
        if (original.getClass() != LayerVertex.class) {
            return original.clone();
        }
        LayerVertex vertex = (LayerVertex) original;
        InputPreProcessor preProcessor = vertex.getPreProcessor();
        LayerVertex copy =
                new LayerVertex(cloned(vertex.getLayerConf()), preProcessor == null ? null : preProcessor.clone());
        copy.setOutputVertex(vertex.isOutputVertex());
        return copy;
    }

    @SuppressForbidden("whoever calls this compares")
    private static NeuralNetConfiguration cloned(NeuralNetConfiguration original) {
        NeuralNetConfiguration copy = original.clone();
        if (original.getLayer() != null) {
            copy.setLayer(cloned(original.getLayer()));
        }
        return copy;
    }

    /** Deeplearning4j's wrappers share the layer inside with their clone. */
    @SuppressForbidden("whoever calls this compares")
    private static Layer cloned(Layer original) {
        Layer copy = original.clone();
        Containers.replace(copy, Configurations::cloned);
        return copy;
    }
}
