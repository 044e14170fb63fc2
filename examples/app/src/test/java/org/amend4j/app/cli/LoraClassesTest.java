/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.text.BertVocabulary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters of encoders, trained on labelled texts. */
class LoraClassesTest {

    /**
     * Rows of 3 layers go through some 40 sums of at most 40 products, each rounded by 2^-24 of about its largest part, here less than
     * 16; what is said of a class changes by at most twice the change of logits.
     */
    private static final double MERGED = 2 * 40 * 16 * 0x1p-24;

    @TempDir
    private Path folder;

    private Path base = Path.of("");
    private Path table = Path.of("");

    @BeforeEach
    void write() throws IOException {
        base = folder.resolve("base");
        TinyLanguageModel.writeEncoder(base);
        table = folder.resolve("table.tsv");
        StringBuilder rows = new StringBuilder();
        for (int k = 0; k < 12; k++) {
            rows.append("cat\tthe cat sat on mat ").append(k).append('\n');
            rows.append("rat\ta rat ate the oat ").append(k).append('\n');
        }
        Files.writeString(table, rows);
    }

    private Ran train(Path out, Object... more) {
        return amend4j(
                new Object[] {
                    "lora",
                    "train",
                    "--base",
                    base,
                    "--text",
                    table,
                    "--out",
                    out,
                    "--epochs",
                    6,
                    "--lr",
                    0.02,
                    "--batch",
                    4,
                    "--json"
                },
                more);
    }

    @Test
    void an_adapter_learns_classes_is_evaluated_and_merged_to_a_classifier() throws IOException {
        Path adapter = folder.resolve("adapter");
        JsonNode facts = train(adapter, "--validation", 0.25).json();
        assertEquals(
                List.of("cat", "rat"),
                List.of(facts.at("/classes/0").asText(), facts.at("/classes/1").asText()));
        assertEquals(6, facts.path("validationExamples").asInt());
        assertTrue(facts.path("validationAccuracy").asDouble() > 0.75, facts.toString());
        JsonNode tested = amend4j("lora", "eval", "--base", base, "--adapter", adapter, "--text", table, "--json")
                .json();
        assertEquals(24, tested.path("examples").asInt());
        Object[] test = {"lora", "eval", "--base", base, "--adapter", adapter, "--text", table};
        amend4j(test, "--device", "emulated").refused("--device must be auto or cpu");
        amend4j(test, "--precision", "bf16").refused("--precision must be fp32");
        amend4j(test, "--classes", "rat,cat").refused("--classes is for --data");
        double accuracy = tested.path("accuracy").asDouble();
        assertTrue(accuracy > 0.75, tested.toString());
        assertTrue(tested.path("crossEntropy").asDouble()
                < tested.path("baseCrossEntropy").asDouble());

        Path merged = folder.resolve("merged");
        amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", merged)
                .done();
        EncoderConfig config = (EncoderConfig) TransformerConfig.read(merged.resolve("config.json"));
        assertEquals(new EncoderHead.Classifier(List.of("cat", "rat")), config.head());
        Path more = folder.resolve("more");
        amend4j("lora", "train", "--base", merged, "--text", table, "--out", more, "--epochs", 1, "--lr", 1e-12)
                .done();
        JsonNode again = amend4j("lora", "eval", "--base", merged, "--adapter", more, "--text", table, "--json")
                .json();
        assertEquals(accuracy, again.path("baseAccuracy").asDouble(), "the merged classifier is the start");
        assertEquals(
                tested.path("crossEntropy").asDouble(),
                again.path("baseCrossEntropy").asDouble(),
                MERGED,
                "and says the same");
        Path both = folder.resolve("both");
        amend4j("lora", "combine", "--adapter", adapter, "--weight", 1, "--out", both)
                .done();
        assertEquals(
                Files.readString(adapter.resolve("amend4j_text.json")),
                Files.readString(both.resolve("amend4j_text.json")));
        JsonNode combined = amend4j("lora", "eval", "--base", base, "--adapter", both, "--text", table, "--json")
                .json();
        assertEquals(accuracy, combined.path("accuracy").asDouble());
    }

    /** A folder without a pooler gets one of random numbers, with which only the adapter can agree elsewhere. */
    @Test
    void weights_of_classes_say_how_often_texts_are_seen_and_are_for_classes_alone() throws IOException {
        train(folder.resolve("plain")).done();
        train(folder.resolve("alike"), "--class-weights", "cat=2,rat=2").done();
        train(folder.resolve("rats"), "--class-weights", "rat=3").done();
        assertArrayEquals(weights("plain"), weights("alike"));
        assertFalse(Arrays.equals(weights("plain"), weights("rats")));
        Path none = folder.resolve("none");
        train(none, "--class-weights", "dog=2").refusedAtLast("--class-weights names 'dog'");
        train(none, "--class-weights", "rat").refused("weights > 0 such as yes=9,no=1");
        train(none, "--class-weights", "balanced", "--task", "masked").refused("--class-weights is for classes");
    }

    private byte[] weights(String adapter) throws IOException {
        return Files.readAllBytes(folder.resolve(adapter).resolve("adapter_model.safetensors"));
    }

    @Test
    void a_pooler_that_the_folder_lacks_is_trained_in_full_and_saved() throws IOException {
        TinyLanguageModel.encoder()
                .drop("pooler.dense.weight")
                .drop("pooler.dense.bias")
                .write(base);
        Path adapter = folder.resolve("adapter");
        train(adapter).done();
        Path exported = folder.resolve("exported");
        JsonNode facts = amend4j(
                        "lora",
                        "export",
                        "--base",
                        base,
                        "--adapter",
                        adapter,
                        "--out",
                        exported,
                        "--require-peft",
                        "--json")
                .json();
        assertEquals(
                "[\"bert.pooler.dense\",\"classifier\"]",
                facts.path("trainedInFull").toString());
        try (SafetensorsFile tensors = SafetensorsFile.open(exported.resolve("adapter_model.safetensors"))) {
            Set<String> names = tensors.tensors().keySet();
            assertTrue(names.contains("base_model.model.bert.pooler.dense.weight"), names.toString());
        }
    }

    @Test
    void classes_are_learned_without_a_pooler_evaluated_so_not_merged_and_exported_with_a_warning() throws IOException {
        Path adapter = folder.resolve("adapter");
        String steps = "--epochs 12 --lr 0.004 --batch 4 --validation 0 --pooling MEAN --json";
        Object[] learn = {"lora", "train", "--base", base, "--text", table, "--out", adapter};
        JsonNode facts = amend4j(learn, (Object[]) steps.split(" ", -1)).json();
        assertTrue(Files.readString(adapter.resolve("amend4j_text.json")).contains("MEAN"));
        JsonNode tested = amend4j("lora", "eval", "--base", base, "--adapter", adapter, "--text", table, "--json")
                .json();
        assertTrue(tested.path("accuracy").asDouble() > 0.75, facts + " then " + tested);
        Object[] explain = {"lora", "explain", "--base", base, "--classes", "cat,rat", "--json"};
        int trainable = facts.path("trainableParameters").asInt();
        assertEquals(
                trainable,
                amend4j(explain, "--pooling", "MEAN")
                        .json()
                        .at("/trainableParameters")
                        .asInt());
        assertTrue(
                trainable < amend4j(explain).json().at("/trainableParameters").asInt(), "a pooler less to adapt");
        amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", folder.resolve("merged"))
                .refused("trained with --pooling MEAN", "no class of Hugging Face's");
        assertFalse(Files.exists(folder.resolve("merged")));
        Object[] export = {"lora", "export", "--base", base, "--adapter", adapter};
        amend4j(export, "--out", folder.resolve("refused"), "--require-peft")
                .refused("trained with --pooling MEAN", "reads the first token's row");
        assertFalse(Files.exists(folder.resolve("refused")));
        Path exported = folder.resolve("exported");
        Ran ran = amend4j(export, "--out", exported).done();
        assertTrue(ran.out().contains("PEFT does not compute the same"), ran.out());
        assertTrue(ran.out().contains("reads the first token's row"), ran.out());
        assertEquals(
                tested,
                amend4j("lora", "eval", "--base", base, "--adapter", exported, "--text", table, "--json")
                        .json(),
                "amend4j reads it as before");
        String damaged = Files.readString(adapter.resolve("amend4j_text.json")).replace("MEAN", "MEDIAN");
        Files.writeString(adapter.resolve("amend4j_text.json"), damaged);
        amend4j("lora", "eval", "--base", base, "--adapter", adapter, "--text", table)
                .refused("has an unknown pooling, \"MEDIAN\"");
        Files.writeString(adapter.resolve("amend4j_text.json"), "{\"version\": 1, \"classes\": [], \"seed\": 1}");
        amend4j("lora", "eval", "--base", base, "--adapter", adapter, "--text", table)
                .refused("is not a record of version 1");
    }

    @Test
    void what_is_explained_is_what_is_trained() throws IOException {
        Object[] explain = {"lora", "explain", "--base", base};
        amend4j(explain).refused("says no classes", "--classes names them");
        String explained = amend4j(explain, "--classes", "cat,rat").done().out();
        assertTrue(explained.contains("bert.encoder.layer.0.attention.self.query"), explained);
        int trainable = amend4j(explain, "--classes", "cat,rat", "--json")
                .json()
                .at("/trainableParameters")
                .asInt();
        assertTrue(trainable > 0);
        assertEquals(
                trainable,
                train(folder.resolve("adapter"))
                        .json()
                        .at("/trainableParameters")
                        .asInt());
    }

    /** As PEFT's {@code modules_to_save} does, which takes all modules whose names end in "classifier"; both layers start at random. */
    @ParameterizedTest
    @CsvSource({
        "roberta, classifier.dense, classifier.out_proj, roberta.encoder.layer.0.attention.self.query",
        "distilbert, pre_classifier, classifier, distilbert.transformer.layer.0.attention.q_lin"
    })
    void all_layers_of_a_head_are_trained_in_full(String family, String first, String second, String query)
            throws IOException {
        base = folder.resolve(family);
        TinyCheckpoint tiny = family.equals("roberta") ? TinyCheckpoint.roberta(5) : TinyCheckpoint.distilBert(5);
        tiny.with("vocab_size", TinyLanguageModel.TOKENS).filled().write(Files.createDirectories(base));
        TinyLanguageModel.writeTokenizer(base, TinyLanguageModel.TOKENS);
        Path adapter = folder.resolve("adapter");
        Object[] learn = {"lora", "train", "--base", base, "--text", table, "--out", adapter};
        String said = amend4j(learn, "--epochs", 8, "--lr", 0.005).done().err();
        assertTrue(said.contains("'" + first + "' in full"), said);
        assertTrue(said.contains("'" + second + "' in full"), said);
        Path peft = folder.resolve("peft");
        amend4j("lora", "export", "--base", base, "--adapter", adapter, "--out", peft)
                .done();
        try (SafetensorsFile tensors = SafetensorsFile.open(peft.resolve("adapter_model.safetensors"))) {
            Set<String> names = tensors.tensors().keySet();
            assertTrue(names.contains("base_model.model." + query + ".lora_A.weight"), names.toString());
            assertTrue(names.contains("base_model.model." + first + ".weight"), names.toString());
        }
        JsonNode tested = amend4j("lora", "eval", "--base", base, "--adapter", adapter, "--text", table, "--json")
                .json();
        assertTrue(tested.path("accuracy").asDouble() > 0.75, tested.toString());
        amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", folder.resolve("merged"))
                .done();
        Object[] pooled = {"lora", "train", "--base", base, "--text", table, "--out", folder.resolve("pooled")};
        String one = amend4j(pooled, "--epochs", 1, "--pooling", "MEAN").done().err();
        assertTrue(one.contains("'" + second + "' in full") && !one.contains("'" + first + "' in full"), one);
    }

    @Test
    void special_tokens_must_leave_room_for_texts() throws IOException {
        String words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\nrat\n";
        BertVocabulary.read(words.getBytes(StandardCharsets.UTF_8)).tokenizer().save(base.resolve("tokenizer.json"));
        Path adapter = folder.resolve("adapter");
        train(adapter, "--length", 2).refused("--length must be > 2, the special tokens of a text, got 2");
        Files.writeString(table, "cat\tthe cat\tcat\nrat\ta rat\trat\n");
        train(adapter, "--length", 3).refused("--length must be > 3, the special tokens of two texts, got 3");
        train(adapter, "--length", 4, "--validation", 0).done();
    }

    @Test
    void pairs_are_read_with_their_types_and_columns_by_name() throws IOException {
        Files.writeString(
                table, "id\tfirst\tsecond\tsame\n" + "1\tthe cat\tthe cat\tyes\n2\tthe cat\ta rat\tno\n".repeat(6));
        JsonNode facts = train(
                        folder.resolve("adapter"),
                        "--columns",
                        "same,first,second",
                        "--task",
                        "pairs",
                        "--validation",
                        0)
                .json();
        assertEquals(12, facts.path("examples").asInt());
        assertEquals("no", facts.at("/classes/0").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--task causal | a model of the type 'bert' does not say what comes next",
                "--task pairs | --task pairs needs two texts in a line",
                "--lines | --lines is for texts that are no tables",
                "--columns 0,7 | has no column '7', its first line has 2: cat, the cat sat on mat 0",
                "--columns 0 | --columns must name the label's column and one or two of texts, got 0",
                "--classes cat,cat | --classes names 'cat' twice",
                "--classes cat,dog | the label 'rat' is none of the classes cat, dog"
            })
    void what_cannot_be_learned_is_refused_in_a_sentence(String more, String sentence) {
        train(folder.resolve("adapter"), (Object[]) more.split(" ", -1)).refused(sentence);
        assertFalse(Files.exists(folder.resolve("adapter")));
    }

    @Test
    void a_table_with_a_flaw_is_refused_with_its_line() throws IOException {
        Path adapter = folder.resolve("adapter");
        Files.writeString(table, "cat\tthe cat\n\nrat\t\n");
        train(adapter).refused("line 3 of " + table + " has an empty cell");
        Files.writeString(table, "cat\tthe cat\nrat\ta\tb\n");
        train(adapter).refused("line 2 of " + table + " must have as many cells as the first one, 2, got 3");
        Files.writeString(table, "cat\tthe cat\ncat\ta cat\n");
        train(adapter).refused("--text must have texts of two classes at least, all are of 'cat'");
        Files.writeString(table, "cat\n");
        train(adapter).refused("must have the columns label, text", "the first line has 1 cell");
    }

    /** An encoder's vectors under an adapter are its vectors, whatever the adapter trained above it and however files name it. */
    @Test
    void an_adapter_of_a_classifier_makes_the_vectors_of_the_encoder_below_it() throws IOException {
        Path adapter = folder.resolve("adapter");
        train(adapter).done();
        Path merged = folder.resolve("merged");
        amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", merged)
                .done();
        JsonNode plain = vector("--base", base);
        JsonNode adapted = vector("--base", base, "--adapter", adapter);
        assertTrue(distance(plain, adapted) > 0.01);
        assertEquals(0, distance(vector("--base", merged), adapted), MERGED);
        amend4j("embed", "--text", "a cat ate", "--base", merged, "--adapter", adapter)
                .refused("the adapter was made for a layer 'bert.encoder.layer.0.attention.output.dense' of another"
                        + " configuration or with other weights than the base's");
    }

    private static JsonNode vector(Object... options) throws IOException {
        return amend4j(new Object[] {"embed", "--text", "a cat ate", "--pooling", "mean", "--json"}, options)
                .json()
                .at("/texts/0/vector");
    }

    private static double distance(JsonNode x, JsonNode y) {
        double squares = 0;
        for (int i = 0; i < x.size(); i++) {
            squares += Math.pow(x.path(i).asDouble() - y.path(i).asDouble(), 2);
        }
        return Math.sqrt(squares);
    }
}
