/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;

/**
 * Which vertex of a network corresponds to which PyTorch module.
 *
 * @param named vertices of modules that are mapped explicitly
 * @param sameNames whether a module that is not mapped explicitly goes to the vertex of its own name, or of the one that it has in checkpoints
 * ({@code vit.layers.0.attention.q_proj} is {@code vit.encoder.layer.0.attention.attention.query} there); a prefix common to
 * all such modules, such as {@code "bert."}, is dropped if necessary
 * @param encoder what the modules of an encoder begin with under a head; empty if the network is not an encoder without one
 */
public record ModuleMap(Map<String, String> named, boolean sameNames, String encoder) {

    private static final String POOLER = "pooler.dense";

    /** @throws IllegalArgumentException if two modules go to one vertex */
    public ModuleMap {
        named = Collections.unmodifiableMap(new TreeMap<>(named));
        Map<String, String> modules = new HashMap<>();
        named.forEach((module, vertex) -> {
            String other = modules.put(vertex, module);
            if (other != null) {
                throw new IllegalArgumentException("two modules must not be mapped to one vertex, but '" + other
                        + "' and '" + module + "' are both mapped to '" + vertex + "'");
            }
        });
    }

    /** The vertex of every module, and of no other. */
    public static ModuleMap of(Map<String, String> moduleToVertex) {
        return new ModuleMap(moduleToVertex, false, "");
    }

    /** Modules and vertices have the same names, up to a beginning that all modules share. */
    public static ModuleMap bySameNames() {
        return new ModuleMap(Map.of(), true, "");
    }

    /**
     * For an encoder without a head: its modules have the vertices' names, with the prefix that they have under a head or without.
     * Other modules are a head's, as is the encoder's pooler, and are left out where the network has no such vertex.
     *
     * @param prefix such as {@code "bert."}
     */
    public static ModuleMap ofEncoder(String prefix) {
        return new ModuleMap(Map.of(), true, Checks.present("the prefix", prefix));
    }

    /** As this, with these modules told. */
    public ModuleMap with(Map<String, String> moduleToVertex) {
        Map<String, String> all = new TreeMap<>(named);
        all.putAll(moduleToVertex);
        return new ModuleMap(all, sameNames, encoder);
    }

    /**
     * The vertex of every module that has one; of every module but those of a head, if this is an encoder's.
     *
     * @param modules names of the modules in a file
     * @param vertices names of the network's vertices
     * @throws IllegalArgumentException if names are to agree and do not, naming the modules and the vertices left
     */
    Map<String, String> vertices(List<String> modules, Collection<String> vertices) {
        List<String> untold =
                modules.stream().filter(module -> !named.containsKey(module)).toList();
        if (!sameNames || untold.isEmpty()) {
            return named;
        }
        if (!encoder.isEmpty()) {
            return inEncoder(untold, vertices);
        }
        List<String> found = Stream.of(
                        untold, untold.stream().map(VisionModules::inFiles).toList())
                .map(names -> without(names, beginning(names, vertices)))
                .filter(vertices::containsAll)
                .findFirst()
                .orElseThrow(() -> unmatched(untold, vertices));
        Map<String, String> all = new TreeMap<>(named);
        for (int k = 0; k < untold.size(); k++) {
            all.put(untold.get(k), found.get(k));
        }
        return new ModuleMap(all, false, "").named();
    }

    /** How much of a beginning that all names share must go, so that they are vertices, or all of it if that does not help. */
    private static int beginning(List<String> names, Collection<String> vertices) {
        int beginning = 0;
        while (!vertices.containsAll(without(names, beginning)) && isShared(names, beginning)) {
            beginning = names.get(0).indexOf('.', beginning) + 1;
        }
        return beginning;
    }

    private Map<String, String> inEncoder(List<String> modules, Collection<String> vertices) {
        boolean underHead = modules.stream().anyMatch(module -> module.startsWith(encoder));
        Map<String, String> all = new TreeMap<>(named);
        List<String> lost = new ArrayList<>();
        for (String module : modules) {
            Optional<String> vertex = inEncoder(module, vertices);
            vertex.ifPresent(found -> all.put(module, found));
            boolean ofHead = (underHead && !module.startsWith(encoder))
                    || module.equals(encoder + POOLER)
                    || module.equals(POOLER);
            if (vertex.isEmpty() && !ofHead) {
                lost.add(module);
            }
        }
        if (!lost.isEmpty()) {
            throw unmatched(lost, vertices);
        }
        return new ModuleMap(all, false, "").named();
    }

    /** The vertex of that name, or of its name without a head above the encoder. */
    private Optional<String> inEncoder(String module, Collection<String> vertices) {
        String alone = module.startsWith(encoder) ? module.substring(encoder.length()) : module;
        return Stream.of(module, alone, VisionModules.inFiles(module), VisionModules.inFiles(alone))
                .filter(vertices::contains)
                .findFirst();
    }

    /** Whether every name has the same part, and more, up to and with the next dot. */
    private static boolean isShared(List<String> names, int from) {
        int dot = names.get(0).indexOf('.', from);
        return dot >= 0
                && names.stream().allMatch(name -> name.startsWith(names.get(0).substring(0, dot + 1)));
    }

    private static List<String> without(List<String> names, int beginning) {
        return names.stream().map(name -> name.substring(beginning)).toList();
    }

    private IllegalArgumentException unmatched(List<String> untold, Collection<String> vertices) {
        List<String> lost =
                untold.stream().filter(module -> !vertices.contains(module)).toList();
        Set<String> taken = new HashSet<>(named.values());
        taken.addAll(untold);
        List<String> left = new ArrayList<>(vertices);
        left.removeAll(taken);
        return new IllegalArgumentException("no vertex has the name of the "
                + (lost.size() == 1 ? "module " : lost.size() + " modules ") + Checks.listed(lost)
                + ": say which vertex each is; candidates: " + Checks.listed(left));
    }
}
