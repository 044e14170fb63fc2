/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What modules of ViT and DINOv2 are called in checkpoints, as vertices are, and in memory since release 5 of transformers. */
final class VisionModules {

    private static final Pattern IN_FILES = Pattern.compile("((?:.*\\.)?)encoder\\.layer\\.(\\d+)\\.(.+)");
    private static final Pattern VIT_IN_MEMORY =
            Pattern.compile("((?:.*\\.)?)layers\\.(\\d+)\\.((?:attention|mlp|layernorm_(?:before|after))(?:\\..+)?)");

    private static final Map<String, String> ATTENTION = Map.of(
            "attention.attention.query", "attention.q_proj",
            "attention.attention.key", "attention.k_proj",
            "attention.attention.value", "attention.v_proj",
            "attention.output.dense", "attention.o_proj");
    private static final Map<String, String> VIT =
            with(Map.of("intermediate.dense", "mlp.fc1", "output.dense", "mlp.fc2"));
    private static final Map<String, String> DINO = with(Map.of("mlp.weights_out", "mlp.down_proj"));
    private static final Map<String, String> VIT_BACK = turned(VIT);
    private static final Map<String, String> DINO_BACK = turned(DINO);

    private VisionModules() {}

    private static Map<String, String> with(Map<String, String> feedForward) {
        Map<String, String> all = new HashMap<>(ATTENTION);
        all.putAll(feedForward);
        return Map.copyOf(all);
    }

    private static Map<String, String> turned(Map<String, String> names) {
        return names.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));
    }

    /** The name in checkpoints of a module in memory; its own where it has no other. */
    static String inFiles(String module) {
        Matcher vit = VIT_IN_MEMORY.matcher(module);
        if (vit.matches()) {
            return vit.group(1) + "encoder.layer." + vit.group(2) + "."
                    + VIT_BACK.getOrDefault(vit.group(3), vit.group(3));
        }
        Matcher dino = IN_FILES.matcher(module);
        return dino.matches()
                ? module.substring(0, dino.start(3)) + DINO_BACK.getOrDefault(dino.group(3), dino.group(3))
                : module;
    }

    /** These, and their names in checkpoints. */
    static Set<String> inBoth(Collection<String> modules) {
        Set<String> both = new HashSet<>(modules);
        modules.forEach(module -> both.add(inFiles(module)));
        return both;
    }

    /**
     * The names in memory of those modules that have others in checkpoints. Other families have layers of the same names: the norms of a layer
     * say whether it is a ViT's or DINOv2's.
     *
     * @param modules by their names in checkpoints
     * @param base names of all layers of the base
     */
    static Map<String, String> inMemory(Collection<String> modules, Collection<String> base) {
        Map<String, String> named = new TreeMap<>();
        for (String module : modules) {
            Matcher layer = IN_FILES.matcher(module);
            if (layer.matches()) {
                String path = module.substring(0, layer.start(3));
                String part = layer.group(3);
                if (base.contains(path + "layernorm_before")) {
                    named.put(module, layer.group(1) + "layers." + layer.group(2) + "." + VIT.getOrDefault(part, part));
                } else if (isDino(path, base)) {
                    named.put(module, path + DINO.getOrDefault(part, part));
                }
            }
        }
        named.entrySet().removeIf(entry -> entry.getKey().equals(entry.getValue()));
        return named;
    }

    /** Whether a layer of a transformer, by the beginning of its modules' names, is a DINOv2's. */
    static boolean isDino(String layer, Collection<String> base) {
        return base.contains(layer + "norm1") && base.contains(layer + "layer_scale1");
    }
}
