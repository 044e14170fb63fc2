/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;

/** A tokenizer or a part of one, texts, and what Hugging Face's library made of them ({@code peer/README.md}). */
record PeerSetup(String subject, JsonNode says) {

    static final ObjectMapper MAPPER = new ObjectMapper();

    private static final Map<String, List<PeerSetup>> SUBJECTS = new ConcurrentHashMap<>();

    static List<PeerSetup> of(String subject) {
        return SUBJECTS.computeIfAbsent(
                subject,
                name -> StreamSupport.stream(json(name + ".json").get("setups").spliterator(), false)
                        .map(each -> new PeerSetup(name, each))
                        .toList());
    }

    JsonNode get(String field) {
        return says.get(field);
    }

    /** The tokenizer's file. */
    ObjectNode file() {
        ObjectNode file = (ObjectNode) json("tokenizers/" + get("tokenizer").textValue() + ".json");
        return file.setAll((ObjectNode) get("change"));
    }

    Tokenizer tokenizer() throws IOException {
        Tokenizer tokenizer = read(file());
        return get("special").booleanValue() ? tokenizer : tokenizer.withoutSpecialTokens();
    }

    static Tokenizer read(JsonNode file) throws IOException {
        return Tokenizer.read(new ByteArrayInputStream(file.toString().getBytes(StandardCharsets.UTF_8)));
    }

    static List<String> strings(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }

    private static JsonNode json(String name) {
        try (InputStream in = Objects.requireNonNull(PeerSetup.class.getResourceAsStream("peer/" + name), name)) {
            return MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return subject + ": " + get("name").textValue();
    }
}
