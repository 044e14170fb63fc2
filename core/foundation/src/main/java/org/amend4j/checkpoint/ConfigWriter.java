/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;

/**
 * Makes the text of a {@code config.json}, in fields of releases of Transformers before 5, which later ones read too. Equal
 * configurations give equal texts, and {@link ConfigReader} makes of a text the configuration that it was made of.
 */
final class ConfigWriter {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DefaultIndenter INDENTER = new DefaultIndenter("  ", "\n");

    private ConfigWriter() {}

    /** @throws IllegalArgumentException if the family has no fields that say it */
    static String text(TransformerConfig config) {
        ObjectNode object = object(config);
        if (!ConfigReader.of(ConfigFields.of(object)).equals(config)) {
            throw new IllegalArgumentException(
                    "a config.json of the type '" + config.modelType() + "' cannot say what " + config + " computes");
        }
        try {
            return JSON.writer(new DefaultPrettyPrinter()
                                    .withObjectIndenter(INDENTER)
                                    .withArrayIndenter(INDENTER))
                            .writeValueAsString(object)
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("a configuration cannot be written", e);
        }
    }

    private static ObjectNode object(TransformerConfig config) {
        if (config instanceof DecoderConfig decoder) {
            return new DecoderConfigWriter(decoder).object();
        }
        if (config instanceof Gpt2Config gpt2) {
            return new Gpt2ConfigWriter(gpt2).object();
        }
        return config instanceof VisionConfig vision
                ? new VisionConfigWriter(vision).object()
                : new EncoderConfigWriter((EncoderConfig) config).object();
    }
}
