/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.amend4j.internal.names.NamePattern;

/**
 * Whether PEFT (0.20) finds the layers of an adapter by their names, and no others. It matches layers trained in full by
 * suffixes of names, without requiring a dot before them ({@code "fc"} also matches {@code "prefc"}), after inserting its
 * own modules into the adapted ones; and it adapts nothing whose name, or a part of it between dots, matches one trained in
 * full as a regular expression. Embeddings with trained tokens are matched by suffixes too.
 */
final class PeftNames {
    /** What PEFT puts inside of an adapted module. */
    private static final List<String> INSIDE = List.of(
            ".base_layer",
            ".lora_dropout",
            ".lora_dropout.default",
            ".lora_A",
            ".lora_A.default",
            ".lora_B",
            ".lora_B.default",
            ".lora_embedding_A",
            ".lora_embedding_B",
            ".lora_magnitude_vector");

    private final List<String> adapted;
    private final List<String> full;
    private final List<String> tokens;
    private final Set<String> layers;
    private final Set<String> containers;

    /**
     * @param naming of all layers in the files
     * @param others vertices of further layers with parameters
     */
    PeftNames(AdapterContent content, ModuleNaming naming, Collection<String> others) {
        adapted = naming.of(content.factors().stream().map(LayerFactors::vertex).toList());
        full = naming.of(content.fullLayers().stream().map(FullLayer::vertex).toList());
        tokens = naming.of(content.tokens().stream().map(TrainedTokens::vertex).toList());
        layers = new LinkedHashSet<>(adapted);
        layers.addAll(full);
        layers.addAll(tokens);
        layers.addAll(naming.of(others));
        containers = new LinkedHashSet<>();
        for (String layer : layers) {
            for (int dot = layer.indexOf('.'); dot >= 0; dot = layer.indexOf('.', dot + 1)) {
                containers.add(layer.substring(0, dot));
            }
        }
    }

    /**
     * What PEFT would mistake for a layer of the adapter, in a sentence without a full stop, if there is something.
     *
     * @throws IllegalArgumentException if a name is not the regular expression that PEFT makes of it
     */
    Optional<String> mistaken() {
        for (String name : full) {
            Optional<String> other = takenFor(name);
            if (other.isPresent()) {
                return Optional.of("PEFT would take '" + other.get() + "' for '" + name + "', which is trained in full,"
                        + " because of its name, and not load the adapter as it is; give '" + name
                        + "' another name, or save for amend4j alone");
            }
        }
        for (String name : tokens) {
            Optional<String> other = takenForTokens(name);
            if (other.isPresent()) {
                return Optional.of("PEFT would take '" + other.get() + "' for '" + name + "', some of whose tokens are"
                        + " trained, or adapt that too, because of its name, and not load the adapter as it is; give '"
                        + name + "' another name, or save for amend4j alone");
            }
        }
        for (String name : adapted) {
            Optional<String> container = containers.stream()
                    .filter(part -> part.equals(name) || part.endsWith("." + name))
                    .findFirst();
            if (container.isPresent()) {
                return Optional.of("PEFT would take '" + container.get() + "', a module with layers inside, for the"
                        + " adapted '" + name + "' because of its name, and not load the adapter; give '" + name
                        + "' another name, or save for amend4j alone");
            }
        }
        return Optional.empty();
    }

    private Optional<String> takenFor(String name) {
        List<String> modules = modules();
        modules.removeAll(full);
        NamePattern under =
                NamePattern.whole("'" + name + "' that PEFT makes of the name", "(^|.*\\.)" + name + "($|\\..*)");
        return modules.stream()
                .filter(module -> module.endsWith(name) || (adapted.contains(module) && under.matches(module)))
                .findFirst();
    }

    /** Another module that ends so, or an adapted one whose name stands for this too. */
    private Optional<String> takenForTokens(String name) {
        return modules().stream()
                .filter(module -> !module.equals(name))
                .filter(module -> module.endsWith(name) || (adapted.contains(module) && name.endsWith("." + module)))
                .findFirst();
    }

    /** All that PEFT looks at when the adapter is there. */
    private List<String> modules() {
        List<String> modules = new ArrayList<>(layers);
        modules.addAll(containers);
        for (String layer : adapted) {
            INSIDE.forEach(part -> modules.add(layer + part));
        }
        return modules;
    }
}
