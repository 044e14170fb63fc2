/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.files.WholeFile;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.model.StoredNormalizer;
import org.jspecify.annotations.Nullable;

/**
 * Facts about the data an adapter was trained on, in a file of its own in the adapter's directory.
 *
 * @param classes names in the order of the outputs; empty if not on record
 * @param side height and width of the pictures; 0 if not on record
 * @param normalizer digest of what they went through, as the model's file had it; empty if it had none
 */
record DataRecord(List<String> classes, int side, Optional<String> normalizer) {

    private static final String FILE = "amend4j_data.json";
    private static final int VERSION = 1;
    /** With a normalizer, which whoever reads version 1 alone would leave out. */
    private static final int NORMALIZED = 2;

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
        return new DataRecord(List.of(), 0, Optional.empty());
    }

    /** The file's. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Fields(
            int version,
            List<String> classes,
            int side,
            @Nullable String normalizer) {}

    /**
     * Checks that examples go through what those of the training went through.
     *
     * @param now what the model's file has
     * @throws BadInputException if it is another one
     */
    void requireSame(Path adapter, Optional<StoredNormalizer> now) {
        boolean recorded = Files.exists(adapter.resolve(FILE));
        if (recorded && !normalizer.equals(now.map(StoredNormalizer::digest))) {
            throw new BadInputException("the adapter " + adapter + " was trained "
                    + (normalizer.isPresent() ? "behind a normalizer" : "without a normalizer")
                    + (now.isEmpty()
                            ? ", and --model has none in its file"
                            : ", and --model has " + (normalizer.isPresent() ? "another one" : "one") + " in its file ("
                                    + now.get() + ")")
                    + ": give the file that it was trained on, or train it again");
        }
    }

    void write(Path adapter) throws IOException {
        int version = normalizer.isPresent() ? NORMALIZED : VERSION;
        WholeFile.write(
                adapter.resolve(FILE),
                JSON.writeValueAsBytes(new Fields(version, classes, side, normalizer.orElse(null))));
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
            int version = fields.path("version").asInt();
            boolean normalized =
                    version == NORMALIZED && fields.path("normalizer").isTextual();
            if ((version != VERSION && !normalized) || !fields.path("classes").isArray()) {
                throw new BadInputException(file + " is not a record of version " + VERSION + " or " + NORMALIZED);
            }
            List<String> classes = new ArrayList<>();
            fields.path("classes").forEach(name -> classes.add(name.asText()));
            Optional<String> normalizer =
                    normalized ? Optional.of(fields.path("normalizer").asText()) : Optional.empty();
            return new DataRecord(classes, fields.path("side").asInt(), normalizer);
        } catch (JsonProcessingException broken) {
            throw new BadInputException(file + " is not JSON: " + JsonFault.sentence(broken), broken);
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }
}
