/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;

/** The names that layers in a row were given, where a configuration calls them so: a graph, its files and PEFT's have their numbers. */
final class OwnNames {

    private final BaseModel base;
    private final Map<String, String> vertices;

    OwnNames(BaseModel base) {
        this.base = base;
        this.vertices = base.names();
    }

    /** A configuration that calls the layers by their numbers. */
    LoraConfig resolved(LoraConfig wish) {
        if (vertices.isEmpty()) {
            return wish;
        }
        LoraConfig config = wish;
        if (wish.targets() instanceof Targets.Names named) {
            config = config.withTargets(resolved(named.names()).toArray(String[]::new));
        } else if (wish.targets() instanceof Targets.Regex regex) {
            config = config.withTargets(new Targets.Regex(resolved(regex.pattern())));
        }
        return config.with(c -> c.exclusions(resolved(wish.exclusions()))
                .trainedInFull(resolved(wish.trainedInFull()))
                .rankPattern(resolvedKeys(wish.rankPattern()))
                .alphaPattern(resolvedKeys(wish.alphaPattern()))
                .trainedTokens(resolvedKeys(wish.trainedTokens())));
    }

    private List<String> resolved(List<String> entries) {
        return entries.stream().map(this::vertex).distinct().toList();
    }

    private String vertex(String entry) {
        return vertices.getOrDefault(entry, entry);
    }

    private <V> Map<String, V> resolvedKeys(Map<String, V> values) {
        Map<String, V> resolved = new LinkedHashMap<>();
        values.forEach((key, value) -> resolved.putIfAbsent(vertex(key), value));
        return resolved;
    }

    /** Vertices' names are numbers, which are themselves as expressions. */
    private String resolved(String pattern) {
        NamePattern whole = NamePattern.whole("targets", pattern);
        String called = vertices.entrySet().stream()
                .filter(name -> whole.matches(name.getKey()))
                .map(Map.Entry::getValue)
                .collect(Collectors.joining("|"));
        return called.isEmpty() ? pattern : "(?:" + pattern + ")|" + called;
    }

    /** What the layers that train are called in the model. */
    Optional<String> note(ResolvedLoraConfig fit) {
        String known = Stream.concat(
                        fit.weights().stream().map(one -> one.weight().vertex()), fit.trainedInFull().stream())
                .distinct()
                .map(base::shown)
                .filter(shown -> shown.endsWith(")"))
                .collect(Collectors.joining(", "));
        return known.isEmpty() ? Optional.empty() : Optional.of("layers that train, with their own names: " + known);
    }

    /** What helps after a sentence that lists layers by number. */
    String after(String sentence) {
        String names = vertices.entrySet().stream()
                .filter(name -> !name.getKey().equals("layer" + name.getValue()))
                .map(name -> "'" + name.getKey() + "' is " + name.getValue())
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? sentence : sentence + "; by their own names, " + names;
    }
}
