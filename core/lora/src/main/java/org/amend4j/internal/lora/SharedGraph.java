/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.amend4j.internal.lora.effective.EffectiveWeight;
import org.amend4j.internal.lora.layer.AdaptableLayer;
import org.amend4j.internal.lora.layer.LayerShare;
import org.amend4j.internal.lora.layer.LayerShare.Beside;
import org.amend4j.internal.lora.layer.LayerShare.Term;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.lora.FrozenBaseLayer;
import org.amend4j.lora.FrozenBaseVertex;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A graph on a base for inference with any of several adapters. Layers that are products on rows (dense, convolution, output) share the
 * base's weights and refer to the adapters' arrays: changing adapters copies nothing. Other vertices that an adapter changes
 * have a copy of the base's parameters, in which {@code W + s·A·B} or the adapter's own parameters are written when the adapter
 * is first used.
 *
 * <p>Not thread-safe.
 */
public final class SharedGraph {

    private final BaseModel base;
    private final ComputationGraph graph;
    private final Map<String, AdaptableLayer> products = new LinkedHashMap<>();
    private final Map<String, List<Scaled>> written = new LinkedHashMap<>();
    private final Map<String, Map<String, WeightMatrix>> matrices = new LinkedHashMap<>();
    private List<Use> used = List.of();

    /**
     * An adapter and a factor on what it adds to the weights; layers trained in full are not scaled.
     *
     * @param scale finite
     */
    public record Scaled(FittedAdapter adapter, double scale) {}

    /**
     * What some consecutive examples of a batch use.
     *
     * @param examples how many, if a batch has several
     * @param adapters whose changes add; none for the base
     */
    public record Use(long examples, List<Scaled> adapters) {

        /** Copies the list. */
        public Use {
            adapters = List.copyOf(adapters);
        }
    }

    /**
     * Builds the graph.
     *
     * @param copied vertices that get a copy of their parameters, of those that are {@linkplain #isCopied not products}
     */
    public SharedGraph(BaseModel base, Set<String> copied) {
        this.base = base;
        ComputationGraphConfiguration configuration = base.configuration();
        Set<String> own = new LinkedHashSet<>();
        for (String name : GraphLayers.vertices(configuration)) {
            GraphVertex vertex =
                    Objects.requireNonNull(configuration.getVertices().get(name), name);
            if (copied.contains(name) || !canBeFrozen(vertex)) {
                own.add(name);
                matrices.put(name, AdaptableWeights.of(configuration, name));
            } else {
                configuration.getVertices().put(name, frozen(name, vertex));
            }
        }
        this.graph = initialised(configuration);
        own.forEach(this::restore);
        for (String name : GraphLayers.vertices(configuration)) {
            if (graph.getLayer(name) instanceof AdaptableLayer layer) {
                products.put(name, layer);
            }
        }
    }

    private static ComputationGraph initialised(ComputationGraphConfiguration configuration) {
        long length = configuration.getVertices().values().stream()
                .mapToLong(vertex -> vertex.numParams(false))
                .sum();
        ComputationGraph graph = new ComputationGraph(configuration);
        if (length == 0) {
            graph.init();
        } else {
            graph.init(Nd4j.create(configuration.getDataType(), 1, length), false);
        }
        return graph;
    }

    /** Whether a vertex needs a copy of its parameters to be changed by an adapter. */
    public static boolean isCopied(BaseModel base, String vertex) {
        return GraphLayers.layer(base.configuration(), vertex)
                .map(Unfrozen::of)
                .flatMap(LayerKinds::of)
                .filter(known -> known.weight().isPresent() && known.runsOnBase())
                .isEmpty();
    }

    /** Output layers without a kind of running layer keep their own parameters. */
    private static boolean canBeFrozen(GraphVertex vertex) {
        return !(vertex instanceof LayerVertex layer)
                || !(Unfrozen.of(layer.getLayerConf().getLayer()) instanceof BaseOutputLayer output)
                || LayerKinds.of(output).filter(LayerKinds.Known::runsOnBase).isPresent();
    }

    private GraphVertex frozen(String name, GraphVertex original) {
        if (!(original instanceof LayerVertex vertex)) {
            return FrozenBaseVertex.standingOn(base.fingerprint(), Wrappers.innermost(original));
        }
        NeuralNetConfiguration conf = Configurations.copy(vertex.getLayerConf());
        conf.clearVariables();
        Layer stock = Unfrozen.of(conf.getLayer());
        stock.setLayerName(name);
        conf.setLayer(FrozenBaseLayer.standingOn(base.fingerprint(), stock, false));
        return new LayerVertex(conf, vertex.getPreProcessor());
    }

    private void restore(String vertex) {
        Map<String, INDArray> own = graph.getVertex(vertex).paramTable(false);
        base.parameters(vertex).forEach((key, values) -> require(own, key).assign(values));
        written.put(vertex, List.of());
    }

    /** The graph, to compute outputs with: it must not be trained. */
    public ComputationGraph graph() {
        return graph;
    }

    /** Whether the graph has what these adapters change; otherwise it must be built anew. */
    public boolean has(FittedAdapter adapter) {
        return adapter.vertices().stream().allMatch(name -> products.containsKey(name) || written.containsKey(name));
    }

    /** Whether examples that use these can be in one batch: no parameters need to be written that others read. */
    public boolean canMix(List<Use> uses) {
        return uses.size() < 2
                || uses.stream()
                        .flatMap(use -> use.adapters().stream())
                        .flatMap(one -> one.adapter().vertices().stream())
                        .allMatch(products::containsKey);
    }

    /**
     * Lets the graph compute with these adapters. One with magnitudes or biases stands alone in its use.
     *
     * @param uses of the examples of a batch, in their order; one is for whole batches of any size
     */
    public void use(List<Use> uses) {
        if (uses.equals(used)) {
            return;
        }
        used = List.of(); // whatever happens
        products.forEach((name, layer) ->
                layer.share(uses.stream().map(use -> share(name, use)).toList()));
        for (Map.Entry<String, List<Scaled>> entry : written.entrySet()) {
            List<Scaled> wanted = uses.get(0).adapters().stream()
                    .filter(one -> one.adapter().vertices().contains(entry.getKey()))
                    .toList();
            if (!wanted.equals(entry.getValue())) {
                restore(entry.getKey());
                wanted.forEach(one -> write(entry.getKey(), one));
                entry.setValue(wanted);
            }
        }
        used = List.copyOf(uses);
    }

    private static LayerShare share(String vertex, Use use) {
        Map<String, INDArray> trained = Map.of();
        List<Term> terms = new ArrayList<>();
        Beside beside = Beside.NONE;
        for (Scaled one : use.adapters()) {
            one.adapter().term(vertex, one.scale()).ifPresent(terms::add);
            beside = one.adapter().beside(vertex);
            if (one.adapter().trained().contains(vertex)) {
                trained = one.adapter().trained(vertex);
            }
        }
        return new LayerShare(use.examples(), trained, terms, beside);
    }

    private void write(String vertex, Scaled one) {
        Map<String, INDArray> own = graph.getVertex(vertex).paramTable(false);
        one.adapter().trained(vertex).forEach((key, values) -> require(own, key).assign(values));
        one.adapter().biases(vertex).forEach((key, values) -> put(values, require(own, key)));
        for (LayerFactors layer : one.adapter().factors(vertex)) {
            write(layer, one.scale() * layer.spec().scaling(), own);
        }
    }

    private static void put(INDArray values, INDArray into) {
        into.assign(values.reshape(into.shape()));
    }

    private void write(LayerFactors layer, double scaling, Map<String, INDArray> own) {
        AdaptedWeight of = layer.weight();
        WeightMatrix matrix = require(require(matrices, of.vertex()), of.parameter());
        INDArray into = require(own, of.parameter());
        if (layer.vectors().magnitude().isEmpty()) {
            EffectiveWeight.addInPlace(matrix, layer.a(), layer.b(), scaling, into);
        } else {
            Dora dora = layer.spec().scheme().dora();
            new EffectiveWeight(
                            scaling,
                            dora,
                            matrix,
                            layer.a(),
                            layer.b(),
                            layer.vectors().magnitude())
                    .write(require(base.parameters(of.vertex()), of.parameter()), into);
        }
        layer.vectors().bias().ifPresent(onB -> {
            INDArray bias = require(own, DefaultParamInitializer.BIAS_KEY);
            bias.addi(onB.mul(scaling).reshape(bias.shape()));
        });
    }

    private static <V> V require(Map<String, V> map, String key) {
        return Objects.requireNonNull(map.get(key), key);
    }
}
