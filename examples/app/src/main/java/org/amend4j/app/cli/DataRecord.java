/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.data.WholeFile;
import org.amend4j.internal.json.JsonFault;

/**
 * Facts about the data an adapter was trained on, in a file of its own in the adapter's directory.
 *
 * @param classes names in the order of the outputs; empty if not on record
 * @param side height and width of the pictures; 0 if not on record
 */
record DataRecord(List<String> classes, int side) {

    private static final String FILE = "amend4j_data.json";
    private static final int VERSION = 1;
    private static final long MOST_BYTES = 16L << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    DataRecord {
        classes = List.copyOf(classes);
        if (side < 0 || side > OptionRules.LARGEST_SIDE) {
            throw new BadInputException(
                    "the side of a picture must be from 0 to " + OptionRules.LARGEST_SIDE + ", got " + side);
        }
    }

    static DataRecord none() {
        return new DataRecord(List.of(), 0);
    }

    /** The file's. */
    private record Fields(int version, List<String> classes, int side) {}

    void write(Path adapter) throws IOException {
        WholeFile.write(adapter.resolve(FILE), JSON.writeValueAsBytes(new Fields(VERSION, classes, side)));
    }

    /** Reads it; nothing on record if there is no such file, as in an adapter made elsewhere. */
    static DataRecord read(Path adapter) {
        Path file = adapter.resolve(FILE);
        if (!Files.exists(file)) {
            return none();
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new BadInputException(file + " is larger than " + MOST_BYTES + " bytes");
            }
            JsonNode fields = JSON.readTree(Files.readAllBytes(file));
            if (fields.path("version").asInt() != VERSION
                    || !fields.path("classes").isArray()) {
                throw new BadInputException(file + " is not a record of version " + VERSION);
            }
            List<String> classes = new ArrayList<>();
            fields.path("classes").forEach(name -> classes.add(name.asText()));
            return new DataRecord(classes, fields.path("side").asInt());
        } catch (JsonProcessingException broken) {
            throw new BadInputException(file + " is not JSON: " + JsonFault.sentence(broken), broken);
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }
}
