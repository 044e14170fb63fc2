/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Names of a loop's turn, of a macro or of the whole template, in what is around it. */
final class Scope {

    private final @Nullable Scope around;
    private final Map<String, Object> names = new HashMap<>();

    private Scope(@Nullable Scope around) {
        this.around = around;
    }

    static Scope outermost(Map<String, Object> names) {
        Scope scope = new Scope(null);
        scope.names.putAll(names);
        return scope;
    }

    Scope inner() {
        return new Scope(this);
    }

    void set(String name, Object value) {
        names.put(name, value);
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.around) {
            Optional<Object> value = Optional.ofNullable(scope.names.get(name));
            if (value.isPresent()) {
                return value.get();
            }
        }
        return Undefined.name(name);
    }
}
