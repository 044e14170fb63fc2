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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.text.BertVocabulary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters of encoders that say masked words. */
class LoraMaskedTest {

    private static final String WORDS =
            "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\nsat\non\nmat\nand\nrat\nate\noat\na\nhat\n";

    /** As {@link LoraClassesTest}, and a sum of 16 logits' exponentials. */
    private static final double MERGED = 2 * 40 * 16 * 0x1p-24;

    @TempDir
    private Path folder;

    private Path base = Path.of("");
    private Path text = Path.of("");

    @BeforeEach
    void write() throws IOException {
        base = folder.resolve("base");
        encoder(base, "BertForMaskedLM");
        text = folder.resolve("text.txt");
        Files.writeString(text, "the cat sat on the mat and the rat ate the oat\n".repeat(24));
    }

    private static void encoder(Path at, String architecture) throws IOException {
        TinyCheckpoint.bert(5)
                .with("vocab_size", 16)
                .with("architectures", List.of(architecture))
                .filled()
                .write(Files.createDirectories(at));
        BertVocabulary.read(WORDS.getBytes(StandardCharsets.UTF_8)).tokenizer().save(at.resolve("tokenizer.json"));
    }

    private Ran train(Path out, Object... more) {
        Object[] course = {"--task", "masked", "--length", 14, "--lr", 0.01};
        return trainOtherwise(out, Stream.of(course, more).flatMap(Stream::of).toArray());
    }

    private Ran trainOtherwise(Path out, Object... more) {
        return amend4j(
                new Object[] {"lora", "train", "--base", base, "--text", text, "--out", out, "--batch", 4, "--json"},
                more);
    }

    private JsonNode tested(Path model, Path adapter) throws IOException {
        return amend4j("lora", "eval", "--base", model, "--adapter", adapter, "--text", text, "--length", 14, "--json")
                .json();
    }

    @Test
    void an_adapter_learns_masked_words_is_evaluated_and_merged() throws IOException {
        Path adapter = folder.resolve("adapter");
        Ran ran = train(adapter, "--validation", 0.25, "--epochs", 12, "--report", folder.resolve("report.json"));
        JsonNode facts = ran.json();
        assertFalse(ran.err().contains("Deeplearning4j"), "plans make the steps: " + ran.err());
        double before = facts.at("/baseAlone/loss").asDouble();
        double after = facts.path("validationLoss").asDouble();
        assertTrue(after < 0.7 * before, after + " after " + before);
        assertTrue(facts.path("validationTokens").asInt() > 0, facts.toString());
        JsonNode config = new ObjectMapper()
                .readTree(adapter.resolve("adapter_config.json").toFile());
        assertEquals(
                "BertForMaskedLM", config.at("/auto_mapping/base_model_class").asText());

        JsonNode tested = tested(base, adapter);
        assertTrue(
                tested.path("loss").asDouble() < 0.7 * tested.path("baseLoss").asDouble(), tested.toString());
        assertEquals(tested, tested(base, adapter), "masks of a test are always the same");

        Path merged = folder.resolve("merged");
        amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", merged)
                .done();
        assertEquals(
                new EncoderHead.MaskedTokens(),
                ((EncoderConfig) TransformerConfig.read(merged.resolve("config.json"))).head());
        Path more = folder.resolve("more");
        base = merged;
        trainOtherwise(more, "--task", "masked", "--length", 14, "--epochs", 1, "--lr", 1e-12)
                .done();
        assertEquals(
                tested.path("loss").asDouble(),
                tested(merged, more).path("baseLoss").asDouble(),
                MERGED,
                "the merged model says the same");
    }

    @Test
    void a_training_that_is_repeated_gives_the_same_bytes() throws IOException {
        Object[] course = {"--epochs", 3, "--validation", 0, "--lines"};
        Path whole = folder.resolve("whole");
        train(whole, course).done();
        byte[] expected = tensors(whole);
        Path again = folder.resolve("again");
        train(again, course).done();
        assertArrayEquals(expected, tensors(again));
        Path other = folder.resolve("other");
        train(other, "--epochs", 3, "--validation", 0, "--lines", "--seed", 2).done();
        assertFalse(Arrays.equals(expected, tensors(other)));
    }

    @Test
    void what_is_explained_is_what_is_trained() throws IOException {
        int trainable = amend4j("lora", "explain", "--base", base, "--json")
                .json()
                .at("/trainableParameters")
                .asInt();
        JsonNode trained = train(folder.resolve("adapter"), "--epochs", 1).json();
        assertEquals(trainable, trained.at("/trainableParameters").asInt());
    }

    /** Fourteen epochs go through all ten ways of masking, and some of them again. */
    @Test
    void a_training_that_was_interrupted_goes_on_to_the_same_bytes() throws Exception {
        Object[] settings = {"--lines", "--epochs", 14, "--validation", 0.2};
        Path whole = folder.resolve("whole");
        JsonNode expected = train(whole, settings).json();
        Path out = folder.resolve("adapter");
        Object[] words = Stream.of(
                        new Object[] {"lora", "train", "--base", base, "--text", text, "--out", out, "--batch", 4},
                        new Object[] {"--task", "masked", "--length", 14, "--lr", 0.01, "--checkpoint-every", 1},
                        settings)
                .flatMap(Stream::of)
                .toArray();
        Ran stopped = Ran.interruptedAt(folder.resolve("adapter.checkpoint.safetensors"), words);
        assertEquals(130, stopped.code(), stopped.err());
        assertFalse(Files.exists(out));
        JsonNode resumed = train(out, "--lines", "--epochs", 14, "--validation", 0.2, "--resume")
                .json();
        assertEquals(expected.path("validationLoss"), resumed.path("validationLoss"));
        assertArrayEquals(tensors(whole), tensors(out));
    }

    private static byte[] tensors(Path adapter) throws IOException {
        return Files.readAllBytes(adapter.resolve("adapter_model.safetensors"));
    }

    @Test
    void a_base_without_a_head_gets_one_that_is_trained_in_full() throws IOException {
        encoder(base, "BertModel");
        Path adapter = folder.resolve("adapter");
        Ran ran = train(adapter, "--epochs", 12, "--validation", 0);
        assertTrue(ran.err().contains("'cls.predictions.transform.dense' in full"), ran.err());
        assertTrue(ran.err().contains("'cls.predictions.transform.LayerNorm' in full"), ran.err());
        ran.done();
        JsonNode tested = tested(base, adapter);
        assertTrue(tested.path("loss").asDouble() < tested.path("baseLoss").asDouble(), tested.toString());
        Path merged = folder.resolve("merged");
        amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", merged)
                .done();
        assertEquals(
                new EncoderHead.MaskedTokens(),
                ((EncoderConfig) TransformerConfig.read(merged.resolve("config.json"))).head());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--task masked --columns 0,1 | --columns is for tables",
                "--task masked --classes a,b | --classes is for --task classification and pairs",
                "--task masked --length 2 | --length must be > 2, the special tokens of a text, got 2",
                "--task causal | a model of the type 'bert' does not say what comes next"
            })
    void what_cannot_be_learned_is_refused_in_a_sentence(String more, String sentence) {
        trainOtherwise(folder.resolve("adapter"), (Object[]) more.split(" ", -1))
                .refused(sentence);
        assertFalse(Files.exists(folder.resolve("adapter")));
    }

    @Test
    void a_table_and_a_decoder_have_no_masked_words() throws IOException {
        Path adapter = folder.resolve("adapter");
        text = folder.resolve("table.tsv");
        Files.writeString(text, "cat\tthe cat\nrat\ta rat\n");
        train(adapter).refused("--task masked is learned from a text that is no table");
        TinyLanguageModel.write(folder.resolve("decoder"));
        base = folder.resolve("decoder");
        train(adapter).refused("a model of the type 'llama' says what comes next: --task must be causal");
    }

    @Test
    void a_vision_transformer_is_explained_and_reads_no_texts() throws IOException {
        base = folder.resolve("vit");
        TinyCheckpoint.vit(5).filled().write(Files.createDirectories(base));
        train(folder.resolve("adapter")).refused("a model of the type 'vit' reads no texts");
        amend4j("embed", "--base", base, "--text", "a cat").refused("there is no tokenizer.json in");
        String explained = amend4j("lora", "explain", "--base", base).done().out();
        assertTrue(explained.contains("encoder.layer.0.attention.attention.query"), explained);
    }
}
