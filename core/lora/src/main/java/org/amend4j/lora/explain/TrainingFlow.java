/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.amend4j.internal.model.GraphLayers;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** Which vertices of a graph gradients reach, given those that train. */
final class TrainingFlow {

    private final ComputationGraphConfiguration network;
    private final List<String> order;
    private final Set<String> live = new LinkedHashSet<>();

    TrainingFlow(ComputationGraphConfiguration network, Collection<String> trained) {
        this.network = network;
        this.order = GraphLayers.vertices(network);
        for (String name : order) {
            if (trained.contains(name) || readsTrained(name)) {
                live.add(name);
            }
        }
    }

    List<String> inputs(String name) {
        return Objects.requireNonNull(network.getVertexInputs().get(name), name);
    }

    /** Whether something that trains is below a vertex, so that it hands errors down. */
    boolean readsTrained(String name) {
        return inputs(name).stream().anyMatch(live::contains);
    }

    /** Whether it is below everything that trains, and no output of the network. */
    boolean isPrefix(String name) {
        return !live.contains(name) && !network.getNetworkOutputs().contains(name);
    }

    /** Whose values are there for the backward pass: all vertices outside of the prefix, and what they read. */
    Set<String> kept() {
        Set<String> kept = new LinkedHashSet<>();
        for (String name : order) {
            if (!isPrefix(name)) {
                kept.addAll(inputs(name));
                kept.add(name);
            }
        }
        return kept;
    }
}
