/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.amend4j.app.forget.SmallForgetful;
import org.amend4j.testkit.Exhaustive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;

/** A file can say what it wants, and as much; a message about it stays one line that somebody can read. */
class StrangersTextTest {

    /** Characters of a message and the name of its file. The command line cuts, too, and would let through more. */
    private static final int LONGEST = 1_250;

    private static final String LONG = "x".repeat(300_000);

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path temp;

    private final List<String> broken = new ArrayList<>();
    private int refusals;

    @AfterEach
    void everyMessageWasShort() {
        assertEquals(List.of(), broken);
        assertTrue(refusals > 0, "nothing was refused");
    }

    private void require(String where, Object... words) {
        Ran ran = amend4j(words);
        refusals += ran.code() == 0 ? 0 : 1;
        boolean longLine = ran.err().lines().anyMatch(line -> line.length() > LONGEST);
        if (longLine || ran.err().contains("unexpectedly") || ran.out().length() > LONG.length()) {
            broken.add(where + ": " + ran.code() + " " + ran.err().length() + " "
                    + ran.err().substring(0, Math.min(300, ran.err().length())));
        }
    }

    /** Every way of putting a long text into a tree: for a value, or for a name. */
    private static List<byte[]> changed(byte[] json) throws IOException {
        List<byte[]> all = new ArrayList<>();
        JsonNode tree = JSON.readTree(json);
        walk(tree, none -> all.add(written(tree)));
        return all;
    }

    private static byte[] written(JsonNode tree) {
        try {
            return JSON.writeValueAsBytes(tree);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void walk(JsonNode node, Consumer<JsonNode> visitor) {
        if (node instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                JsonNode value = object.get(name);
                walk(value, visitor);
                object.set(name, TextNode.valueOf(LONG));
                visitor.accept(object);
                object.set(name, value);
                ObjectNode before = object.deepCopy();
                object.remove(name);
                object.set(LONG, value);
                visitor.accept(object);
                object.removeAll();
                object.setAll(before);
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                JsonNode value = array.get(i);
                walk(value, visitor);
                array.set(i, TextNode.valueOf(LONG));
                visitor.accept(array);
                array.set(i, value);
            }
        }
    }

    private void inJson(Path file, Object... words) throws IOException {
        byte[] before = Files.readAllBytes(file);
        List<byte[]> all = changed(before);
        int every = Math.max(1, all.size() / Exhaustive.times(8, 200));
        for (int k = 0; k < all.size(); k += every) {
            Files.write(file, all.get(k));
            require(file.getFileName() + " " + k, words);
        }
        Files.write(file, before);
    }

    /** In the header of safetensors, whose length comes first. */
    private void inHeader(Path file, Object... words) throws IOException {
        byte[] before = Files.readAllBytes(file);
        int length =
                (int) ByteBuffer.wrap(before).order(ByteOrder.LITTLE_ENDIAN).getLong();
        List<byte[]> all = changed(Arrays.copyOfRange(before, 8, 8 + length));
        int every = Math.max(1, all.size() / Exhaustive.times(8, 200));
        for (int k = 0; k < all.size(); k += every) {
            byte[] header = all.get(k);
            ByteBuffer whole =
                    ByteBuffer.allocate(before.length - length + header.length).order(ByteOrder.LITTLE_ENDIAN);
            whole.putLong(header.length).put(header).put(before, 8 + length, before.length - 8 - length);
            Files.write(file, whole.array());
            require(file.getFileName() + " " + k, words);
        }
        Files.write(file, before);
    }

    /** In place of every cell of the first two lines. */
    private void inCells(Path file, String separator, Object... words) throws IOException {
        List<String> before = Files.readAllLines(file);
        for (int line = 0; line < Math.min(2, before.size()); line++) {
            String[] cells = before.get(line).split(separator, -1);
            for (int cell = 0; cell < cells.length; cell++) {
                String[] other = cells.clone();
                other[cell] = LONG;
                List<String> lines = new ArrayList<>(before);
                lines.set(line, String.join(separator, other));
                Files.write(file, lines);
                require(file.getFileName() + " " + line + " " + cell, words);
            }
        }
        Files.write(file, before);
    }

    @Test
    void whatAdaptersSayIsShownShort() throws IOException {
        Path model = temp.resolve("model.zip");
        PeftFolder.writeTwin(model);
        Path peft = PeftFolder.write(temp.resolve("peft"), "layer.0.query", "layer.0.value", "head", "");
        Path out = temp.resolve("out");
        Object[] words = {"lora", "import", "--model", model, "--adapter", peft, "--out", out, "--overwrite"};
        inJson(peft.resolve("adapter_config.json"), words);
        inHeader(peft.resolve("adapter_model.safetensors"), words);
        amend4j("lora", "import", "--model", model, "--adapter", peft, "--out", temp.resolve("ours"))
                .done();
        for (String command : List.of("merge", "info")) {
            Object[] ours = command.equals("info")
                    ? new Object[] {"lora", "info", temp.resolve("ours")}
                    : new Object[] {
                        "lora",
                        "merge",
                        "--model",
                        model,
                        "--adapter",
                        temp.resolve("ours"),
                        "--out",
                        temp.resolve("m.zip")
                    };
            inJson(temp.resolve("ours/adapter_config.json"), ours);
            inHeader(temp.resolve("ours/adapter_model.safetensors"), ours);
        }
    }

    @Test
    void whatNetworksAndTablesSayIsShownShort() throws IOException {
        Path model = SmallClassifiers.ofRows(temp.resolve("model.zip"), Activation.TANH);
        Path table = SmallClassifiers.table(temp.resolve("table.csv"));
        Path json = temp.resolve("configuration.json");
        try (FileSystem zip = FileSystems.newFileSystem(model)) {
            Files.copy(zip.getPath("configuration.json"), json);
        }
        List<byte[]> all = changed(Files.readAllBytes(json));
        int every = Math.max(1, all.size() / Exhaustive.times(15, 200));
        for (int k = 0; k < all.size(); k += every) {
            Path other = Files.copy(model, temp.resolve("other-" + k + ".zip"));
            try (FileSystem zip = FileSystems.newFileSystem(other)) {
                Files.write(zip.getPath("configuration.json"), all.get(k));
            }
            require("configuration " + k, "lora", "info", other);
        }
        inCells(table, ",", "lora", "eval", "--model", model, "--data", table, "--label", "kind");
    }

    @Test
    void whatLanguageModelsSayIsShownShort() throws IOException {
        Path base = temp.resolve("base");
        TinyLanguageModel.write(base);
        Object[] words = {"generate", "--base", base, "--prompt", "the", "--max-tokens", 1};
        inJson(base.resolve("config.json"), words);
        inJson(base.resolve("tokenizer.json"), words);
        inHeader(base.resolve("model.safetensors"), words);
    }

    @Test
    void whatPoliciesSayIsShownShort() throws IOException {
        Path run = temp.resolve("run");
        amend4j("policy", "train", "--out", run, "--env", "Xor-v0", "--algo", "gpomdp", "--steps", 500)
                .done();
        Path policy = run.resolve("seed-1/policy");
        inJson(policy.resolve("policy.json"), "policy", "eval", policy, "--episodes", 1);
        inJson(run.resolve("run.json"), "policy", "report", run);
    }

    @Test
    @Tag("exhaustive")
    void whatFilesOfAModelThatForgetsSayIsShownShort() throws IOException {
        SmallForgetful people = SmallForgetful.in(temp);
        Path run = temp.resolve("run");
        people.train(run).done();
        people.on("delete", run, "--subject", "p1", "--method", "retrain").done();
        Object[] plan = people.words("plan", run, "--subject", "p2");
        inJson(run.resolve("service.json"), plan);
        Object[] verify = {
            "unlearn", "verify", run, "--public-key", SmallForgetful.keysOf(run).resolve("issuer.public")
        };
        inJson(run.resolve("releases/1/certificate.json"), verify);
        for (Object[] words : List.of(plan, verify)) {
            inCells(run.resolve("deletions.jsonl"), "\"", words);
            inCells(run.resolve("head.txt"), "\n", words);
        }
        inCells(people.table(), ",", plan);
        inCells(people.five(), "\n", people.words("plan", run, "--subjects-file", people.five()));
        Path key = Files.writeString(temp.resolve("key.txt"), LONG, StandardCharsets.UTF_8);
        require("key", "unlearn", "verify", run, "--public-key", key);
    }
}
