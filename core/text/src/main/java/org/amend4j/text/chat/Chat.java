/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.json.StrictReading;

/** Messages between a user and a model, and what tools the model may call. */
public final class Chat {

    private static final int DEEPEST = 64;
    private static final JsonFactory JSON = StrictReading.factory(DEEPEST).build();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final List<JsonNode> messages;
    private final Optional<JsonNode> tools;

    private Chat(List<JsonNode> messages, Optional<JsonNode> tools) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a chat must have at least one message");
        }
        this.messages = List.copyOf(messages);
        this.tools = tools;
    }

    /** One message of the user. */
    public static Chat of(String text) {
        return new Chat(List.of(message("user", text)), Optional.empty());
    }

    /** A JSON array of objects with {@code role} and {@code content}, or what else a template reads. */
    public static Chat read(String json) {
        JsonNode read = tree(json, "messages");
        List<JsonNode> messages = new ArrayList<>();
        for (JsonNode message : read) {
            if (!message.isObject() || !message.path("role").isTextual()) {
                throw new IllegalArgumentException(
                        "message " + (messages.size() + 1) + " must be an object with a role");
            }
            messages.add(message);
        }
        return new Chat(messages, Optional.empty());
    }

    /** The same, with a message of the system in front; it must not have one there. */
    public Chat withSystem(String text) {
        if (messages.get(0).path("role").asText().equals("system")) {
            throw new IllegalArgumentException("the chat has a message of the system already");
        }
        List<JsonNode> more = new ArrayList<>(List.of(message("system", text)));
        more.addAll(messages);
        return new Chat(more, tools);
    }

    /** The same, with tools: a JSON array of what they are called and take. */
    public Chat withTools(String json) {
        return new Chat(messages, Optional.of(tree(json, "tools")));
    }

    private static JsonNode message(String role, String text) {
        return JsonNodeFactory.instance.objectNode().put("role", role).put("content", text);
    }

    private static JsonNode tree(String json, String what) {
        try (JsonParser parser = JSON.createParser(json)) {
            JsonNode tree = MAPPER.readTree(parser);
            if (tree == null || !tree.isArray() || parser.nextToken() != null) {
                throw new IllegalArgumentException(what + " must be one JSON array");
            }
            return tree;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(what + " must be strict JSON: " + JsonFault.sentence(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a template sees them; what is null in a message is not there. */
    Object messageValues() {
        List<Object> values = new ArrayList<>();
        messages.forEach(message -> values.add(JsonValues.withoutNulls(message)));
        return Items.list(values);
    }

    Object toolValues() {
        return tools.map(JsonValues::of).orElse(None.NONE);
    }
}
