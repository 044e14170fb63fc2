/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.safetensors.Printable;

/** Makes a configuration of a {@code config.json}, by its family's rules. */
final class ConfigReader {

    private ConfigReader() {}

    static TransformerConfig read(Path file) throws IOException {
        try {
            return of(ConfigFields.read(file));
        } catch (IllegalArgumentException bad) {
            throw new CheckpointException(file, Printable.line(String.valueOf(bad.getMessage())), bad);
        }
    }

    /** @throws IllegalArgumentException if something is not known */
    static TransformerConfig of(ConfigFields fields) {
        String type =
                fields.text("model_type").orElseThrow(() -> new IllegalArgumentException("'model_type' is missing"));
        Optional<DecoderFamily> decoder = DecoderFamily.of(type);
        if (decoder.isPresent()) {
            return new DecoderConfigReader(fields, decoder.get()).config();
        }
        if (type.equals(Gpt2Config.MODEL_TYPE)) {
            return new Gpt2ConfigReader(fields).config();
        }
        if (VisionConfigReader.TYPES.contains(type)) {
            return new VisionConfigReader(fields).config(type);
        }
        EncoderFamily encoder = EncoderFamily.of(type).orElseThrow(() -> unknown(type));
        return new EncoderConfigReader(fields, encoder).config();
    }

    private static IllegalArgumentException unknown(String type) {
        List<String> known = Stream.of(
                        Stream.of(DecoderFamily.values()).map(DecoderFamily::modelType),
                        Stream.of(Gpt2Config.MODEL_TYPE),
                        Stream.of(EncoderFamily.values()).map(EncoderFamily::modelType),
                        VisionConfigReader.TYPES.stream())
                .flatMap(names -> names)
                .toList();
        return new IllegalArgumentException("models of the type " + Printable.quoted(type)
                + " are not supported; supported are " + Checks.listed(known));
    }
}
