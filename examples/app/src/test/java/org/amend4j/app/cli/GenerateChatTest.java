/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.text.Tokenizer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chats on the command line: what is asked and answered is the text that the template makes. */
class GenerateChatTest {

    private static final String TEMPLATE =
            "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}; {% endfor %}"
                    + "{% if add_generation_prompt %}a: {% endif %}";

    @TempDir
    private Path folder;

    private Path base = Path.of("");

    @BeforeEach
    void write() throws IOException {
        base = folder.resolve("base");
        TinyLanguageModel.write(base);
    }

    private Ran generate(Object... more) {
        return amend4j(new Object[] {"generate", "--base", base}, more);
    }

    private void settings(String json) throws IOException {
        Files.writeString(base.resolve("tokenizer_config.json"), json.replace('\'', '"'));
    }

    private JsonNode answer(Object... more) throws IOException {
        return generate(more).json().at("/texts/0");
    }

    @Test
    void an_answer_continues_what_the_template_makes_of_the_prompt_and_is_shown_alone() throws IOException {
        settings("{'bos_token': {'content': 'b '}, 'eos_token': null, 'chat_template': '" + TEMPLATE + "'}");
        String written = "b user: the cat; a: ";
        JsonNode answered = answer("--chat", "--prompt", "the cat", "--tokens", 9, "--json");
        JsonNode continued = answer("--prompt", written, "--tokens", 9, "--json");
        assertEquals(written, answered.path("prompt").asText());
        assertEquals(continued.path("continuation"), answered.path("continuation"));
        assertEquals(
                generate("--prompt", written, "--tokens", 9).done().out(),
                written
                        + generate("--chat", "--prompt", "the cat", "--tokens", 9)
                                .done()
                                .out());
    }

    @Test
    void turns_come_from_a_file_and_the_system_speaks_first() throws IOException {
        Files.writeString(base.resolve("chat_template.jinja"), TEMPLATE);
        settings("{'chat_template': 'of less account than the file'}");
        Path turns = Files.writeString(
                folder.resolve("turns.json"),
                "[{'role':'user','content':'a'},{'role':'assistant','content':'b'},{'role':'user','content':'c'}]"
                        .replace('\'', '"'));
        assertEquals(
                "system: s; user: a; assistant: b; user: c; a: ",
                answer("--messages", turns, "--system", "s", "--tokens", 2, "--json")
                        .path("prompt")
                        .asText());
    }

    @Test
    void the_default_of_several_templates_is_taken_and_the_tokenizers_end_ends_an_answer() throws IOException {
        settings(
                "{'eos_token': 'e', 'chat_template': [{'name': 'tool_use', 'template': 'x'}, {'name': 'default', 'template': '"
                        + TEMPLATE + "'}]}");
        JsonNode endless = answer("--chat", "--prompt", "the cat", "--tokens", 40, "--json");
        int first = endless.at("/tokens/0").asInt();
        String token = Tokenizer.open(base).token(first);
        settings("{'eos_token': '" + token + "', 'chat_template': '" + TEMPLATE + "'}");
        JsonNode ended = answer("--chat", "--prompt", "the cat", "--tokens", 40, "--json");
        assertEquals("stop_token", ended.path("end").asText());
        assertTrue(ended.path("tokens").size() <= 1, ended.toString());
    }

    @Test
    void a_model_without_a_template_is_refused_by_name_of_the_files_that_have_one() {
        generate("--chat", "--prompt", "a").refused("has no chat template (chat_template.jinja, or an entry of");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{",
                "[1]",
                "[{'role': 'user'}] x",
                "[{'role': 'system', 'content': 'a'}]",
                "[{'content': 'a'}]",
            })
    void messages_that_are_no_chat_are_refused_in_a_sentence(String json) throws IOException {
        settings("{'chat_template': '" + TEMPLATE + "'}");
        Path turns = Files.writeString(folder.resolve("turns.json"), json.replace('\'', '"'));
        generate("--messages", turns, "--system", "s").refused();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'chat_template': '{% for %}'}",
                "{'chat_template': '{{ raise_exception(1) }}'}",
                "{'chat_template': '{% for a in range(99999999) %}{% endfor %}'}",
                "{'chat_template': 1}",
                "{'chat_template': [{'name': 'rag', 'template': 'x'}]}",
                "{'chat_template': ''}",
                "{'chat_template'",
            })
    void templates_of_strangers_are_refused_in_a_sentence_before_the_model_is_read(String settings) throws IOException {
        settings(settings);
        Files.delete(base.resolve("model.safetensors"));
        generate("--chat", "--prompt", "a").refused();
    }

    @Test
    void options_of_chats_are_refused_where_they_say_nothing() throws IOException {
        settings("{'chat_template': '" + TEMPLATE + "'}");
        Path turns = Files.writeString(folder.resolve("turns.json"), "[]");
        generate("--prompt", "a", "--system", "s").refused();
        generate("--chat", "--prompt", "a", "--messages", turns).refused();
        assertEquals(2, generate("--chat").code());
        generate("--messages", folder.resolve("none")).refused();
        generate("--messages", folder).refused();
    }
}
