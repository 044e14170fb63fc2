/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as values of a template. */
final class JsonValues {

    private JsonValues() {}

    static Object of(JsonNode node) {
        if (node.isArray()) {
            List<Object> values = new ArrayList<>();
            node.forEach(element -> values.add(of(element)));
            return Items.list(values);
        }
        if (node.isObject()) {
            Map<String, Object> entries = new LinkedHashMap<>();
            node.properties().forEach(entry -> entries.put(entry.getKey(), of(entry.getValue())));
            return new Dict(entries);
        }
        if (node.isNull()) {
            return None.NONE;
        }
        if (node.isTextual()) {
            return node.textValue();
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        return node.isIntegralNumber() ? node.bigIntegerValue() : (Object) node.doubleValue();
    }

    static Object withoutNulls(JsonNode object) {
        Map<String, Object> entries = new LinkedHashMap<>();
        object.properties().forEach(entry -> {
            if (!entry.getValue().isNull()) {
                entries.put(entry.getKey(), of(entry.getValue()));
            }
        });
        return new Dict(entries);
    }
}
