/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.safetensors.Printable;

/**
 * The kinds of adapters that PEFT has (0.21), of which LoRA's are read here, and what helps with the others. Which of them PEFT merges was
 * tried with each.
 */
final class PeftTypes {

    static final String LORA = "LORA";

    static final String MERGE = "merge the adapter in PEFT (merge_and_unload) and use the merged weights as the base";

    private static final Set<String> MERGED = Set.of(
            "ADALORA",
            "ADAMSS",
            "BEFT",
            "BOFT",
            "C3A",
            "DEFT",
            "DELORA",
            "FOURIERFT",
            "FROD",
            "GLORA",
            "GRALORA",
            "HIRA",
            "HRA",
            "IA3",
            "LN_TUNING",
            "LOHA",
            "LOKR",
            "MISS",
            "OFT",
            "OSF",
            "PEANUT",
            "PSOFT",
            "PVERA",
            "RANDLORA",
            "ROAD",
            "SHIRA",
            "SUPERTUNING",
            "TINYLORA",
            "TRAINABLE_TOKENS",
            "UNILORA",
            "VBLORA",
            "VERA",
            "WAVEFT");

    private static final Map<String, Set<String>> NEVER_MERGED = Map.of(
            "it puts learned tokens, or their keys and values, in front of a text, which are no weights of the base",
            Set.of("PROMPT_TUNING", "MULTITASK_PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "CPT", "CARTRIDGE"),
            "its attention to learned keys and values is no weight of the base",
            Set.of("ADAPTION_PROMPT"),
            "what it adds is no product of the input with a matrix, or another one for each input",
            Set.of("LILY", "POLY", "SHADOW", "XLORA"));

    private PeftTypes() {}

    /** All but LoRA. */
    static Set<String> others() {
        return Stream.concat(MERGED.stream(), NEVER_MERGED.values().stream().flatMap(Set::stream))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Why another kind than LoRA is refused, and what helps if something does. */
    static String refusal(String type) {
        String refused = "'peft_type' must be LORA, got " + Printable.quoted(type);
        if (MERGED.contains(type)) {
            return refused + ": " + MERGE;
        }
        return NEVER_MERGED.entrySet().stream()
                .filter(reason -> reason.getValue().contains(type))
                .findFirst()
                .map(reason -> refused + ": " + reason.getKey() + ", and PEFT does not merge it either")
                .orElse(refused);
    }
}
