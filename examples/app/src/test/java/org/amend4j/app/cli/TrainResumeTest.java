/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.amend4j.testkit.Exhaustive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;

/** A training of an adapter that was stopped or killed goes on as if it had not been, or says why it cannot. */
class TrainResumeTest {

    /** Seven steps each. */
    private static final int EPOCHS = 100;

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Path table = Path.of("");
    private Path out = Path.of("");
    private Path checkpoint = Path.of("");

    @BeforeEach
    void makeModelAndTable() throws IOException {
        model = SmallClassifiers.ofRows(folder.resolve("model.zip"), Activation.TANH);
        table = SmallClassifiers.table(folder.resolve("table.csv"));
        out = folder.resolve("adapter");
        checkpoint = folder.resolve("adapter.checkpoint.safetensors");
    }

    /** @param more options that replace those of the same name */
    private Object[] words(Path to, Object... more) {
        return Ran.words(
                List.of("lora", "train", "--model", model, "--data", table, "--labels", "kind", "--out", to, "--json"),
                Map.of("--epochs", EPOCHS, "--lr", 0.01),
                more);
    }

    private static Map<String, List<Byte>> contents(Path adapter) throws IOException {
        Map<String, List<Byte>> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(adapter)) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                Byte[] boxed = new Byte[bytes.length];
                Arrays.setAll(boxed, k -> bytes[k]);
                contents.put(String.valueOf(file.getFileName()), List.of(boxed));
            }
        }
        return contents;
    }

    /** All that it says but where and how long. */
    private static JsonNode result(Ran ran) throws IOException {
        ObjectNode json = (ObjectNode) ran.json();
        return json.without(List.of("adapter", "seconds"));
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    /** As soon as it has a checkpoint. */
    private Ran interrupted(Object... words) throws Exception {
        return Ran.interruptedAt(checkpoint, words);
    }

    @Test
    void aTrainingThatWasInterruptedSaysHowToGoOnAndEndsWithTheSameAdapterAndReport() throws Exception {
        Path whole = folder.resolve("whole");
        JsonNode expected = result(amend4j(words(whole)));
        Ran stopped = interrupted(words(out, "--checkpoint-every", 1));
        assertEquals(130, stopped.code(), stopped.err());
        assertEquals(
                "amend4j: interrupted. The checkpoint is " + checkpoint
                        + ": continue with the same command and --resume.",
                stopped.err().lines().reduce("", (before, line) -> line));
        assertEquals("", stopped.out());
        assertEquals(List.of("adapter.checkpoint.safetensors", "model.zip", "table.csv", "whole"), left());

        amend4j(words(out)).refused("--out: a training of " + out + " was stopped", "--resume continues it");
        Ran resumed = amend4j(words(out, "--resume"));
        assertEquals(expected, result(resumed));
        assertTrue(resumed.err().contains(" of 700 steps, in epoch "), resumed.err());
        assertEquals(contents(whole), contents(out));
        assertEquals(List.of("adapter", "model.zip", "table.csv", "whole"), left());
        amend4j(words(out, "--resume")).refused("--resume: " + out + " is there already");
    }

    /** Of the training before it stopped, where a checkpoint is made at every seventh step. */
    private void stop() throws Exception {
        assertEquals(130, interrupted(words(out, "--checkpoint-every", 7)).code());
    }

    @Test
    void aTrainingGoesOnWithItsOwnSettingsDataAndModelOnly() throws Exception {
        stop();
        byte[] before = Files.readAllBytes(checkpoint);
        String own = "--resume continues with the run's own ";
        Map<String, Object[]> others = Map.of(
                "--lr, '0.01', got '0.02'", new Object[] {"--lr", 0.02},
                "--epochs, '100', got '5'", new Object[] {"--epochs", 5},
                "--batch, '32', got '31'", new Object[] {"--batch", 31},
                "--seed, '1', got '2'", new Object[] {"--seed", 2},
                "--updater, 'ADAM as PyTorch's', got 'SGD'", new Object[] {"--updater", "sgd"},
                "--clip-norm, 'never', got '2.0'", new Object[] {"--clip-norm", 2},
                "--validation, '0.1', got '0.0'", new Object[] {"--validation", 0},
                "--train-in-full, '', got '2'", new Object[] {"--train-in-full", 2},
                "classes, 'k0, k1, k2', got 'k1, k0, k2'", new Object[] {"--classes", "k1,k0,k2"},
                "adapters, '0 of rank 4 scaled by 2.0 with dropout 0.0", new Object[] {"--rank", 2});
        for (Map.Entry<String, Object[]> other : others.entrySet()) {
            Object[] more = Stream.concat(Stream.of("--resume"), Stream.of(other.getValue()))
                    .toArray();
            amend4j(words(out, more)).refusedAtLast(own + other.getKey(), checkpoint.toString());
        }
        amend4j(words(out, "--resume", "--max-grad-norm", 3))
                .refusedAtLast(own + "--max-grad-norm, 'never', got '3.0'", checkpoint.toString());
        String rows = Files.readString(table);
        Files.writeString(table, rows.replaceFirst("k1", "k2"));
        amend4j(words(out, "--resume")).refusedAtLast(own + "--data, '");
        Files.writeString(table, rows);
        SmallClassifiers.ofRows(model, Activation.RELU);
        amend4j(words(out, "--resume")).refusedAtLast(own + "--model, '");
        assertArrayEquals(before, Files.readAllBytes(checkpoint));
        assertEquals(List.of("adapter.checkpoint.safetensors", "model.zip", "table.csv"), left());
    }

    @Test
    void aDamagedCheckpointIsRefusedInOneSentenceAndLeftAsItIs() throws Exception {
        amend4j(words(out, "--resume")).refused("--resume: there is no checkpoint " + checkpoint);
        stop();
        byte[] whole = Files.readAllBytes(checkpoint);
        List<byte[]> damaged = new ArrayList<>();
        for (int length : new int[] {0, 7, 8, 100, whole.length / 2, whole.length - 1}) {
            damaged.add(Arrays.copyOf(whole, length));
        }
        damaged.add(Arrays.copyOf(whole, whole.length + 1));
        Random random = new Random(7);
        for (int k = 0; k < 40; k++) {
            byte[] flipped = whole.clone();
            flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
            damaged.add(flipped);
        }
        damaged.add(Files.readAllBytes(model));
        for (byte[] bytes : damaged) {
            Files.write(checkpoint, bytes);
            amend4j(words(out, "--resume"))
                    .refused("--resume: the checkpoint " + checkpoint + " cannot be used: ", "delete it to begin");
            assertArrayEquals(bytes, Files.readAllBytes(checkpoint));
        }
        Files.delete(checkpoint);
        Files.createDirectory(checkpoint);
        amend4j(words(out, "--resume")).refused(" cannot be used: ");
        amend4j(words(out)).refused("was stopped");
        assertEquals(List.of("adapter.checkpoint.safetensors", "model.zip", "table.csv"), left());
    }

    /** What a process leaves that is killed while it writes a checkpoint or the adapter, or between that and the checkpoint's removal. */
    @Test
    void whatAKilledProcessLeavesIsClearedAndWhatIsTheUsersStays() throws Exception {
        stop();
        Files.writeString(folder.resolve(".adapter.checkpoint.safetensors." + UUID.randomUUID() + ".tmp"), "half");
        Files.createFile(folder.resolve(".adapter.lock"));
        Path half = Files.createDirectory(folder.resolve(".4711.adapter"));
        Files.writeString(half.resolve("adapter_config.json"), "{");
        Files.createDirectory(folder.resolve(".mine.adapter"));
        Files.writeString(folder.resolve(".4712.adapter"), "mine");
        byte[] kept = Files.readAllBytes(checkpoint);
        assertEquals(0, amend4j(words(out, "--resume")).code());
        assertEquals(List.of(".4712.adapter", ".mine.adapter", "adapter", "model.zip", "table.csv"), left());
        Files.write(checkpoint, kept);
        amend4j(words(out, "--resume")).refused("nothing to go on with", checkpoint + " can be deleted");
        amend4j(words(out)).refused("exists already");
    }

    @Test
    void aTrainingWhoseLossIsNoNumberLeavesNoCheckpoint() throws IOException {
        Object[] large = {"--lr", "1e39", "--updater", "sgd", "--targets", "none", "--train-in-full", "2"};
        Ran ran = amend4j(words(out, large), "--checkpoint-every", 1);
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().contains("a smaller --lr may help"), ran.err());
        assertEquals(List.of("model.zip", "table.csv"), left());
        amend4j(words(out, "--checkpoint-every", 0)).refused("--checkpoint-every must be >= 1, got 0");
    }

    /** In a process of its own. */
    private Process training(Object... more) throws IOException {
        return Started.amend4j(folder, words(out, more));
    }

    /** As soon as it has written another checkpoint. */
    private void kill(Process process) throws Exception {
        FileTime before = Files.exists(checkpoint) ? Files.getLastModifiedTime(checkpoint) : FileTime.fromMillis(0);
        while (process.isAlive()
                && !(Files.exists(checkpoint)
                        && Files.getLastModifiedTime(checkpoint).compareTo(before) > 0)) {
            Thread.sleep(2);
        }
        process.destroyForcibly();
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(137, process.exitValue(), Files.readString(folder.resolve("err")));
    }

    /** Killed twice where all is tried. All of it in processes of their own, which have as many threads. */
    @Test
    void aTrainingThatWasKilledEndsWithTheSameAdapterAndReport() throws Exception {
        Path whole = folder.resolve("whole");
        JsonNode expected = result(amend4j(words(whole)));
        kill(training("--checkpoint-every", 1));
        if (Exhaustive.on()) {
            byte[] first = Files.readAllBytes(checkpoint);
            kill(training("--checkpoint-every", 5, "--resume"));
            assertFalse(Arrays.equals(first, Files.readAllBytes(checkpoint)));
        }
        Process last = training("--resume");
        assertTrue(last.waitFor(5, TimeUnit.MINUTES));
        String err = Files.readString(folder.resolve("err"));
        assertEquals(expected, result(new Ran(last.exitValue(), Files.readString(folder.resolve("said")), err)));
        assertEquals(contents(whole), contents(out));
        assertEquals(List.of("adapter", "err", "model.zip", "said", "table.csv", "whole"), left());
    }
}
