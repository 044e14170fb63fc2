/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.List;
import java.util.Optional;
import org.amend4j.safetensors.Printable;

/**
 * PEFT's {@code trainable_token_indices}: the tokens of the input's embedding, or those of each module whose name ends so, without a dot
 * before that. The first entry counts.
 */
final class ForeignTokens {
    static final String KEY = "trainable_token_indices";

    private final JsonFields peft;

    ForeignTokens(JsonFields peft) {
        this.peft = peft;
    }

    /** The trained tokens of this module. */
    List<Integer> of(String module) throws AdapterFormatException {
        if (PeftKeys.value(peft, KEY).isArray()) {
            return peft.integers(KEY);
        }
        if (PeftKeys.value(peft, KEY).isObject()) {
            JsonFields indices = peft.object(KEY);
            Optional<String> name =
                    indices.names().stream().filter(key -> module.endsWith(key)).findFirst();
            if (name.isPresent()) {
                return indices.integers(name.get());
            }
        }
        throw new AdapterFormatException(
                peft.file(), "'" + KEY + "' must have the tokens of the module " + Printable.quoted(module));
    }
}
