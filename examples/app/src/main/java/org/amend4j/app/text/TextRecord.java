/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Json;
import org.amend4j.data.BadInputException;
import org.amend4j.transformer.Pooling;

/**
 * How an encoder for classes of texts or masked words was made, in a file in its adapter's directory. With this file and the base's folder,
 * the adapter's model is made again.
 *
 * @param classes in the order of outputs; none if it says masked words
 * @param seed of the start of layers that the base's folder does not have
 * @param pooling what is in front of the classifier in place of Hugging Face's pooler
 */
public record TextRecord(List<String> classes, long seed, Optional<Pooling> pooling) {

    private static final String FILE = "amend4j_text.json";
    private static final int VERSION = 1;
    private static final long MOST_BYTES = 16L << 20;

    /** @throws BadInputException if there is one class alone */
    public TextRecord {
        classes = List.copyOf(classes);
        if (classes.size() == 1) {
            throw new BadInputException("texts must have two classes at least, got '" + classes.get(0) + "' alone");
        }
    }

    /** Of an encoder that says masked words. */
    public static TextRecord ofMaskedWords(long seed) {
        return new TextRecord(List.of(), seed, Optional.empty());
    }

    /** Whether it says masked words, and no classes. */
    public boolean saysMaskedWords() {
        return classes.isEmpty();
    }

    /** The file's. */
    private record Fields(
            int version, boolean maskedWords, List<String> classes, long seed, Optional<Pooling> pooling) {}

    /** Writes it. */
    public void write(Path adapter) throws IOException {
        WholeFile.write(
                adapter.resolve(FILE),
                Json.text(new Fields(VERSION, saysMaskedWords(), classes, seed, pooling))
                        .getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads it; empty if there is no such file.
     *
     * @throws BadInputException if it is damaged
     */
    public static Optional<TextRecord> read(Path adapter) {
        Path file = adapter.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new BadInputException(file + " is larger than " + MOST_BYTES + " bytes");
            }
            JsonNode fields = Json.read(Files.readAllBytes(file));
            if (fields.path("version").asInt() != VERSION
                    || !fields.path("classes").isArray()
                    || fields.path("maskedWords").asBoolean()
                            != fields.path("classes").isEmpty()
                    || !fields.path("seed").isIntegralNumber()) {
                throw new BadInputException(file + " is not a record of version " + VERSION);
            }
            List<String> classes = new ArrayList<>();
            fields.path("classes").forEach(name -> classes.add(name.asText()));
            return Optional.of(
                    new TextRecord(classes, fields.path("seed").asLong(), pooling(file, fields.path("pooling"))));
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + Reasons.of(unreadable), unreadable);
        }
    }

    private static Optional<Pooling> pooling(Path file, JsonNode name) {
        if (name.isMissingNode() || name.isNull()) {
            return Optional.empty();
        }
        return Optional.of(Arrays.stream(Pooling.values())
                .filter(pooling -> pooling.name().equals(name.asText()))
                .findFirst()
                .orElseThrow(() -> new BadInputException(file + " has an unknown pooling, " + name)));
    }
}
