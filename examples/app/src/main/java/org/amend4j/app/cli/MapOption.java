/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.data.Reasons;

/** Pairs of names, given one by one or in files. */
final class MapOption {

    private static final long MOST_BYTES = 16L << 20;

    private MapOption() {}

    /** @throws BadInputException if something is neither a pair nor a file of pairs, or a name on the left comes twice */
    static Map<String, String> parsed(List<String> given) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String word : given) {
            if (word.contains("=")) {
                put(pairs, word, "--map");
            } else {
                read(pairs, Path.of(word));
            }
        }
        return pairs;
    }

    private static void read(Map<String, String> pairs, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException("--map must be MODULE=VERTEX or a file of such lines, got " + file);
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new BadInputException(file + " is larger than " + MOST_BYTES + " bytes");
            }
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
        if (pairs.put(module, vertex) != null) {
            throw new BadInputException(place + ": the module '" + module + "' is mapped twice");
        }
    }
}
