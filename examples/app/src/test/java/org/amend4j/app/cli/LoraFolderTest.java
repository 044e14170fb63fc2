/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.testkit.TinyAdapter;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** Plain, or with DoRA and biases in place of the base's, of a model that has some. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_merged_folder_says_what_the_base_says_with_the_adapter(boolean more) throws IOException {
        if (more) {
            TinyCheckpoint tiny =
                    TinyLanguageModel.checkpoint().with("attention_bias", true).filled();
            tiny.write(base);
            adapter = new TinyAdapter(1, 2, 16)
                    .on("model.layers.1.mlp.up_proj", 40, 24)
                    .on("model.layers.2.self_attn.q_proj", 24, 24)
                    .dora(tiny)
                    .biases(tiny)
                    .write(folder.resolve("more"));
        }
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

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_merged_folder_is_said_to_have_the_numbers_that_are_in_it(boolean tied) throws IOException {
        TinyCheckpoint tiny =
                TinyLanguageModel.checkpoint().with("tie_word_embeddings", tied).filled();
        tiny.write(base);
        long numbers = tiny.names().stream()
                .mapToLong(name -> tiny.values(name).length)
                .sum();
        assertEquals(
                numbers,
                amend4j(
                                "lora",
                                "merge",
                                "--base",
                                base,
                                "--adapter",
                                adapter,
                                "--out",
                                folder.resolve("merged"),
                                "--json")
                        .json()
                        .path("parameters")
                        .asLong());
    }

    @Test
    void a_base_whose_tensors_are_damaged_is_refused_in_one_sentence_and_left_as_it_is() throws IOException {
        Path file = base.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(file);
        int header = Math.toIntExact(ByteBuffer.wrap(whole).order(LITTLE_ENDIAN).getLong()) + Long.BYTES;
        Map<String, byte[]> damaged = new LinkedHashMap<>();
        damaged.put("nothing", new byte[0]);
        damaged.put("half of it", Arrays.copyOf(whole, whole.length / 2));
        damaged.put("a byte less", Arrays.copyOf(whole, whole.length - 1));
        damaged.put("a byte more", Arrays.copyOf(whole, whole.length + 1));
        damaged.put("another length of the header", changed(whole, 1, (byte) 0x7f));
        damaged.put("another name", changed(whole, name(whole), (byte) 'x'));
        damaged.put("no number", changed(whole, header + 3, (byte) 0x7f, header + 2, (byte) 0xc0));
        damaged.put("no tensors", "a text".getBytes(UTF_8));
        Path merged = folder.resolve("merged");
        for (Map.Entry<String, byte[]> one : damaged.entrySet()) {
            Files.write(file, one.getValue());
            Map<Path, String> before = contents();
            amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", merged)
                    .refused(base.toString());
            assertEquals(before, contents(), one.getKey());
        }
        Files.write(file, whole);
        amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", merged)
                .done();
    }

    /** Where the name of a tensor begins. */
    private static int name(byte[] file) {
        return new String(file, ISO_8859_1).indexOf("model.layers.0.");
    }

    private static byte[] changed(byte[] whole, int place, byte value) {
        byte[] changed = whole.clone();
        changed[place] = value;
        return changed;
    }

    private static byte[] changed(byte[] whole, int first, byte value, int second, byte other) {
        return changed(changed(whole, first, value), second, other);
    }

    /** All files of the test, by their places. */
    private Map<Path, String> contents() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).collect(Collectors.toMap(file -> file, LoraFolderTest::read));
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), ISO_8859_1);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void what_cannot_be_merged_is_refused_and_leaves_nothing() throws IOException {
        Path merged = folder.resolve("merged");
        Object[] command = {"lora", "merge", "--adapter", adapter, "--out", merged};
        amend4j(command, "--base", folder.resolve("nowhere")).refused("--base must be a folder with a model");
        amend4j(command, "--base", base, "--model", base).refused("--model and --base exclude each other");
        Ran neither = amend4j(command);
        assertEquals(2, neither.code());
        assertTrue(neither.err().contains("Missing option: --model=ZIP, or --base=PATH"), neither.err());
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
