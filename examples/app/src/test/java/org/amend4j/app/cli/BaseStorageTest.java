/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;

/** Adapters trained above frozen weights in few bits. */
class BaseStorageTest {

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Path table = Path.of("");

    @BeforeEach
    void makeModelAndTable() throws IOException {
        model = SmallClassifiers.ofRows(folder.resolve("model.zip"), Activation.TANH);
        table = SmallClassifiers.table(folder.resolve("table.csv"));
    }

    private Object[] words(String out, Object... more) {
        return Ran.words(
                List.of(
                        "lora",
                        "train",
                        "--model",
                        model,
                        "--data",
                        table,
                        "--labels",
                        "kind",
                        "--out",
                        folder.resolve(out),
                        "--targets",
                        "all-linear",
                        "--json"),
                Map.of("--epochs", 20, "--lr", 0.01),
                more);
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bf16", "int8", "nf4"})
    void an_adapter_learns_above_it_and_is_used_with_the_base_as_it_is(String storage) throws IOException {
        JsonNode plain = amend4j(words("plain")).json();
        Ran ran = amend4j(words("stored", "--base-storage", storage));
        assertTrue(ran.err().contains("Training keeps frozen weights in " + storage + "; "), ran.err());
        JsonNode stored = ran.json();
        assertEquals(plain.path("base"), stored.path("base"), "the base is the one in the file");
        assertEquals(
                plain.path("validationAccuracy").asDouble(),
                stored.path("validationAccuracy").asDouble(),
                0.1);
        assertNotEquals(plain.path("loss"), stored.path("loss"));
        amend4j(
                        "lora",
                        "merge",
                        "--model",
                        model,
                        "--adapter",
                        folder.resolve("stored"),
                        "--out",
                        folder.resolve("merged.zip"))
                .done();
        assertEquals(List.of("merged.zip", "model.zip", "plain", "stored", "table.csv"), left());
    }

    /** Decoded as it is kept, or rounded to what products are. */
    @ParameterizedTest
    @CsvSource({"bf16, fp32", "int8, tf32", "nf4, bf16"})
    @OneIn(3)
    void on_a_device_an_adapter_learns_above_it_too(String storage, String precision) throws IOException {
        assumeTrue(EmulatedDevice.missing().isEmpty(), "no C++ compiler for the emulated device");
        JsonNode plain = amend4j(words("plain", "--base-storage", storage)).json();
        Ran ran = amend4j(words("stored", "--base-storage", storage, "--device", "emulated", "--precision", precision));
        assertTrue(ran.err().contains("Training keeps frozen weights in " + storage + "; "), ran.err());
        JsonNode stored = ran.json();
        assertEquals(plain.path("base"), stored.path("base"), "the base is the one in the file");
        assertEquals(
                plain.path("validationAccuracy").asDouble(),
                stored.path("validationAccuracy").asDouble(),
                0.1);
    }

    @Test
    void a_language_model_in_a_folder_takes_it_too() throws IOException {
        Path base = folder.resolve("base");
        TinyLanguageModel.writeEncoder(base);
        Path texts = folder.resolve("texts.tsv");
        Files.writeString(texts, "cat\tthe cat sat on mat\nrat\ta rat ate the oat\n".repeat(8), StandardCharsets.UTF_8);
        JsonNode facts = amend4j(
                        "lora",
                        "train",
                        "--base",
                        base,
                        "--text",
                        texts,
                        "--out",
                        folder.resolve("adapter"),
                        "--epochs",
                        3,
                        "--lr",
                        0.02,
                        "--batch",
                        4,
                        "--base-storage",
                        "nf4",
                        "--json")
                .json();
        assertTrue(Double.isFinite(facts.path("loss").asDouble()), facts.toString());
    }

    @Test
    void what_cannot_be_had_beside_it_is_refused_and_nothing_is_left() throws IOException {
        amend4j(words("out", "--base-storage", "nf4", "--precision", "bf16", "--device", "cpu"))
                .refused("--base-storage nf4 is for products in fp32 on the CPU: leave --precision bf16 out");
        Ran unknown = amend4j(words("out", "--base-storage", "int4"));
        assertEquals(2, unknown.code());
        assertTrue(unknown.err().contains("expected one of [FP32, BF16, INT8, NF4]"), unknown.err());
        assertEquals(List.of("model.zip", "table.csv"), left());
    }

    /** Their steps carry guarantees, which nobody has worked out for rounded weights. */
    @ParameterizedTest
    @ValueSource(strings = {"unlearn demo", "descent demo"})
    void other_commands_have_no_such_option(String command) {
        Object[] words = Stream.concat(Stream.of(command.split(" ")), Stream.of("--base-storage", "nf4"))
                .toArray();
        Ran ran = amend4j(words);
        assertEquals(2, ran.code());
        assertTrue(ran.err().startsWith("Unknown options: '--base-storage', 'nf4'"), ran.err());
    }

    @Test
    void a_training_that_was_stopped_goes_on_with_its_own_storage_only() throws Exception {
        Path checkpoint = folder.resolve("out.checkpoint.safetensors");
        Object[] begun = words("out", "--epochs", 200, "--base-storage", "int8", "--checkpoint-every", 7);
        assertEquals(130, Ran.interruptedAt(checkpoint, begun).code());
        amend4j(words("out", "--epochs", 200, "--base-storage", "nf4", "--resume"))
                .refusedAtLast("--resume continues with the run's own --base-storage, 'INT8', got 'NF4'");
        amend4j(words("out", "--epochs", 200, "--resume"))
                .refusedAtLast("--resume continues with the run's own --base-storage, 'INT8', got 'FP32'");
        amend4j(words("out", "--epochs", 200, "--base-storage", "int8", "--resume"))
                .done();
    }
}
