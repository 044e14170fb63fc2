/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.amend4j.gguf.GgufFile;
import org.amend4j.testkit.Refusals;
import org.amend4j.text.Encoding;
import org.amend4j.text.GgufTokenizer;
import org.amend4j.text.Tokenizer;
import org.junit.jupiter.api.Test;

class ChatGoldenTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Test
    void a_chat_is_the_text_that_transformers_makes_of_it() throws IOException {
        for (JsonNode golden : MAPPER.readTree(text("rendered.json")).get("cases")) {
            ChatTemplate template = template(golden);
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

    private static ChatTemplate template(JsonNode golden) throws IOException {
        return ChatTemplate.parse(text("templates/" + golden.get("template").textValue() + ".jinja"))
                .withSpecialTokens(Map.of(
                        "bos_token", golden.get("bos_token").textValue(),
                        "eos_token", golden.get("eos_token").textValue()));
    }

    private static RenderedChat rendered(ChatTemplate template, JsonNode golden) {
        Chat chat = Chat.read(golden.get("messages").toString());
        if (!golden.get("tools").isNull()) {
            chat = chat.withTools(golden.get("tools").toString());
        }
        return template.render(chat, golden.get("add_generation_prompt").booleanValue());
    }

    /** SmolLM2's own tokenizer is not here. A token is the assistant's if it has a character of what the assistant says. */
    @Test
    void the_tokens_of_a_chat_are_those_of_transformers_and_so_are_the_assistants() throws IOException {
        Tokenizer tokenizer = tokenizer();
        int compared = 0;
        int masks = 0;
        for (JsonNode golden : MAPPER.readTree(text("rendered.json")).get("cases")) {
            if (!golden.has("ids") || golden.get("template").textValue().equals("smollm2")) {
                continue;
            }
            RenderedChat rendered = rendered(template(golden), golden);
            Encoding tokens = tokenizer.withoutSpecialTokens().encode(rendered.text());
            assertArrayEquals(ints(golden.get("ids")), tokens.ids(), golden::toString);
            compared++;
            if (golden.has("assistant_mask")) {
                assertArrayEquals(ints(golden.get("assistant_mask")), mask(tokens, rendered), golden::toString);
                masks++;
            }
        }
        assertEquals(54, compared);
        assertEquals(16, masks);
    }

    /** That of a tiny model, which core/transformers has for its own tests. */
    private static Tokenizer tokenizer() throws IOException {
        Path model = Path.of("../transformers/src/test/resources/org/amend4j/generate/gguf/llama-f32-scaled.gguf");
        try (GgufFile file = GgufFile.open(model)) {
            return GgufTokenizer.of(file.metadata()).orElseThrow().tokenizer().tokenizer();
        }
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    private static int[] mask(Encoding tokens, RenderedChat rendered) {
        return IntStream.range(0, tokens.size())
                .map(i -> rendered.assistant().stream()
                                .anyMatch(span -> tokens.begin(i) < span.end() && tokens.end(i) > span.begin())
                        ? 1
                        : 0)
                .toArray();
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
