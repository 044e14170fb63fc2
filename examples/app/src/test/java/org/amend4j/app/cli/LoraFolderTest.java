/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.testkit.TinyAdapter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters of models in Hugging Face's folders, merged. */
class LoraFolderTest {

    @TempDir
    private Path folder;

    private Path base = Path.of("");
    private Path adapter = Path.of("");

    @BeforeEach
    void write() throws IOException {
        base = folder.resolve("base");
        TinyLanguageModel.write(base);
        adapter = new TinyAdapter(1, 2, 16)
                .on("model.layers.1.mlp.up_proj", 40, 24)
                .on("model.layers.2.self_attn.q_proj", 24, 24)
                .write(folder.resolve("adapter"));
    }

    @Test
    void a_merged_folder_says_what_the_base_says_with_the_adapter() throws IOException {
        Path merged = folder.resolve("merged");
        Ran ran = amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", merged)
                .done();
        assertTrue(ran.out().contains("merged model written to " + merged), ran.out());
        assertEquals(
                TransformerConfig.read(base.resolve("config.json")),
                TransformerConfig.read(merged.resolve("config.json")));
        assertArrayEquals(
                Files.readAllBytes(base.resolve("tokenizer.json")),
                Files.readAllBytes(merged.resolve("tokenizer.json")));
        Object[] text = {"--prompt", "the cat", "--tokens", 20};
        String with = amend4j(new Object[] {"generate", "--base", base, "--adapter", adapter}, text)
                .done()
                .out();
        assertEquals(
                with,
                amend4j(new Object[] {"generate", "--base", merged}, text)
                        .done()
                        .out());
        assertFalse(with.equals(
                amend4j(new Object[] {"generate", "--base", base}, text).done().out()));
    }

    @Test
    void what_cannot_be_merged_is_refused_and_leaves_nothing() throws IOException {
        Path merged = folder.resolve("merged");
        Object[] command = {"lora", "merge", "--adapter", adapter, "--out", merged};
        amend4j(command, "--base", folder.resolve("nowhere")).refused("--base must be a folder with a model");
        amend4j(command, "--base", base, "--model", base).refused("--model and --base exclude each other");
        Ran neither = amend4j(command);
        assertEquals(2, neither.code());
        assertTrue(neither.err().contains("Missing option: --model=ZIP, or --base=DIR"), neither.err());
        assertTrue(neither.err().contains("--help' for what this command takes"), neither.err());
        Path other = new TinyAdapter(1, 2, 2)
                .on("model.layers.9.mlp.up_proj", 40, 24)
                .write(folder.resolve("other"));
        amend4j("lora", "merge", "--base", base, "--adapter", other, "--out", merged)
                .refused("model.layers.9.mlp.up_proj");
        Files.delete(base.resolve("config.json"));
        amend4j(command, "--base", base).refused("config.json");
        assertFalse(Files.exists(merged));
    }
}
