/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The JSON canonicalization scheme of RFC 8785: no blanks, names in ascending order of their UTF-16 code units, a unique
 * way to write every text and number. Equal values have equal bytes, on every machine and in every language.
 */
public final class Jcs {

    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private Jcs() {}

    /**
     * The canonical text of what Jackson makes of a value.
     *
     * @param value a record, a map, a list; infinite numbers become the texts {@code "Infinity"} and so on
     * @throws IllegalArgumentException if Jackson can make no JSON of it, or a number is too large for a double
     */
    public static String text(Object value) {
        try {
            StringBuilder text = new StringBuilder();
            // what other languages read: every number is a double
            write(MAPPER.readTree(MAPPER.writeValueAsString(value)), text);
            return text.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a value must be one that JSON can hold: " + e.getOriginalMessage(), e);
        }
    }

    /** The same in UTF-8. */
    public static byte[] bytes(Object value) {
        return text(value).getBytes(StandardCharsets.UTF_8);
    }

    private static void write(JsonNode node, StringBuilder text) {
        if (node.isObject()) {
            writeObject(node, text);
        } else if (node.isArray()) {
            String before = "[";
            for (JsonNode element : node) {
                text.append(before);
                write(element, text);
                before = ",";
            }
            text.append(node.isEmpty() ? "[]" : "]");
        } else if (node.isTextual()) {
            quote(node.textValue(), text);
        } else if (node.isNumber()) {
            text.append(JcsNumber.text(node.doubleValue()));
        } else {
            text.append(node.asText()); // true, false, null
        }
    }

    private static void writeObject(JsonNode node, StringBuilder text) {
        Map<String, JsonNode> fields = new TreeMap<>(); // texts compare by their code units
        node.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        String before = "{";
        for (Map.Entry<String, JsonNode> field : fields.entrySet()) {
            text.append(before);
            quote(field.getKey(), text);
            text.append(':');
            write(field.getValue(), text);
            before = ",";
        }
        text.append(fields.isEmpty() ? "{}" : "}");
    }

    private static void quote(String value, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\b' -> text.append("\\b");
                case '\t' -> text.append("\\t");
                case '\n' -> text.append("\\n");
                case '\f' -> text.append("\\f");
                case '\r' -> text.append("\\r");
                default -> text.append(c < ' ' ? "\\u00" + (c < 0x10 ? "0" : "") + Integer.toHexString(c) : "" + c);
            }
        }
        text.append('"');
    }
}
