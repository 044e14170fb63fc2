/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the files of an adapter call its layers.
 *
 * @param modules by vertex; a layer that is not there is called like its vertex
 */
record ModuleNaming(Map<String, String> modules) {

    /** All layers are called like their vertices. */
    static final ModuleNaming VERTICES = new ModuleNaming(Map.of());

    ModuleNaming {
        modules = Collections.unmodifiableMap(new TreeMap<>(modules));
    }

    /**
     * Of what is written: the names that were asked for, today's if none were.
     *
     * @param layers of the base, and those that the content knows
     */
    static ModuleNaming of(AdapterContent content, Collection<String> layers) {
        return isFormer(content) ? VERTICES : today(vertices(content), base(content, layers));
    }

    /** What is written: as {@linkplain GatedModules two modules} what is two today, unless PEFT wrote it as one or the former names are asked for. */
    static AdapterContent named(AdapterContent content, Collection<String> layers) {
        boolean kept = content.moduleNames().isEmpty()
                && content.origin()
                        .flatMap(origin -> origin.naming(content, of(content, layers)))
                        .isPresent();
        return kept || isFormer(content) ? content : GatedModules.apart(content, base(content, layers));
    }

    private static boolean isFormer(AdapterContent content) {
        return content.moduleNames().equals(Optional.of(ModuleNames.TRANSFORMERS_4));
    }

    /**
     * Of a file that says which layer each of its tensors is of.
     *
     * @param keys as the file says it
     */
    static ModuleNaming recorded(Blueprint blueprint, Collection<String> base, String keys) {
        List<String> vertices =
                blueprint.tensors().stream().map(StoredTensor::vertex).toList();
        ModuleNaming today = today(vertices, base);
        return blueprint.keysText(today).equals(keys) ? today : VERTICES;
    }

    private static ModuleNaming today(Collection<String> vertices, Collection<String> base) {
        Set<String> all = new HashSet<>(base);
        all.addAll(vertices);
        return new ModuleNaming(VisionModules.inMemory(all, base));
    }

    private static List<String> vertices(AdapterContent content) {
        return Blueprint.of(content).tensors().stream()
                .map(StoredTensor::vertex)
                .toList();
    }

    private static Set<String> base(AdapterContent content, Collection<String> layers) {
        Set<String> base = new HashSet<>(layers);
        base.addAll(content.layerSha256().keySet());
        return base;
    }

    /** The name in files of a layer. */
    String of(String vertex) {
        return modules.getOrDefault(vertex, vertex);
    }

    /** A tensor as files call it. */
    StoredTensor of(StoredTensor tensor) {
        String after = tensor.key().substring((StoredTensor.PREFIX + tensor.vertex()).length());
        return tensor.called(StoredTensor.PREFIX + of(tensor.vertex()) + after);
    }

    /** All of these, and none twice. */
    List<String> of(Collection<String> vertices) {
        return vertices.stream().map(this::of).distinct().toList();
    }

    /** Whether another calls these layers the same. */
    boolean isOf(ModuleNaming other) {
        return modules.keySet().stream().allMatch(vertex -> of(vertex).equals(other.of(vertex)));
    }
}
