/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.TensorInfo;

/** The tensors of a file in PEFT's layout grouped by module, and within it by the suffix of their names. */
final class ForeignModules {
    static final String FACTOR_A = ".lora_A.weight";
    static final String FACTOR_B = ".lora_B.weight";
    private static final String BASE_LAYER = ".base_layer";
    private static final String BIAS_OF_B = ".lora_B.bias";
    private static final List<String> LONG_SUFFIXES = List.of(FACTOR_A, FACTOR_B, BIAS_OF_B);

    private final Map<String, Map<String, TensorInfo>> tensors;

    private ForeignModules(Map<String, Map<String, TensorInfo>> tensors) {
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /** @throws AdapterFormatException if a tensor is not PEFT's, or two mean the same */
    static ForeignModules of(SafetensorsFile file) throws AdapterFormatException {
        Map<String, Map<String, TensorInfo>> modules = new TreeMap<>();
        for (TensorInfo tensor : file.tensors().values()) {
            String name = tensor.name();
            if (!name.startsWith(StoredTensor.PREFIX)) {
                throw new AdapterFormatException(
                        file.path(),
                        "the tensor " + Printable.quoted(name) + " must begin with " + StoredTensor.PREFIX);
            }
            String rest = name.substring(StoredTensor.PREFIX.length());
            String suffix = LONG_SUFFIXES.stream()
                    .filter(rest::endsWith)
                    .findFirst()
                    .orElse(rest.substring(Math.max(0, rest.lastIndexOf('.'))));
            String module = rest.substring(0, rest.length() - suffix.length());
            if (module.endsWith(BASE_LAYER)) {
                module = module.substring(0, module.length() - BASE_LAYER.length());
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
        return new ForeignModules(modules);
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
        boolean some = tensors.values().stream()
                .anyMatch(suffixes -> suffixes.keySet().stream().noneMatch(suffix -> suffix.startsWith(".lora_")));
        if (some || !full.isArray() || full.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                "'modules_to_save' is " + Printable.line(full.toString()) + ", but the tensors' file holds no"
                        + " module trained in full: PEFT leaves them out when it converts a start"
                        + " (path_initial_model_for_weight_conversion); copy their tensors there from an ordinary"
                        + " save_pretrained of the same model");
    }

    /** Why the tensors of this module cannot be loaded, if they cannot by their names alone. */
    Optional<String> obstacle(String module) {
        Set<String> suffixes = tensors.getOrDefault(module, Map.of()).keySet();
        String what;
        if (suffixes.stream().anyMatch(suffix -> suffix.startsWith(".lora_embedding_"))) {
            what = "an adapter on an embedding, which is";
        } else if (suffixes.stream().anyMatch(suffix -> suffix.startsWith(".lora_magnitude_vector"))) {
            what = "DoRA's magnitudes, which are";
        } else if (suffixes.contains(BIAS_OF_B)) {
            what = "a bias on B, which is";
        } else if (suffixes.contains(".trainable_tokens_delta")) {
            what = "trained tokens of an embedding, which are";
        } else if (suffixes.contains(FACTOR_A) && suffixes.contains(".bias")) {
            what = "a trained bias beside its factors, which is";
        } else {
            return Optional.empty();
        }
        return Optional.of("the module " + Printable.quoted(module) + " has " + what
                + " not computed yet; merge the adapter in PEFT (merge_and_unload) and use the merged weights");
    }
}
