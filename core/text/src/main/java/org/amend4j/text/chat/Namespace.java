/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.Map;

/** What {@code namespace()} makes: names that a template may set from within a loop. */
final class Namespace {

    private final Map<String, Object> names;

    Namespace(Map<String, Object> names) {
        this.names = names;
    }

    Object get(String name) {
        Object value = names.get(name);
        return value == null ? new Undefined("'jinja2.utils.Namespace object' has no attribute '" + name + "'") : value;
    }

    void set(String name, Object value) {
        names.put(name, value);
    }
}
