/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.testkit.TinyAdapter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What adapters of models in Hugging Face's folders say of their bases. */
class PeftBasesTest {

    @TempDir
    private Path folder;

    private static JsonNode config(Path adapter) throws IOException {
        return new ObjectMapper()
                .readTree(adapter.resolve("adapter_config.json").toFile());
    }

    @Test
    void an_imported_adapter_and_its_export_name_the_folder_and_the_task() throws IOException {
        Path base = folder.resolve("base");
        TinyLanguageModel.write(base);
        Path adapter = new TinyAdapter(1, 2, 16)
                .on("model.layers.1.mlp.up_proj", 40, 24)
                .write(folder.resolve("adapter"));
        Path ours = folder.resolve("ours");
        amend4j("lora", "import", "--base", base, "--adapter", adapter, "--out", ours)
                .done();
        Path exported = folder.resolve("exported");
        amend4j("lora", "export", "--base", base, "--adapter", ours, "--out", exported)
                .done();
        for (Path said : new Path[] {ours, exported}) {
            assertEquals(
                    base.toString(),
                    config(said).path("base_model_name_or_path").asText());
            assertEquals("CAUSAL_LM", config(said).path("task_type").asText());
        }
    }

    /** A classifier behind a pooling of its own is none of Hugging Face's. */
    @ParameterizedTest
    @CsvSource({"--task classification, SEQ_CLS", "--pooling MEAN, ''"})
    void a_trained_adapter_of_an_encoder_says_the_task_of_its_head(String option, String task) throws IOException {
        Path base = folder.resolve("base");
        TinyLanguageModel.writeEncoder(base);
        Path table = Files.writeString(folder.resolve("table.tsv"), "cat\tthe cat sat\nrat\ta rat ate\n".repeat(4));
        Path out = folder.resolve("out");
        Object[] train = {"lora", "train", "--base", base, "--text", table, "--out", out, "--epochs", 1};
        amend4j(train, (Object[]) option.split(" ", -1)).done();
        assertEquals(task, config(out).path("task_type").asText("").replace("null", ""));
        assertEquals(task.isEmpty(), config(out).path("base_model_name_or_path").isNull());
        assertTrue(config(out).path("auto_mapping").isNull());
    }

    /** Without a dot in front, Hugging Face's library would ask its hub for a model of that name where there is no such folder. */
    @ParameterizedTest
    @CsvSource({
        "gpt2, ./gpt2",
        "models/tiny, ./models/tiny",
        "../tiny, ../tiny",
        "./tiny, ./tiny",
        "/home/tiny, /home/tiny"
    })
    void a_relative_folder_is_no_name_on_the_hub(String given, String said) {
        assertEquals(said, PeftBases.name(Path.of(given)));
        assertTrue(said.startsWith(".") || said.startsWith("/"));
    }
}
