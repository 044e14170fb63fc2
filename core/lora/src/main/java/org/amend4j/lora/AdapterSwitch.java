/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.amend4j.internal.lora.layer.SwitchableAdapters;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Switches the adapters of a graph off, with its layers trained in full, and on again. Scopes nest. */
final class AdapterSwitch {

    private final ComputationGraph graph;
    private final List<String> trainedInFull;
    private final Consumer<String> toBase;
    private final List<ComputationGraph> graphs = new ArrayList<>();
    private final Map<String, Map<String, INDArray>> setAside = new LinkedHashMap<>();
    private int disabledScopes;

    /**
     * @param trainedInFull layers whose own parameters are set aside meanwhile
     * @param toBase gives one of them the base's parameters
     */
    AdapterSwitch(ComputationGraph graph, List<String> trainedInFull, Consumer<String> toBase) {
        this.graph = graph;
        this.trainedInFull = trainedInFull;
        this.toBase = toBase;
        graphs.add(graph);
    }

    /** From now on also those of a graph that shares the parameters. */
    void alsoOf(ComputationGraph other) {
        graphs.add(other);
    }

    /** Off until the scope is closed. */
    AdapterScope off() {
        if (disabledScopes++ == 0) {
            setEnabled(false);
            for (String name : trainedInFull) {
                Map<String, INDArray> trained = new LinkedHashMap<>();
                graph.getLayer(name).paramTable().forEach((key, values) -> trained.put(key, values.dup()));
                setAside.put(name, trained);
                toBase.accept(name);
            }
        }
        return new AdapterScope(() -> {
            if (--disabledScopes == 0) {
                setAside.forEach(this::giveBack);
                setAside.clear();
                setEnabled(true);
            }
        });
    }

    private void giveBack(String name, Map<String, INDArray> trained) {
        Map<String, INDArray> own = graph.getLayer(name).paramTable();
        trained.forEach(
                (key, values) -> Objects.requireNonNull(own.get(key), key).assign(values));
    }

    boolean areOn() {
        return disabledScopes == 0;
    }

    private void setEnabled(boolean enabled) {
        for (ComputationGraph one : graphs) {
            for (GraphVertex vertex : one.getVertices()) {
                if (vertex instanceof SwitchableAdapters adaptable) {
                    adaptable.setAdapterEnabled(enabled);
                } else if (vertex.hasLayer() && vertex.getLayer() instanceof SwitchableAdapters adaptable) {
                    adaptable.setAdapterEnabled(enabled);
                }
            }
        }
    }
}
