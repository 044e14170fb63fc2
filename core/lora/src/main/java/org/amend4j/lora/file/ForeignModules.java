/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Scheme;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.TensorInfo;

/** The tensors of a file in PEFT's layout grouped by module, and within it by the suffix of their names. */
final class ForeignModules {
    static final String FACTOR_A = ".lora_A.weight";
    static final String FACTOR_B = ".lora_B.weight";
    private static final String BASE_LAYER = ".base_layer";
    static final String EMBEDDING_A = ".lora_embedding_A";
    static final String EMBEDDING_B = ".lora_embedding_B";
    private static final String BIAS_OF_B = ".lora_B.bias";
    static final String BIAS = ".bias";
    private static final List<String> LONG_SUFFIXES = List.of(FACTOR_A, FACTOR_B, BIAS_OF_B, StoredTensor.TOKENS);
    /** What PEFT saves besides with bias "all": the base's bias of a layer trained in full, and the trained one again. */
    private static final List<String> REPEATED = List.of(".original_module.bias", ".modules_to_save.bias");

    private final Map<String, Map<String, TensorInfo>> tensors;
    private final boolean whole;

    private ForeignModules(Map<String, Map<String, TensorInfo>> tensors, boolean whole) {
        this.tensors = Collections.unmodifiableMap(tensors);
        this.whole = whole;
    }

    /** @throws AdapterFormatException if a tensor is not PEFT's, or two mean the same */
    static ForeignModules of(AdapterTensors file) throws AdapterFormatException {
        Map<String, Map<String, TensorInfo>> modules = new TreeMap<>();
        for (TensorInfo tensor : file.tensors().values()) {
            String name = tensor.name();
            if (!name.startsWith(StoredTensor.PREFIX)) {
                throw new AdapterFormatException(
                        file.path(),
                        "the tensor " + Printable.quoted(name) + " must begin with " + StoredTensor.PREFIX);
            }
            String rest = name.substring(StoredTensor.PREFIX.length());
            if (REPEATED.stream().anyMatch(rest::endsWith)) {
                continue;
            }
            String suffix = LONG_SUFFIXES.stream()
                    .filter(rest::endsWith)
                    .findFirst()
                    .orElse(rest.substring(Math.max(0, rest.lastIndexOf('.'))));
            String module = rest.substring(0, rest.length() - suffix.length());
            if (module.endsWith(BASE_LAYER)) {
                module = module.substring(0, module.length() - BASE_LAYER.length());
                if (suffix.equals(".weight")) {
                    // An adapted embedding's own table, which PEFT saves with the adapter though it is the base's.
                    continue;
                }
            }
            TensorInfo other =
                    modules.computeIfAbsent(module, m -> new TreeMap<>()).put(suffix, tensor);
            if (other != null) {
                throw new AdapterFormatException(
                        file.path(),
                        "the tensor " + Printable.quoted(name) + " must not mean the same as "
                                + Printable.quoted(other.name()));
            }
        }
        return new ForeignModules(modules, true);
    }

    /** These, which are not all of the file. */
    ForeignModules only(Set<String> modules) {
        Map<String, Map<String, TensorInfo>> some = new TreeMap<>(tensors);
        some.keySet().retainAll(modules);
        return new ForeignModules(some, false);
    }

    Map<String, Map<String, TensorInfo>> tensors() {
        return tensors;
    }

    /** Names of the modules, in order. */
    List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    /**
     * Why the file cannot be all of its adapter, if it cannot: PEFT (0.20) leaves the layers trained in full out of what it
     * converts. One of several may be missing, PEFT takes names of modules that a model does not have.
     */
    Optional<String> incomplete(JsonFields peft) {
        JsonNode full = PeftKeys.value(peft, "modules_to_save");
        boolean some = tensors.keySet().stream()
                .anyMatch(module -> !isAdapted(module) && !suffixes(module).equals(Set.of(StoredTensor.TOKENS)));
        if (!whole || some || !full.isArray() || full.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                "'modules_to_save' is " + Printable.line(full.toString()) + ", but the tensors' file holds no"
                        + " module trained in full: PEFT leaves them out when it converts a start"
                        + " (path_initial_model_for_weight_conversion); copy their tensors there from an ordinary"
                        + " save_pretrained of the same model");
    }

    /** Why the tensors of this module cannot be those of its scheme, if they cannot. */
    Optional<String> unexpected(String module, Scheme scheme) {
        Set<String> found = suffixes(module);
        List<String> wanted = new ArrayList<>(
                found.contains(EMBEDDING_A) ? List.of(EMBEDDING_A, EMBEDDING_B) : List.of(FACTOR_A, FACTOR_B));
        if (scheme.hasMagnitude()) {
            wanted.add(StoredTensor.MAGNITUDE);
        }
        if (scheme.biasOnB()) {
            wanted.add(BIAS_OF_B);
        }
        Set<String> others = new HashSet<>(found);
        if (scheme.bias() != BiasMode.NONE) {
            others.remove(BIAS);
        }
        if (!isAdapted(module) || others.equals(Set.copyOf(wanted))) {
            return Optional.empty();
        }
        return Optional.of("the module " + Printable.quoted(module) + " must have "
                + wanted.stream().map(suffix -> suffix.substring(1)).collect(Collectors.joining(" and "))
                + " and no other tensor by the configuration, got "
                + found.stream()
                        .map(suffix -> Printable.quoted(suffix.substring(1)))
                        .collect(Collectors.joining(", ")));
    }

    /** Whether the module has factors, or what belongs to them. */
    boolean isAdapted(String module) {
        return suffixes(module).stream().anyMatch(suffix -> suffix.startsWith(".lora_"));
    }

    Set<String> suffixes(String module) {
        return tensors.getOrDefault(module, Map.of()).keySet();
    }
}
