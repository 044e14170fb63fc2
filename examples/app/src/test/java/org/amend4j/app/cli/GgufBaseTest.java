/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A GGUF file where a folder is taken: everything is as on the folder that an import makes of it. */
class GgufBaseTest {

    /** Of core/transformers, which has the models for its own tests. */
    private static final Path MODELS = Path.of("../../core/transformers/src/test/resources/org/amend4j/generate/gguf");

    private static final Path LLAMA = MODELS.resolve("llama-mixed-tied.gguf");

    @TempDir
    private Path folder;

    private Path imported = Path.of("");

    @BeforeEach
    void imported() {
        imported = imported(LLAMA);
    }

    private Path imported(Path file) {
        Path out = folder.resolve("imported-" + file.getFileName());
        amend4j("checkpoint", "import", "--from", file, "--out", out).done();
        return out;
    }

    private static JsonNode generated(Path base, Object... more) throws IOException {
        return amend4j(
                        new Object[] {"generate", "--base", base, "--prompt", "Emma was", "--tokens", 12, "--json"},
                        more)
                .json()
                .path("texts");
    }

    @Test
    void texts_and_chats_go_on_as_from_the_folder() throws IOException {
        assertEquals(generated(imported), generated(LLAMA));
        assertEquals(generated(imported, "--chat", "--system", "s"), generated(LLAMA, "--chat", "--system", "s"));
    }

    @Test
    void an_adapter_of_the_file_is_one_of_the_folder_and_merges_to_the_same_bytes() throws IOException {
        Path adapter = adapter();
        assertEquals(generated(imported, "--adapter", adapter), generated(LLAMA, "--adapter", adapter));
        for (Path base : List.of(LLAMA, imported)) {
            amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", merged(base))
                    .done();
        }
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
            assertArrayEquals(
                    Files.readAllBytes(merged(imported).resolve(file)),
                    Files.readAllBytes(merged(LLAMA).resolve(file)),
                    file);
        }
    }

    private Path merged(Path base) {
        return folder.resolve("merged-" + base.getFileName());
    }

    @ParameterizedTest
    @ValueSource(strings = {"f16", "q8_0", "q4_0"})
    void a_merged_model_is_a_file_that_has_its_settings_its_tokenizer_and_its_template(String type) throws IOException {
        Path file = folder.resolve("merged.gguf");
        amend4j("lora", "merge", "--base", LLAMA, "--adapter", adapter(), "--gguf", file, "--type", type)
                .done();
        Path again = imported(file);
        for (String same : List.of("config.json", "tokenizer.json")) {
            assertEquals(Files.readString(imported.resolve(same)), Files.readString(again.resolve(same)), same);
        }
        if (type.equals("f16")) {
            JsonNode merged = generated(imported, "--adapter", folder.resolve("adapter"), "--chat");
            assertEquals(merged.at("/0/tokens"), generated(file, "--chat").at("/0/tokens"));
        }
    }

    @Test
    void what_gguf_cannot_say_and_options_that_do_not_belong_together_are_refused_and_nothing_is_written()
            throws IOException {
        Path out = folder.resolve("out");
        Object[] merge = {"lora", "merge", "--base", imported, "--adapter", adapter()};
        amend4j(merge, "--gguf", out, "--out", out).refused("exclude each other");
        amend4j(merge, "--out", out, "--type", "f16").refused("give --gguf, too");
        assertEquals(2, amend4j(merge).code());
        Path tokenizer = imported.resolve("tokenizer.json");
        String text = Files.readString(tokenizer);
        Files.writeString(tokenizer, text.replace("\"individual_digits\":true", "\"individual_digits\":false"));
        amend4j(merge, "--gguf", out).refused("divides texts in a way");
        assertFalse(Files.exists(out));
    }

    private Path adapter() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "Emma was rich and clever;\n".repeat(20));
        Path adapter = folder.resolve("adapter");
        amend4j("lora", "train", "--base", LLAMA, "--text", text, "--out", adapter, "--rank", 2, "--epochs", 1)
                .done();
        return adapter;
    }

    @Test
    void vectors_are_those_of_the_folder() throws IOException {
        Path bert = MODELS.resolve("bert-f32.gguf");
        JsonNode vectors = amend4j("embed", "--base", bert, "--text", "Emma was rich", "--json")
                .json()
                .path("texts");
        assertFalse(vectors.isEmpty());
        assertEquals(
                amend4j("embed", "--base", imported(bert), "--text", "Emma was rich", "--json")
                        .json()
                        .path("texts"),
                vectors);
    }

    @Test
    void what_is_no_such_file_or_a_damaged_one_is_refused_in_a_sentence() throws IOException {
        byte[] bytes = Files.readAllBytes(LLAMA);
        Path cut = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(bytes, bytes.length / 2));
        Path other = Files.writeString(folder.resolve("other.gguf"), "no model");
        for (Path bad : List.of(cut, other, folder.resolve("none"))) {
            amend4j("generate", "--base", bad, "--prompt", "a").refused(String.valueOf(bad.getFileName()));
            amend4j("embed", "--base", bad, "--text", "a").refused(String.valueOf(bad.getFileName()));
            amend4j("lora", "explain", "--base", bad).refused(String.valueOf(bad.getFileName()));
        }
    }
}
