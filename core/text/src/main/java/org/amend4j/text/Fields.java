/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.amend4j.internal.text.Shown;

/** The fields of a JSON object, each of its kind; what nobody asks for is refused. Messages name the place. */
final class Fields {

    private final String place;
    private final JsonNode object;
    private final Set<String> asked = new HashSet<>();

    private Fields(String place, JsonNode object) {
        this.place = place;
        this.object = object;
    }

    static Fields of(String place, JsonNode node) {
        if (!node.isObject()) {
            throw new IllegalArgumentException(place + " must be an object, got " + shown(node));
        }
        return new Fields(place, node);
    }

    String place() {
        return place;
    }

    /** Refuses fields that were not asked for. */
    void finish() {
        object.fieldNames().forEachRemaining(name -> {
            if (!asked.contains(name)) {
                throw refused("has the field " + Shown.quoted(name) + ", which is not understood here");
            }
        });
    }

    IllegalArgumentException refused(String what) {
        return new IllegalArgumentException(place + " " + what);
    }

    Optional<JsonNode> optional(String name) {
        asked.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    JsonNode required(String name) {
        return optional(name).orElseThrow(() -> refused("must have the field '" + name + "'"));
    }

    String text(String name) {
        return textOf(place + "." + name, required(name));
    }

    Optional<String> optionalText(String name) {
        return optional(name).map(value -> textOf(place + "." + name, value));
    }

    /** A text without halves of pairs. */
    static String textOf(String place, JsonNode value) {
        if (!value.isTextual()) {
            throw new IllegalArgumentException(place + " must be a text, got " + shown(value));
        }
        return whole(place, value.textValue());
    }

    /** A text without halves of pairs. */
    static String whole(String place, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
                    throw new IllegalArgumentException(place + " must be valid Unicode, got an unpaired surrogate");
                }
                i++;
            }
        }
        return text;
    }

    boolean flag(String name) {
        return flag(name, required(name));
    }

    boolean flag(String name, boolean otherwise) {
        return optional(name).map(value -> flag(name, value)).orElse(otherwise);
    }

    /** Checks a flag that means nothing here. */
    void optionalFlag(String name) {
        optional(name).ifPresent(value -> flag(name, value));
    }

    private boolean flag(String name, JsonNode value) {
        if (!value.isBoolean()) {
            throw refused("must have true or false as '" + name + "', got " + shown(value));
        }
        return value.booleanValue();
    }

    int count(String name) {
        return countOf(place + "." + name, required(name));
    }

    static int countOf(String place, JsonNode value) {
        if (!value.isInt() || value.intValue() < 0) {
            throw new IllegalArgumentException(place + " must be a whole number in [0, 2^31), got " + shown(value));
        }
        return value.intValue();
    }

    /** A text of one character. */
    int character(String name) {
        String text = text(name);
        if (text.codePointCount(0, text.length()) != 1) {
            throw refused("must have one character as '" + name + "', got " + Shown.quoted(text));
        }
        return text.codePointAt(0);
    }

    List<Fields> list(String name) {
        JsonNode value = required(name);
        if (!value.isArray()) {
            throw refused("must have a list as '" + name + "', got " + shown(value));
        }
        List<Fields> list = new ArrayList<>();
        for (JsonNode element : value) {
            list.add(of(place + "." + name + "[" + list.size() + "]", element));
        }
        return list;
    }

    /** What a list of parts is read to. */
    <T> List<T> chain(String name, Function<Fields, T> read) {
        return list(name).stream().map(read).toList();
    }

    IllegalArgumentException unknownType(String type) {
        return refused("has the type " + Shown.quoted(type) + ", which is not done here");
    }

    Fields object(String name) {
        return of(place + "." + name, required(name));
    }

    /** Every field, as an object. */
    Map<String, Fields> objects() {
        Map<String, Fields> objects = new LinkedHashMap<>();
        object.properties().forEach(field -> {
            asked.add(field.getKey());
            objects.put(field.getKey(), of(place + "." + Shown.quoted(field.getKey()), field.getValue()));
        });
        return objects;
    }

    /** The only field, of an object that says by its name what it is. */
    String onlyName() {
        if (object.size() != 1) {
            throw refused("must have one field, got " + object.size());
        }
        return object.fieldNames().next();
    }

    /** What a value is like, on a line. */
    static String shown(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case STRING -> Shown.quoted(value.textValue());
            default -> Shown.quoted(value.asText());
        };
    }
}
