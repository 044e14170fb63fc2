/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.app.compute.EmulatedCompute;
import org.amend4j.safetensors.SafetensorsFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters of language models, trained on text. */
class LoraTextTest {

    @TempDir
    private Path folder;

    private Path base = Path.of("");
    private Path text = Path.of("");

    @BeforeEach
    void write() throws IOException {
        base = folder.resolve("base");
        TinyLanguageModel.write(base);
        text = folder.resolve("text.txt");
        Files.writeString(text, "the cat sat on the mat and the rat ate the oat\n".repeat(12));
    }

    /** @param more options that replace those of the same name */
    private Object[] words(Path out, Object... more) {
        return Ran.words(
                List.of("lora", "train", "--base", base, "--text", text, "--out", out, "--json"),
                Map.of("--epochs", 4, "--lr", 0.01, "--batch", 4, "--length", 24),
                more);
    }

    private Ran train(Path out, Object... more) {
        return amend4j(words(out, more));
    }

    private void writeLines(int times) throws IOException {
        String lines = "a cat\nthe mat and the hat\nthe rat ate\nthe oat and a bat on the mat\n";
        Files.writeString(text, lines.repeat(times));
    }

    @Test
    void an_adapter_learns_a_text_is_evaluated_generates_and_is_merged() throws IOException {
        requireUse("self_attn.q_proj");
    }

    @Test
    void one_of_a_gpt2_does_too() throws IOException {
        TinyLanguageModel.writeGpt2(base);
        requireUse("attn.c_attn");
    }

    /** Its head is the table of words, and so has the trained rows, too. */
    @Test
    void tokens_train_beside_it_and_do_too() throws IOException {
        TinyLanguageModel.writeGpt2(base);
        requireUse("trained tokens 3, 5, 9", "--trainable-tokens", "wte=3,5,9");
    }

    /**
     * @param adapted what the adapter is said to have
     * @param more options of the training
     */
    private void requireUse(String adapted, Object... more) throws IOException {
        Path adapter = folder.resolve("adapter");
        Path page = folder.resolve("report.json");
        JsonNode facts = train(
                        adapter,
                        Stream.concat(Stream.of("--validation", 0.2, "--report", page), Arrays.stream(more))
                                .toArray())
                .json();
        double before = facts.at("/baseAlone/loss").asDouble();
        double after = facts.path("validationLoss").asDouble();
        assertTrue(after < 0.7 * before, after + " after " + before);
        assertEquals(Math.exp(after), facts.path("validationPerplexity").asDouble(), 1e-9 * Math.exp(after));
        assertTrue(Files.exists(folder.resolve("report.html")));

        JsonNode tested = amend4j(
                        "lora", "eval", "--base", base, "--adapter", adapter, "--text", text, "--length", 24, "--json")
                .json();
        assertTrue(
                tested.path("loss").asDouble() < 0.7 * tested.path("baseLoss").asDouble(), tested.toString());

        Path merged = folder.resolve("merged");
        amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", merged)
                .done();
        Object[] prompt = {"--prompt", "the cat", "--tokens", 16};
        String with = amend4j(new Object[] {"generate", "--base", base, "--adapter", adapter}, prompt)
                .done()
                .out();
        assertNotEquals(
                with,
                amend4j(new Object[] {"generate", "--base", base}, prompt)
                        .done()
                        .out());
        assertEquals(
                with,
                amend4j(new Object[] {"generate", "--base", merged}, prompt)
                        .done()
                        .out());
        assertTrue(amend4j("lora", "info", adapter).done().out().contains(adapted));
    }

    @Test
    void a_training_that_is_repeated_gives_the_same_bytes() throws IOException {
        Path whole = folder.resolve("whole");
        train(whole).done();
        Path again = folder.resolve("again");
        train(again).done();
        byte[] expected = Files.readAllBytes(whole.resolve("adapter_model.safetensors"));
        assertArrayEquals(expected, Files.readAllBytes(again.resolve("adapter_model.safetensors")));
        Path other = folder.resolve("other");
        train(other, "--seed", 2).done();
        assertFalse(Arrays.equals(expected, Files.readAllBytes(other.resolve("adapter_model.safetensors"))));
    }

    /** Lines of several lengths, which every epoch puts into other batches. */
    @Test
    void a_training_that_was_interrupted_goes_on_to_the_same_bytes_with_its_own_text_only() throws Exception {
        writeLines(4);
        Path whole = folder.resolve("whole");
        JsonNode expected = train(whole, "--lines", "--epochs", 40).json();
        Path out = folder.resolve("adapter");
        Path checkpoint = folder.resolve("adapter.checkpoint.safetensors");
        Ran stopped = Ran.interruptedAt(checkpoint, words(out, "--lines", "--epochs", 40, "--checkpoint-every", 1));
        assertEquals(130, stopped.code(), stopped.err());
        assertFalse(Files.exists(out));

        byte[] kept = Files.readAllBytes(checkpoint);
        String texts = Files.readString(text);
        Files.writeString(text, texts.replaceFirst("rat", "hat"));
        train(out, "--lines", "--epochs", 40, "--resume")
                .refusedAtLast("--resume continues with the run's own --text, '");
        Files.writeString(text, texts);
        train(out, "--lines", "--epochs", 40, "--length", 23, "--resume")
                .refusedAtLast("--resume continues with the run's own --length, '24', got '23'");
        assertArrayEquals(kept, Files.readAllBytes(checkpoint));

        JsonNode resumed = train(out, "--lines", "--epochs", 40, "--resume").json();
        for (String number : List.of("loss", "validationLoss")) {
            assertEquals(expected.path(number), resumed.path(number), number);
        }
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            assertArrayEquals(Files.readAllBytes(whole.resolve(file)), Files.readAllBytes(out.resolve(file)), file);
        }
        assertFalse(Files.exists(checkpoint));
    }

    /**
     * Four steps of SGD, which adds gradients up. They have passed some 20 products of at most 40 terms and a softmax of 270, each with an
     * error of its terms times 2^-24 of their magnitudes, on both machines: 2·(20·40 + 270)·2^-24 of the largest, 1.3e-4.
     */
    @Test
    void a_device_learns_the_same_from_a_text_within_rounding() throws IOException {
        EmulatedCompute.require();
        writeLines(2);
        Object[] settings = {"--lines", "--updater", "sgd", "--lr", 0.5, "--validation", 0, "--epochs"};
        JsonNode cpu = amend4j(words(folder.resolve("cpu"), settings), 2, "--device", "cpu")
                .json();
        Ran device = amend4j(words(folder.resolve("device"), settings), 2, "--device", "emulated");
        assertTrue(device.json().path("device").asText().contains("emulated"), device.out());
        double loss = device.json().path("loss").asDouble();
        assertEquals(cpu.path("loss").asDouble(), loss, 1e-5 * loss);
        assertFalse(device.err().contains("on the CPU"), device.err());
        amend4j(words(folder.resolve("more"), settings), 3, "--device", "cpu").done();

        float[] expected = learned(folder.resolve("cpu"));
        double largest = distance(expected, new float[expected.length]);
        assertEquals(0, distance(expected, learned(folder.resolve("device"))), 1.3e-4 * largest);
        assertTrue(distance(expected, learned(folder.resolve("more"))) > 1e-2 * largest, "another epoch is noticed");
    }

    /** The factors B one after the other, which begin with zeros. */
    private static float[] learned(Path adapter) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(adapter.resolve("adapter_model.safetensors"))) {
            float[] all = new float[0];
            for (String name : new TreeSet<>(file.tensors().keySet())) {
                if (name.contains("lora_B")) {
                    float[] factor = file.readFloats(name);
                    all = Arrays.copyOf(all, all.length + factor.length);
                    System.arraycopy(factor, 0, all, all.length - factor.length, factor.length);
                }
            }
            return all;
        }
    }

    private static double distance(float[] one, float[] other) {
        assertEquals(one.length, other.length);
        return IntStream.range(0, one.length)
                .mapToDouble(k -> Math.abs((double) one[k] - other[k]))
                .max()
                .orElseThrow();
    }

    @Test
    void lines_are_texts_of_their_own() throws IOException {
        Files.writeString(text, "a cat\n\nthe mat and the hat and the bat\r\nx\nthe rat\n");
        Ran ran = train(folder.resolve("adapter"), "--lines", "--validation", 0);
        assertEquals(3, ran.json().path("examples").asInt());
        assertFalse(ran.err().contains("Deeplearning4j"), "plans make the steps: " + ran.err());
    }

    @Test
    void starts_from_examples_and_their_gradients_are_made() throws IOException {
        for (String init : List.of("eva", "lora_ga")) {
            train(folder.resolve(init), "--init", init).done();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--text nowhere.txt | --text must be a file, there is none at nowhere.txt",
                "--task pairs | a model of the type 'llama' says what comes next: --task must be causal",
                "--length 65 | --length must be at most the model's positions, 64, got 65",
                "--length 0 | --length must be >= 1, got 0",
                "--cache x | --cache is for models in files",
                "--labels 0 | --labels is for --data",
                "--side 8 | --side is for --data",
                "--data x.csv | --data is for models in files: a model in a folder learns from --text",
                "--model x.zip | --model and --base exclude each other",
                "--tokenizer nowhere | there is no --tokenizer nowhere",
                "--targets nothing | nothing"
            })
    void what_cannot_be_done_is_refused_in_a_sentence(String more, String sentence) {
        Object[] words = more.split(" ", -1);
        Object[] first = {"lora", "train", "--base", base, "--out", folder.resolve("adapter")};
        Ran ran = amend4j(first, more.startsWith("--text") ? words : with(words));
        ran.refused(sentence);
        assertFalse(Files.exists(folder.resolve("adapter")));
    }

    private Object[] with(Object... words) {
        Object[] all = java.util.Arrays.copyOf(words, words.length + 2, Object[].class);
        all[words.length] = "--text";
        all[words.length + 1] = text;
        return all;
    }

    @Test
    void what_is_no_text_is_refused() throws IOException {
        Path adapter = folder.resolve("adapter");
        Files.write(text, new byte[] {'a', (byte) 0xff, 'b'});
        train(adapter).refused("cannot read", "it is not UTF-8 text");
        Files.writeString(text, " \n");
        train(adapter).refused("has no text");
        Ran missing = amend4j("lora", "train", "--base", base, "--out", adapter);
        assertEquals(2, missing.code());
        assertTrue(missing.err().contains("Missing option: --text=FILE"), missing.err());
    }
}
