/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A stranger's file with a very long text at each of its places: what is said of it is short all the same. */
public final class LongTexts {

    /** Most characters of a message, with the file's name. */
    public static final int MOST = 1_300;

    private static final String LONG = "a long text ".repeat(8_000);

    private static final ObjectMapper JSON = new ObjectMapper();

    private LongTexts() {}

    /** A reader of a file's text. */
    public interface Reader {
        void read(String json) throws Exception;
    }

    /** Reads the text with each value, and each name, replaced by a long text; and once with nothing but that. */
    public static void everywhere(String json, Reader reader) throws IOException {
        List<String> files = new ArrayList<>(List.of(LONG, "\"" + LONG + "\"", "{\"" + LONG + "\":1}"));
        JsonNode document = JSON.readTree(json);
        collect(document, document, files);
        int refused = 0;
        for (String file : files) {
            try {
                reader.read(file);
            } catch (Exception e) {
                refused++;
                String message = String.valueOf(e.getMessage());
                assertTrue(
                        message.length() <= MOST,
                        message.length() + " characters: " + message.substring(0, Math.min(MOST, message.length())));
            }
        }
        assertTrue(refused > 0, "nothing was refused");
    }

    private static void collect(JsonNode document, JsonNode node, List<String> files) {
        if (node instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                JsonNode value = object.get(name);
                object.put(name, LONG);
                files.add(document.toString());
                object.remove(name);
                object.set(LONG, value);
                files.add(document.toString());
                object.remove(LONG);
                object.set(name, value);
                collect(document, value, files);
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                JsonNode value = array.get(i);
                array.set(i, JSON.getNodeFactory().textNode(LONG));
                files.add(document.toString());
                array.set(i, value);
                collect(document, value, files);
            }
        }
    }
}
