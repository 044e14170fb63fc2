/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code checkpoint import} of GGUF files. */
class GgufImportTest {

    @TempDir
    private Path folder;

    /** Of core/transformers, which has it for its own tests. */
    private static Path model() {
        return Path.of("../../core/transformers/src/test/resources/org/amend4j/generate/gguf/llama-mixed-tied.gguf");
    }

    @Test
    void a_file_becomes_a_folder_that_says_what_the_file_says() throws Exception {
        Path out = folder.resolve("out");
        Ran ran =
                amend4j("checkpoint", "import", "--from", model(), "--out", out).done();
        assertTrue(ran.out().startsWith("llama: 2 layers of 64, 4 heads, 384 tokens; written to " + out), ran.out());
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(out)) {
            DecoderConfig config = (DecoderConfig) checkpoint.config();
            assertEquals(100_000, config.rotary().theta());
            assertEquals(1e-5, config.rmsEpsilon());
            assertEquals(2, config.attention().keyValueHeads());
            assertTrue(config.tiedEmbeddings());
        }
    }

    @Test
    void its_facts_are_json() throws Exception {
        Path out = folder.resolve("out");
        Ran ran = amend4j("checkpoint", "import", "--from", model(), "--out", out, "--json")
                .done();
        JsonNode facts = new ObjectMapper().readTree(ran.out());
        assertEquals(64, facts.at("/config/hiddenSize").intValue());
        assertTrue(facts.path("tokenizer").booleanValue());
    }

    @Test
    void its_tokenizer_and_its_template_come_along_so_that_one_can_chat_with_it() throws Exception {
        Path out = folder.resolve("out");
        amend4j("checkpoint", "import", "--from", model(), "--out", out).done();
        JsonNode golden = new ObjectMapper()
                .readTree(model().resolveSibling("llama-mixed-tied.json").toFile());
        JsonNode text = amend4j(
                        "generate",
                        "--base",
                        out,
                        "--prompt",
                        golden.get("text").textValue(),
                        "--tokens",
                        16,
                        "--json")
                .json()
                .at("/texts/0");
        assertEquals(golden.get("greedy"), text.get("tokens"));
        JsonNode chat = amend4j("generate", "--base", out, "--chat", "--prompt", "Hi", "--tokens", 1, "--json")
                .json();
        assertEquals(
                "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
                chat.at("/texts/0/prompt").textValue());
    }

    @Test
    void a_damaged_file_is_refused_in_one_sentence_and_nothing_is_written() throws IOException {
        byte[] bytes = Files.readAllBytes(model());
        Path file = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(bytes, bytes.length / 2));
        Path out = folder.resolve("out");
        amend4j("checkpoint", "import", "--from", file, "--out", out).refused("cut.gguf");
        assertFalse(Files.exists(out));
    }
}
