/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code checkpoint import} of GGUF files. */
class GgufImportTest {

    @TempDir
    private Path folder;

    private static Path model() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(GgufImportTest.class.getResource("gguf/llama-mixed-tied.gguf"))
                .toURI());
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
        assertFalse(facts.path("tokenizer").booleanValue());
    }

    @Test
    void a_damaged_file_is_refused_in_one_sentence_and_nothing_is_written() throws IOException, URISyntaxException {
        byte[] bytes = Files.readAllBytes(model());
        Path file = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(bytes, bytes.length / 2));
        Path out = folder.resolve("out");
        amend4j("checkpoint", "import", "--from", file, "--out", out).refused("cut.gguf");
        assertFalse(Files.exists(out));
    }
}
