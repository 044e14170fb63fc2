/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.TransformerConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters of encoders, trained on labelled texts. */
class LoraClassesTest {

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
                "--lines | --lines is for language models",
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
        train(adapter).refused("must have lines of label, tab, text", "the first one has 1 cell");
    }
}
