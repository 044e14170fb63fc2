/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.json.StrictReading;
import org.jspecify.annotations.Nullable;

/** The chat template of a model's folder, from the files in which transformers looks for it, in its order. */
final class TemplateFiles {

    private static final String ALONE = "chat_template.jinja";
    private static final String IN_JSON = "chat_template.json";
    private static final String TOKENIZER = "tokenizer_config.json";
    private static final String SPECIAL = "special_tokens_map.json";
    private static final String KEY = "chat_template";
    private static final int MOST_BYTES = 1 << 24;
    private static final int DEEPEST = 64;

    private TemplateFiles() {}

    static Optional<ChatTemplate> open(Path folder) throws IOException {
        JsonNode settings = settings(folder.resolve(TOKENIZER));
        Optional<String> source = source(folder, settings);
        if (source.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> tokens = new HashMap<>(tokens(settings(folder.resolve(SPECIAL))));
        tokens.putAll(tokens(settings));
        return Optional.of(ChatTemplate.parse(source.get()).withSpecialTokens(tokens));
    }

    private static Optional<String> source(Path folder, JsonNode settings) throws IOException {
        Path alone = folder.resolve(ALONE);
        if (Files.exists(alone)) {
            return Optional.of(text(alone));
        }
        Path inJson = folder.resolve(IN_JSON);
        return Files.exists(inJson)
                ? template(inJson, settings(inJson).path(KEY))
                : template(folder.resolve(TOKENIZER), settings.path(KEY));
    }

    private static String text(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw refused(file, "must have at most " + MOST_BYTES + " bytes, got " + Files.size(file), null);
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw refused(file, "must be UTF-8", e);
        }
    }

    /** A text, or of several with names the one called default. */
    private static Optional<String> template(Path file, JsonNode template) {
        if (template.isMissingNode() || template.isNull()) {
            return Optional.empty();
        }
        if (template.isTextual()) {
            return Optional.of(template.textValue());
        }
        for (JsonNode named : template) {
            if (named.path("name").asText().equals("default")
                    && named.path("template").isTextual()) {
                return Optional.of(named.get("template").textValue());
            }
        }
        throw refused(file, KEY + " must be a text, or a list with one named 'default'", null);
    }

    private static JsonNode settings(Path file) throws IOException {
        if (!Files.exists(file)) {
            return MissingNode.getInstance();
        }
        try {
            return StrictReading.object(file, DEEPEST, MOST_BYTES);
        } catch (IllegalArgumentException e) {
            throw refused(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static Map<String, String> tokens(JsonNode settings) {
        Map<String, String> tokens = new HashMap<>();
        settings.properties().forEach(entry -> {
            JsonNode token = entry.getValue().isObject() ? entry.getValue().path("content") : entry.getValue();
            if (entry.getKey().endsWith("_token") && token.isTextual()) {
                tokens.put(entry.getKey(), token.textValue());
            }
        });
        return tokens;
    }

    private static IllegalArgumentException refused(Path file, String why, @Nullable Throwable cause) {
        return new IllegalArgumentException(file + " " + why, cause);
    }
}
