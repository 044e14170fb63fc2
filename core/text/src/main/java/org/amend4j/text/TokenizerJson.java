/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.json.StrictReading;
import org.amend4j.internal.text.Shown;
import org.jspecify.annotations.Nullable;

/** Reads a {@code tokenizer.json}: its model as it comes, what is around it as a whole. */
final class TokenizerJson {

    private static final int DEEPEST = 24;
    private static final JsonFactory JSON = StrictReading.factory(DEEPEST).build();
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Set<String> KNOWN = Set.of(
            "version",
            "truncation",
            "padding",
            "added_tokens",
            "normalizer",
            "pre_tokenizer",
            "post_processor",
            "decoder");

    private final Map<String, JsonNode> parts = new HashMap<>();
    private @Nullable Model model;

    private TokenizerJson() {}

    static Tokenizer read(String file, String text) throws IOException {
        TokenizerJson json = new TokenizerJson();
        try (JsonParser parser = JSON.createParser(text)) {
            json.parse(parser);
        } catch (JsonProcessingException e) {
            throw new TokenizerException(file, "it must be strict JSON: " + JsonFault.sentence(e), e);
        }
        return json.tokenizer();
    }

    private void parse(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("it must hold a JSON object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals("model")) {
                model = new ModelReader().read(parser);
            } else if (KNOWN.contains(name)) {
                parts.put(name, MAPPER.readTree(new CountedParser(parser)));
            } else {
                throw new IllegalArgumentException(
                        "it has the field " + Shown.quoted(name) + ", which is not understood here");
            }
        }
        if (parser.nextToken() != null) {
            throw new IllegalArgumentException("it must hold one JSON object and nothing after it");
        }
    }

    private Tokenizer tokenizer() {
        if (model == null) {
            throw new IllegalArgumentException("it must have a model");
        }
        part("version").ifPresent(version -> {
            if (!version.asText().equals("1.0")) {
                throw new IllegalArgumentException("version must be 1.0, got " + Fields.shown(version));
            }
        });
        Normalizer normalizer = NormalizerReader.normalizer(part("normalizer"));
        List<AddedToken> added = SettingsReader.addedTokens(part("added_tokens"));
        Pipeline pipeline = new Pipeline(
                normalizer,
                PreTokenizerReader.preTokenizer(part("pre_tokenizer")),
                model,
                PostProcessorReader.postProcessor(part("post_processor")),
                DecoderReader.decoder(part("decoder")),
                new AddedTokens(added, normalizer, model.vocabulary()));
        return new Tokenizer(
                pipeline,
                part("truncation").map(SettingsReader::truncation),
                part("padding").map(SettingsReader::padding),
                true);
    }

    private Optional<JsonNode> part(String name) {
        return Optional.ofNullable(parts.get(name)).filter(node -> !node.isNull());
    }
}
