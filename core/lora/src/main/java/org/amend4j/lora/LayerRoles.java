/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.text.Article;
import org.amend4j.lora.ResolvedLoraConfig.Candidate;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;

/** Refuses, by name and class, layers and vertices that a configuration wants in a role they cannot have. */
final class LayerRoles {

    private final ComputationGraphConfiguration network;
    private final SettingNames names;

    private LayerRoles(ComputationGraphConfiguration network, SettingNames names) {
        this.network = network;
        this.names = names;
    }

    /**
     * Entries that name nothing at all are left to {@link ResolvedLoraConfig}.
     *
     * @throws IllegalArgumentException if an entry of the targets names only what takes no adapter, or one of the layers
     *     trained in full only what cannot be trained
     */
    static void require(ComputationGraphConfiguration network, LoraConfig config, SettingNames names) {
        LayerRoles roles = new LayerRoles(network, names);
        if (config.targets() instanceof Targets.Names targets) {
            List<String> candidates = AdaptedConfiguration.candidates(network).stream()
                    .flatMap(Candidate::names)
                    .toList();
            targets.names().forEach(entry -> roles.strayed(entry, candidates).ifPresent(roles::refuseAdapter));
        }
        List<String> trainable = AdaptedConfiguration.layersWithParameters(network);
        config.trainedInFull().forEach(entry -> roles.strayed(entry, trainable).ifPresent(roles::refuseTraining));
    }

    /** The first vertex an entry names, if it names none of those it may. */
    private Optional<String> strayed(String entry, List<String> allowed) {
        var matching = NamePattern.anyOf(List.of(entry));
        return allowed.stream().anyMatch(matching)
                ? Optional.empty()
                : GraphLayers.vertices(network).stream().filter(matching).findFirst();
    }

    private void refuseAdapter(String name) {
        boolean trainable = AdaptedConfiguration.layersWithParameters(network).contains(name)
                && GraphLayers.layer(network, name)
                        .filter(layer -> !Unfrozen.isFrozen(layer))
                        .isPresent();
        throw new IllegalArgumentException(what(name) + ", which takes no adapter: "
                + (trainable
                        ? "train it in full with " + names.trainedInFull() + ", or leave it out of " + names.targets()
                        : "it stays as it is, leave it out of " + names.targets()));
    }

    private void refuseTraining(String name) {
        String why =
                vertex(name).numParams(true) > 0 ? ", which can only stay frozen" : ", which has no weights to train";
        throw new IllegalArgumentException(what(name) + why + ": leave it out of " + names.trainedInFull());
    }

    private String what(String name) {
        GraphVertex vertex = vertex(name);
        Object stock =
                vertex instanceof LayerVertex layer ? layer.getLayerConf().getLayer() : vertex;
        String kind = stock.getClass().getSimpleName();
        return (vertex instanceof LayerVertex ? "layer '" : "vertex '") + name + "' is " + Article.before(kind);
    }

    private GraphVertex vertex(String name) {
        return Objects.requireNonNull(network.getVertices().get(name), name);
    }
}
