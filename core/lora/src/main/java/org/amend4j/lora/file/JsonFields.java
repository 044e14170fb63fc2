/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A JSON object from a file, whose fields are asked for by type; a wrong one is an error that names it. */
final class JsonFields {
    private final Path file;
    private final String what;
    private final ObjectNode object;
    private final String text;

    /** @param text what the object was read from */
    JsonFields(Path file, String what, ObjectNode object, String text) {
        this.text = text;
        this.file = file;
        this.what = what;
        this.object = object;
    }

    Path file() {
        return file;
    }

    /** What was read, as it was. */
    String text() {
        return text;
    }

    Set<String> names() {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    boolean has(String field) {
        return object.hasNonNull(field);
    }

    JsonNode node(String field, JsonNode otherwise) {
        JsonNode node = object.get(field);
        return node == null ? otherwise : node;
    }

    String text(String field) throws AdapterFormatException {
        return text(field, object.get(field));
    }

    int integer(String field) throws AdapterFormatException {
        return integer(field, object.get(field));
    }

    double number(String field) throws AdapterFormatException {
        return number(field, object.get(field));
    }

    boolean bool(String field) throws AdapterFormatException {
        JsonNode node = object.get(field);
        if (node == null || !node.isBoolean()) {
            throw wrong(field, "true or false");
        }
        return node.booleanValue();
    }

    List<String> texts(String field) throws AdapterFormatException {
        List<String> texts = new ArrayList<>();
        for (JsonNode node : array(field)) {
            texts.add(text(field, node));
        }
        return texts;
    }

    List<Integer> integers(String field) throws AdapterFormatException {
        List<Integer> integers = new ArrayList<>();
        for (JsonNode node : array(field)) {
            integers.add(integer(field, node));
        }
        return integers;
    }

    List<Long> sizes(String field) throws AdapterFormatException {
        List<Long> sizes = new ArrayList<>();
        for (JsonNode node : array(field)) {
            if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 1) {
                throw wrong(field, "a list of sizes");
            }
            sizes.add(node.longValue());
        }
        return sizes;
    }

    List<JsonFields> objects(String field) throws AdapterFormatException {
        List<JsonFields> objects = new ArrayList<>();
        for (JsonNode node : array(field)) {
            if (!(node instanceof ObjectNode child)) {
                throw wrong(field, "a list of objects");
            }
            objects.add(new JsonFields(file, what + " in " + field, child, text));
        }
        return objects;
    }

    JsonFields object(String field) throws AdapterFormatException {
        if (object.get(field) instanceof ObjectNode child) {
            return new JsonFields(file, what + " in " + field, child, text);
        }
        throw wrong(field, "an object");
    }

    Map<String, Integer> integerMap(String field) throws AdapterFormatException {
        Map<String, Integer> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : object(field).object.properties()) {
            map.put(entry.getKey(), integer(field, entry.getValue()));
        }
        return map;
    }

    Map<String, Double> numberMap(String field) throws AdapterFormatException {
        Map<String, Double> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : object(field).object.properties()) {
            map.put(entry.getKey(), number(field, entry.getValue()));
        }
        return map;
    }

    Map<String, String> textMap() throws AdapterFormatException {
        Map<String, String> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            map.put(entry.getKey(), text(entry.getKey(), entry.getValue()));
        }
        return map;
    }

    private JsonNode array(String field) throws AdapterFormatException {
        JsonNode node = object.get(field);
        if (node == null || !node.isArray()) {
            throw wrong(field, "a list");
        }
        return node;
    }

    private String text(String field, @Nullable JsonNode node) throws AdapterFormatException {
        if (node == null || !node.isTextual()) {
            throw wrong(field, "a text");
        }
        return node.textValue();
    }

    private int integer(String field, @Nullable JsonNode node) throws AdapterFormatException {
        if (node == null || !node.isIntegralNumber() || !node.canConvertToInt()) {
            throw wrong(field, "an integer");
        }
        return node.intValue();
    }

    private double number(String field, @Nullable JsonNode node) throws AdapterFormatException {
        if (node == null || !node.isNumber()) {
            throw wrong(field, "a number");
        }
        return node.doubleValue();
    }

    private AdapterFormatException wrong(String field, String wanted) {
        return new AdapterFormatException(file, "'" + field + "' of " + what + " must be " + wanted);
    }
}
