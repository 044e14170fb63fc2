/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.AdaptableWeights;
import org.amend4j.internal.lora.sequence.RunningSequences;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.VertexKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The products that each vertex of a graph makes of one example. */
final class VertexProducts {

    private static final ExampleProducts NONE = new ExampleProducts(Map.of(), 0);

    private final BaseModel base;
    private final ComputationGraphConfiguration network;
    private final GraphShapes shapes;
    private final Map<String, Optional<ExampleProducts>> known = new HashMap<>();

    VertexProducts(BaseModel base, ComputationGraphConfiguration network, GraphShapes shapes) {
        this.base = base;
        this.network = network;
        this.shapes = shapes;
        GraphLayers.vertices(network).forEach(name -> known.put(name, products(name)));
    }

    private Optional<ExampleProducts> products(String name) {
        List<InputType> read = inputs(name).stream()
                .flatMap(input -> shapes.of(input).stream())
                .toList();
        Optional<InputType> put = shapes.of(name);
        if (read.size() < inputs(name).size() || put.isEmpty()) {
            return Optional.empty();
        }
        Optional<Layer> layer = layer(name);
        Optional<ExampleProducts> products = layer.isPresent()
                ? LayerKinds.products(layer.get(), shapes.reads(name), put.get())
                : VertexKinds.products(Wrappers.innermost(vertex(name)), read);
        return products.or(() -> isElementwise(name) ? Optional.of(NONE) : Optional.empty());
    }

    private org.deeplearning4j.nn.conf.graph.GraphVertex vertex(String name) {
        return Objects.requireNonNull(network.getVertices().get(name), name);
    }

    private Optional<Layer> layer(String name) {
        return GraphLayers.layer(network, name).map(Unfrozen::of);
    }

    private boolean isElementwise(String name) {
        return base.parameters(name).values().stream().noneMatch(VertexProducts::isMatrix);
    }

    private static boolean isMatrix(INDArray parameter) {
        long longest = 0;
        for (long side : parameter.shape()) {
            longest = Math.max(longest, side);
        }
        return parameter.length() > longest;
    }

    private List<String> inputs(String name) {
        return Objects.requireNonNull(network.getVertexInputs().get(name), name);
    }

    /**
     * Why the products of a vertex are not known: the end of a sentence after its name; empty if they are. What has no weight that is
     * a matrix works element by element, unless its kind says otherwise.
     */
    Optional<String> unknown(String name) {
        if (!weights(name).isEmpty()
                && vertex(name) instanceof LayerVertex layer
                && GraphShapes.turnsSteps(layer)
                && !(shapes.of(inputs(name).get(0)).orElse(null) instanceof InputTypeFeedForward)) {
            return Optional.of("reads steps as if they were examples");
        }
        if (of(name).isPresent()) {
            return Optional.empty();
        }
        boolean endless = shapes.of(name).flatMap(ExampleProducts::places).isEmpty()
                || inputs(name).stream()
                        .anyMatch(input -> shapes.of(input)
                                .flatMap(ExampleProducts::places)
                                .isEmpty());
        return Optional.of(endless ? "has an unknown number of steps" : "has products that are not known");
    }

    /** Those of one vertex, if they are known. */
    Optional<ExampleProducts> of(String name) {
        return Objects.requireNonNull(known.get(name), name);
    }

    /** The weights of a vertex, by key. */
    Map<String, WeightMatrix> weights(String name) {
        return AdaptableWeights.of(network, name);
    }

    /** Whether its adapters' gradients come from rows, as those of recurrent layers and attentions do that are computed here. */
    boolean hasRows(String name) {
        Optional<Layer> layer = layer(name);
        return layer.isPresent()
                ? RunningSequences.serves(layer.get())
                : VertexKinds.runsOnBase(Wrappers.innermost(vertex(name)));
    }

    /** Whether Deeplearning4j computes it even where it is frozen, so that its weights' gradients are made and thrown away. */
    boolean isStock(String name) {
        return !hasRows(name)
                && layer(name)
                        .flatMap(LayerKinds::of)
                        .filter(LayerKinds.Known::runsOnBase)
                        .isEmpty();
    }
}
