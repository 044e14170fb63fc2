/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Changes of JSON that leave it JSON: values of other types, extreme numbers, nesting, fields too many or missing; now and then a byte. */
public final class JsonMutation {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "3",
            "24",
            "0.5",
            "-0.0",
            "1e308",
            "1e-320",
            "65536",
            "1048576",
            "2147483647",
            "2147483648",
            "9223372036854775807",
            "99999999999999999999",
            "\"\"",
            "\"x\"",
            "\"1\"",
            "\"\\u0000\"",
            "\"../x\"",
            "\"" + "long".repeat(200) + "\"",
            "[]",
            "{}",
            "[[]]",
            "[0,1,2]",
            "{\"x\":{\"y\":[{}]}}",
            "[".repeat(12) + "]".repeat(12),
            "[".repeat(60) + "]".repeat(60));

    private JsonMutation() {}

    /** A place in a document: a field of an object, or an element of a list. */
    private record Place(ContainerNode<?> in, String field, int index) {

        void remove() {
            if (in instanceof ObjectNode object) {
                object.remove(field);
            } else {
                ((ArrayNode) in).remove(index);
            }
        }

        JsonNode value() {
            return in instanceof ObjectNode ? in.get(field) : in.get(index);
        }

        void set(JsonNode value) {
            if (in instanceof ObjectNode object) {
                object.set(field, value);
            } else {
                ((ArrayNode) in).set(index, value);
            }
        }

        void add(JsonNode value, String name) {
            if (in instanceof ObjectNode object) {
                object.set(name, value);
            } else {
                ((ArrayNode) in).insert(index, value);
            }
        }
    }

    /** A changed copy of a JSON object or list that is not empty. */
    public static byte[] of(byte[] json, Random random) throws IOException {
        if (random.nextInt(6) == 0) {
            return bytes(json, random);
        }
        JsonNode document = JSON.readTree(json);
        for (int k = random.nextInt(3); k >= 0; k--) {
            List<Place> places = new ArrayList<>();
            collect((ContainerNode<?>) document, places);
            if (places.isEmpty()) {
                break;
            }
            change(places, random);
        }
        return JSON.writeValueAsString(document).getBytes(StandardCharsets.UTF_8);
    }

    private static void collect(ContainerNode<?> node, List<Place> places) {
        if (node instanceof ObjectNode object) {
            object.fieldNames().forEachRemaining(name -> places.add(new Place(object, name, -1)));
        } else {
            for (int i = 0; i < node.size(); i++) {
                places.add(new Place(node, "", i));
            }
        }
        for (JsonNode child : node) {
            if (child instanceof ContainerNode<?> container) {
                collect(container, places);
            }
        }
    }

    private static void change(List<Place> places, Random random) throws IOException {
        Place place = places.get(random.nextInt(places.size()));
        Place other = places.get(random.nextInt(places.size()));
        JsonNode value = JSON.readTree(VALUES.get(random.nextInt(VALUES.size())));
        switch (random.nextInt(8)) {
            case 0 -> place.remove();
            case 1, 2, 3 -> place.set(value);
            case 4 -> place.set(other.value().deepCopy());
            case 5 -> place.add(value, random.nextBoolean() ? "more" : other.field());
            case 6 -> place.set(JSON.createArrayNode().add(place.value().deepCopy()));
            default -> place.add(place.value().deepCopy(), other.field());
        }
    }

    private static byte[] bytes(byte[] json, Random random) {
        byte[] changed = json.clone();
        for (int k = random.nextInt(3); k >= 0; k--) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(3) == 0 ? Arrays.copyOf(changed, random.nextInt(changed.length)) : changed;
    }
}
