/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.app.files.Reasons;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.json.JsonFault;

/** Pairs of names, given one by one or in files. */
final class MapOption {

    private static final long MOST_BYTES = 16L << 20;

    /** A name twice, or anything after the object, is an error. */
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private MapOption() {}

    /**
     * @param given pairs, and text files of pairs
     * @param objects JSON files
     * @throws BadInputException if something is neither a pair nor a file of pairs, or a name on the left comes twice
     */
    static Map<String, String> parsed(List<String> given, List<Path> objects) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String word : given) {
            if (word.contains("=")) {
                put(pairs, word, "--map");
            } else {
                read(pairs, Path.of(word));
            }
        }
        objects.forEach(file -> readObject(pairs, file));
        return pairs;
    }

    private static void readObject(Map<String, String> pairs, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException("--map-file must be a JSON file, there is no " + file);
        }
        JsonNode object;
        try {
            requireSize(file);
            object = STRICT.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException noJson) {
            throw new BadInputException("--map-file: " + file + " is not JSON: " + JsonFault.sentence(noJson), noJson);
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + Reasons.of(unreadable), unreadable);
        }
        if (!object.isObject()) {
            throw new BadInputException("--map-file: " + file + " must be a JSON object of modules and layers");
        }
        object.properties().forEach(field -> {
            String vertex = field.getValue().asText();
            if (!field.getValue().isTextual()
                    || vertex.isBlank()
                    || field.getKey().isBlank()) {
                throw new BadInputException("--map-file: " + file + ": the layer of '" + field.getKey()
                        + "' must be a name, got " + field.getValue());
            }
            putNew(pairs, field.getKey(), vertex, file.toString());
        });
    }

    private static void requireSize(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new BadInputException(file + " is larger than " + MOST_BYTES + " bytes");
        }
    }

    private static void read(Map<String, String> pairs, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException("--map must be MODULE=VERTEX or a file of such lines, got " + file);
        }
        try {
            requireSize(file);
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                String text = line.strip();
                if (!text.isEmpty() && !text.startsWith("#")) {
                    put(pairs, text, file + ", line " + number);
                }
            }
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + Reasons.of(unreadable), unreadable);
        }
    }

    private static void put(Map<String, String> pairs, String text, String place) {
        int equals = text.indexOf('=');
        String module = equals < 0 ? "" : text.substring(0, equals).strip();
        String vertex = text.substring(equals + 1).strip();
        if (module.isEmpty() || vertex.isEmpty()) {
            throw new BadInputException(place + " must be MODULE=VERTEX, got '" + text + "'");
        }
        putNew(pairs, module, vertex, place);
    }

    private static void putNew(Map<String, String> pairs, String module, String vertex, String place) {
        if (pairs.put(module, vertex) != null) {
            throw new BadInputException(place + ": the module '" + module + "' is mapped twice");
        }
    }
}
