/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.internal.network.HasAdapter;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.LayerWrapper;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.objective.IndexRange;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a graph trains, and what it reads. */
final class TrainedPart {

    private final ComputationGraph graph;
    private final ComputationGraphConfiguration configuration;
    private final List<String> names;

    TrainedPart(ComputationGraph graph) {
        this.graph = graph;
        this.configuration = graph.getConfiguration();
        this.names = vertices().stream()
                .filter(name -> graph.getVertex(name).numParams() > 0)
                .toList();
    }

    /** All vertices but the inputs, from below. */
    List<String> vertices() {
        return configuration.getTopologicalOrderStr().stream()
                .filter(configuration.getVertices()::containsKey)
                .toList();
    }

    /** The vertices with parameters, from below. */
    List<String> names() {
        return names;
    }

    ComputationGraph graph() {
        return graph;
    }

    /** A vertex's configuration without what freezes it. */
    GraphVertex vertex(String name) {
        return Wrappers.innermost(
                Objects.requireNonNull(configuration.getVertices().get(name), name));
    }

    /** The layer of a vertex, if it is one. */
    Optional<Layer> layer(String name) {
        return vertex(name) instanceof LayerVertex vertex
                ? Optional.of(vertex.getLayerConf().getLayer())
                : Optional.empty();
    }

    /** What bounds of a layer's derivatives rest on, adapter apart, if they are known. */
    Optional<DenseForm> form(String name) {
        return layer(name).map(TrainedPart::stock).flatMap(LayerKinds::denseForm);
    }

    /** Refuses a layer trained in full that has other parameters than its form, which the constants would not cover. */
    void requireAllIn(String name, DenseForm form) {
        Set<String> covered = new TreeSet<>(Set.of(form.weightKey()));
        form.biasKey().ifPresent(covered::add);
        Set<String> trained =
                new TreeSet<>(graph.getVertex(name).paramTable(false).keySet());
        if (!trained.equals(covered)) {
            throw new NotProvedException(
                    "layer '" + name + "' must train the parameters of its form, " + covered + ", got " + trained);
        }
    }

    /** What a layer's configuration is called by users. */
    String kind(String name) {
        return stock(layer(name).orElseThrow()).getClass().getSimpleName();
    }

    /** The layer inside one of our wrappers, or the layer itself; Deeplearning4j's frozen layers are not unwrapped. */
    private static Layer stock(Layer layer) {
        return layer instanceof LayerWrapper<?> wrapper && wrapper.inner() instanceof Layer inner ? inner : layer;
    }

    Optional<HasAdapter> adapter(String name) {
        return layer(name).filter(HasAdapter.class::isInstance).map(HasAdapter.class::cast);
    }

    /** Whether the layer does not see its input as it is. */
    boolean hasPreProcessor(String name) {
        return vertex(name) instanceof LayerVertex layer && layer.getPreProcessor() != null;
    }

    /** What a vertex reads. */
    List<String> inputs(String name) {
        return Objects.requireNonNull(configuration.getVertexInputs().get(name), name);
    }

    /** Who reads a vertex. */
    List<String> readers(String name) {
        return vertices().stream()
                .filter(reader -> inputs(reader).contains(name))
                .toList();
    }

    /** The index of a network input. */
    Optional<Integer> networkInput(String name) {
        int index = configuration.getNetworkInputs().indexOf(name);
        return index < 0 ? Optional.empty() : Optional.of(index);
    }

    /** Whether a layer's loss is the only one. */
    boolean isOnlyOutput(String name) {
        return configuration.getNetworkOutputs().equals(List.of(name));
    }

    /** Where a parameter of a trained layer is in the parameter vector. */
    IndexRange range(String name, String key) {
        INDArray parameter =
                Objects.requireNonNull(graph.getVertex(name).paramTable(false).get(key), key);
        int from = Math.toIntExact(parameter.offset() - graph.params().offset());
        return new IndexRange(from, Math.toIntExact(from + parameter.length()));
    }
}
