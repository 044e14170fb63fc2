/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.network.TiesParameters;
import org.amend4j.lora.AdapterReport.LayerReport;
import org.amend4j.lora.AdapterReport.Status;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Counts what trains of an adapted graph and what does not. */
record TrainedParts(BaseModel base, ComputationGraph graph, ResolvedLoraConfig fit, Set<String> prefix) {

    AdapterReport report() {
        List<LayerReport> layers = new ArrayList<>();
        long shared = fit.biases().stream().mapToLong(AdaptedBias::length).sum();
        for (String name : GraphLayers.vertices(base.configuration())) {
            Map<String, INDArray> parameters = base.parameters(name);
            long inBase =
                    parameters.values().stream().mapToLong(INDArray::length).sum();
            if (graph.getLayer(name) == null && inBase == 0) {
                continue;
            }
            List<WeightAdapter> adapters = fit.weights().stream()
                    .filter(one -> one.weight().vertex().equals(name))
                    .toList();
            long trainable = copies().contains(name) ? 0 : graph.getVertex(name).numParams();
            if (adapters.isEmpty()) {
                Status status = statusWithoutAdapter(name);
                shared += status == Status.TRAINED_IN_FULL ? inBase : 0;
                layers.add(new LayerReport(name, type(name), status, inBase, trainable, 0, 0));
            } else if (adapters.get(0).weight().single()) {
                layers.add(adapted(adapters.get(0), inBase, trainable));
            } else {
                long rest = inBase;
                long biases = trainable;
                for (WeightAdapter one : adapters) {
                    long weight = Objects.requireNonNull(
                                    parameters.get(one.weight().parameter()))
                            .length();
                    layers.add(adapted(one, weight, one.parameters()));
                    rest -= weight;
                    biases -= one.parameters();
                }
                Status status = biases > 0 ? Status.BIASES : Status.FROZEN;
                layers.add(new LayerReport(name, type(name), status, rest, biases, 0, 0));
            }
        }
        long trainable = graph.numParams() - TiesParameters.copied(graph);
        long once = base.parameterCount() - TiesParameters.copied(base.network());
        return new AdapterReport(base.fingerprint(), trainable, once + trainable - shared, layers);
    }

    /** Heads with copies of rows of tokens. */
    private List<String> copies() {
        return graph.getListeners().stream()
                .filter(TiesParameters.class::isInstance)
                .map(tying -> ((TiesParameters) tying).copy())
                .toList();
    }

    private LayerReport adapted(WeightAdapter one, long inBase, long trainable) {
        return new LayerReport(
                one.weight().name(),
                type(one.weight().vertex()),
                Status.ADAPTED,
                inBase,
                trainable,
                one.adapter().rank(),
                one.adapter().scaling());
    }

    private Status statusWithoutAdapter(String name) {
        if (fit.trainedInFull().contains(name)) {
            return Status.TRAINED_IN_FULL;
        }
        if (fit.tokens(name).isPresent() || copies().contains(name)) {
            return Status.TOKENS;
        }
        if (graph.getVertex(name).numParams() > 0) {
            return Status.BIASES;
        }
        return prefix.contains(name) ? Status.PREFIX : Status.FROZEN;
    }

    private String type(String name) {
        GraphVertex vertex = base.configuration(name);
        Object stock =
                vertex instanceof LayerVertex layer ? layer.getLayerConf().getLayer() : vertex;
        return stock.getClass().getSimpleName();
    }
}
