/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.generate.Decoder;
import org.amend4j.text.Tokenizer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small language models made of texts. */
class TextPretrainTest {

    @TempDir
    private Path folder;

    private Path text = Path.of("");

    @BeforeEach
    void write() throws IOException {
        text = folder.resolve("text.txt");
        Files.writeString(text, "the cat sat on the mat and the rat ate the oat\n".repeat(40));
    }

    private Ran pretrain(Path out, Object... more) {
        return amend4j(
                new Object[] {
                    "text",
                    "pretrain",
                    "--text",
                    text,
                    "--out",
                    out,
                    "--vocabulary",
                    270,
                    "--width",
                    16,
                    "--layers",
                    1,
                    "--heads",
                    2,
                    "--key-value-heads",
                    1,
                    "--feed-forward",
                    24,
                    "--context",
                    16,
                    "--batch",
                    4,
                    "--epochs",
                    3,
                    "--lr",
                    0.02,
                    "--validation",
                    0.2,
                    "--json"
                },
                more);
    }

    @Test
    void a_model_learns_is_a_folder_of_hugging_faces_and_says_what_it_read() throws IOException {
        Path model = folder.resolve("model");
        JsonNode facts = pretrain(model).json();
        assertTrue(facts.path("done").asBoolean());
        double loss = facts.path("validationLoss").asDouble();
        assertTrue(loss < 0.5 * Math.log(270), "loss " + loss);
        Decoder decoder = Decoder.open(model);
        assertTrue(decoder.config().tiedEmbeddings());
        assertEquals(
                "<|endoftext|>",
                Tokenizer.open(model).token(decoder.config().ids().ends().get(0)));
        JsonNode origin = new ObjectMapper()
                .readTree(model.resolve("amend4j_training.json").toFile());
        assertEquals("1", origin.at("/settings/--seed").asText());
        assertTrue(origin.at("/settings/machine").asText().startsWith("host "), origin.toString());
        assertTrue(origin.at("/settings/threads").asInt() > 0, origin.toString());
        assertEquals(loss, origin.at("/facts/validationLoss").asDouble());
        assertEquals("pretrain", origin.at("/command/1").asText());
        String said = amend4j("generate", "--base", model, "--prompt", "the cat", "--tokens", 8)
                .done()
                .out();
        assertTrue(said.startsWith("the cat"), said);
    }

    @Test
    void a_training_that_runs_out_of_time_is_resumed_to_the_bytes_of_one_that_does_not() throws IOException {
        Path whole = folder.resolve("whole");
        pretrain(whole).done();
        Path pieces = folder.resolve("pieces");
        JsonNode first = pretrain(pieces, "--minutes", 1e-6).json();
        assertFalse(first.path("done").asBoolean());
        assertEquals(1, first.path("steps").asInt());
        assertFalse(Files.exists(pieces));
        pretrain(pieces).refused("a training of " + pieces + " was stopped", "--resume continues it");
        pretrain(pieces, "--resume", "--seed", 2)
                .refusedAtLast("--resume continues with the run's own --seed, '1', got '2'");
        assertEquals(
                2,
                pretrain(pieces, "--resume", "--minutes", 1e-6)
                        .json()
                        .path("steps")
                        .asInt());
        assertTrue(pretrain(pieces, "--resume").json().path("done").asBoolean());
        for (String file : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
            assertArrayEquals(Files.readAllBytes(whole.resolve(file)), Files.readAllBytes(pieces.resolve(file)), file);
        }
    }

    @Test
    void a_training_that_diverges_in_its_last_step_is_refused_in_a_sentence() {
        Path model = folder.resolve("model");
        String sizes = "--vocabulary 257 --width 8 --layers 1 --heads 1 --key-value-heads 1 --context 16";
        String oneStep = " --epochs 1 --batch 1000 --lr 1e300 --validation 0";
        Object[] first = {"text", "pretrain", "--text", text, "--out", model};
        amend4j(first, (Object[]) (sizes + oneStep).split(" ", -1)).refusedAtLast("a smaller --lr may help");
        assertFalse(Files.exists(model));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--heads 3 | --width must be a multiple of --heads, got 128 and 3",
                "--key-value-heads 3 | num_key_value_heads",
                "--vocabulary 256 | --vocabulary must be in [257, 1048576], got 256",
                "--context 0 | --context must be >= 1, got 0",
                "--context 5000 | the texts must have at least two windows of 5000 tokens",
                "--validation 1 | --validation must be >= 0 and < 1",
                "--minutes 0 | --minutes must be > 0",
                "--minutes 2e8 | --minutes must be at most 1440000, got 2.0E8",
                "--epochs 2147483647 --batch 1 --context 16 --vocabulary 270 | --epochs must be at most",
                "--epochs 0 | --epochs must be >= 1",
                "--resume | --resume: there is no checkpoint"
            })
    void what_cannot_be_made_is_refused_in_a_sentence(String more, String sentence) {
        Object[] first = {"text", "pretrain", "--text", text, "--out", folder.resolve("model")};
        Ran ran = amend4j(first, (Object[]) more.split(" ", -1));
        ran.refusedAtLast(sentence);
        assertFalse(Files.exists(folder.resolve("model")));
    }
}
