/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Test;

class ChatGoldenTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Test
    void a_chat_is_the_text_that_transformers_makes_of_it() throws IOException {
        for (JsonNode golden : MAPPER.readTree(text("rendered.json")).get("cases")) {
            ChatTemplate template = ChatTemplate.parse(
                            text("templates/" + golden.get("template").textValue() + ".jinja"))
                    .withSpecialTokens(Map.of(
                            "bos_token", golden.get("bos_token").textValue(),
                            "eos_token", golden.get("eos_token").textValue()));
            if (golden.has("error")) {
                IllegalArgumentException refused =
                        assertThrows(IllegalArgumentException.class, () -> rendered(template, golden));
                String theirs = golden.get("error").textValue();
                assertEquals(
                        theirs.startsWith("ValueError") ? "a chat must have at least one message" : words(theirs),
                        refused instanceof ChatTemplateException of ? of.reason() : refused.getMessage());
                Refusals.sentence(refused);
            } else {
                assertEquals(
                        golden.get("text").textValue(),
                        rendered(template, golden).text(),
                        golden::toString);
            }
        }
    }

    private static RenderedChat rendered(ChatTemplate template, JsonNode golden) {
        Chat chat = Chat.read(golden.get("messages").toString());
        if (!golden.get("tools").isNull()) {
            chat = chat.withTools(golden.get("tools").toString());
        }
        return template.render(chat, golden.get("add_generation_prompt").booleanValue());
    }

    @Test
    void what_the_assistant_says_is_known_to_the_character() throws IOException {
        ChatTemplate template = ChatTemplate.parse(text("templates/chatml.jinja"));
        Chat chat = Chat.read(
                "[{'role':'user','content':'Hi'},{'role':'assistant','content':'Gr\u00fc\u00df \ud83d\ude42'}]"
                        .replace('\'', '"'));
        RenderedChat rendered = template.render(chat, false);
        assertEquals(1, rendered.assistant().size());
        AssistantSpan span = rendered.assistant().get(0);
        assertEquals("Gr\u00fc\u00df \ud83d\ude42<|im_end|>", rendered.text().substring(span.begin(), span.end()));
    }

    /** Python's words where they are the same; what is refused here or is no sentence there must only be refused. */
    @Test
    void a_template_is_the_text_or_the_error_that_jinja_makes_of_it() throws IOException {
        JsonNode golden = MAPPER.readTree(text("snippets.json"));
        Chat chat = Chat.read(golden.get("messages").toString());
        int same = 0;
        int refusals = 0;
        for (JsonNode made : golden.get("cases")) {
            String source = made.get("template").textValue();
            if (made.has("text") && !source.equals("{{ {1: 2} }}")) {
                assertEquals(
                        made.get("text").textValue(),
                        ChatTemplate.parse(source).render(chat, true).text(),
                        source);
            } else {
                ChatTemplateException refused = assertThrows(
                        ChatTemplateException.class,
                        () -> ChatTemplate.parse(source).render(chat, true),
                        source);
                Refusals.sentence(refused);
                refusals++;
                same += made.path("error").asText().endsWith(": " + refused.reason()) ? 1 : 0;
            }
        }
        assertTrue(same >= 21, same + " of " + refusals + " in Python's words");
    }

    private static String words(String error) {
        return error.substring(error.indexOf(": ") + 2);
    }

    static String text(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ChatGoldenTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
