/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.amend4j.lora.config.AdapterInit;

/**
 * What PEFT's {@code init_lora_weights} means once an adapter is trained. Most initialisations leave the base unchanged, so
 * the factors are the whole change. Some move a part of the base's weights into the factors; then the factors belong to a
 * changed base that is in no file.
 */
final class PeftInit {
    static final String KEY = "init_lora_weights";

    /** Starts that set A and B and leave the base alone; MiCA also keeps B as it is in training. */
    private static final Set<String> HARMLESS = Set.of("gaussian", "eva", "orthogonal", "mica");

    private static final Map<String, String> BASE_CHANGING =
            Map.of("pissa", "PiSSA", "olora", "OLoRA", "corda", "CorDA", "lora_ga", "LoRA-GA");
    private static final String NITER = "pissa_niter_";

    private PeftInit() {}

    /** Why factors that started so cannot be loaded, if they cannot. */
    static Optional<String> obstacle(JsonNode init) {
        if (init.isBoolean()) {
            return Optional.empty();
        }
        String name = init.isTextual() ? init.textValue().toLowerCase(Locale.ROOT) : "";
        if (HARMLESS.contains(name)) {
            return Optional.empty();
        }
        String changing = BASE_CHANGING.get(isPissa(name) ? "pissa" : name);
        if (changing != null) {
            return Optional.of(
                    "'" + KEY + "' is " + name + ": " + changing + " moves a part of the base's weights into the"
                            + " factors, so they are no change of the original base; save the adapter in PEFT with"
                            + " path_initial_model_for_weight_conversion, which makes a plain one");
        }
        if (name.equals("loftq")) {
            return Optional.of("'" + KEY + "' is loftq: LoftQ's factors belong to a quantised base, and PEFT's"
                    + " path_initial_model_for_weight_conversion does not convert them; merge the adapter in PEFT"
                    + " (merge_and_unload) and use the merged weights");
        }
        return Optional.of("'" + KEY + "' must be true, false, gaussian, eva, orthogonal or mica, got " + init);
    }

    private static boolean isPissa(String name) {
        return name.startsWith(NITER)
                && name.substring(NITER.length()).chars().allMatch(Character::isDigit)
                && name.length() > NITER.length();
    }

    /** The nearest of our own starts, for adapters that {@link #obstacle} lets through. */
    static AdapterInit of(JsonNode init) {
        return init.asText().equals("gaussian") ? AdapterInit.GAUSSIAN : AdapterInit.DEFAULT;
    }

    /**
     * As PEFT writes it. Starts that only say how values were made, which are all that a plain adapter can have, are PEFT's
     * default: with their names PEFT would ask for what makes them, such as EVA's data.
     */
    static Object value(AdapterInit init) {
        return init.equals(AdapterInit.GAUSSIAN) ? "gaussian" : (Object) true;
    }
}
