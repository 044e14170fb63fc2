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
        Path text = Files.writeString(folder.resolve("text.txt"), "Emma was rich and clever;\n".repeat(20));
        Path adapter = folder.resolve("adapter");
        amend4j("lora", "train", "--base", LLAMA, "--text", text, "--out", adapter, "--rank", 2, "--epochs", 1)
                .done();
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
