/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.safetensors.Printable;

/** What a transformer computes, as its {@code config.json} says. */
public sealed interface TransformerConfig permits DecoderConfig, EncoderConfig {

    /** Hugging Face's name of the family. */
    String modelType();

    /** How many tokens. */
    int vocabulary();

    /** Numbers in a row. */
    int hiddenSize();

    int layers();

    /** The most tokens that a text can have. */
    int longest();

    /**
     * Reads a {@code config.json}.
     *
     * @throws CheckpointException if it is of another family, or says something that is not known here
     * @throws IOException if it cannot be read
     */
    static TransformerConfig read(Path file) throws IOException {
        try {
            ConfigFields fields = ConfigFields.read(file);
            String type = fields.text("model_type")
                    .orElseThrow(() -> new IllegalArgumentException("'model_type' is missing"));
            Optional<DecoderFamily> decoder = DecoderFamily.of(type);
            if (decoder.isPresent()) {
                return new DecoderConfigReader(fields, decoder.get()).config();
            }
            EncoderFamily encoder = EncoderFamily.of(type).orElseThrow(() -> unknown(type));
            return new EncoderConfigReader(fields, encoder).config();
        } catch (IllegalArgumentException bad) {
            throw new CheckpointException(file, Printable.line(String.valueOf(bad.getMessage())), bad);
        }
    }

    private static IllegalArgumentException unknown(String type) {
        List<String> known = Stream.concat(
                        Stream.of(DecoderFamily.values()).map(DecoderFamily::modelType),
                        Stream.of(EncoderFamily.values()).map(EncoderFamily::modelType))
                .toList();
        return new IllegalArgumentException("models of the type " + Printable.quoted(type)
                + " are not supported; supported are " + Checks.listed(known));
    }
}
