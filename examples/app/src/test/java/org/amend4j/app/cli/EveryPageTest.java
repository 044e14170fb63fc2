/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.amend4j.app.page.OpenPages;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every command whose result is kept as JSON leaves a page beside it, which opens in a browser. */
class EveryPageTest {

    private static final String ANSWER = "its answer is for the one who asks, and can name persons: it is printed only";

    private static final String MADE = "what it makes is its result";

    /** Commands that keep no result, and why. */
    private static final Map<String, String> PRINTED = Map.ofEntries(
            entry("unlearn train", MADE),
            entry("unlearn adopt", MADE),
            entry("unlearn delete", ANSWER),
            entry("unlearn eval", ANSWER),
            entry("unlearn verify", ANSWER),
            entry("unlearn open", ANSWER),
            entry("unlearn head", ANSWER),
            entry("unlearn cosign", ANSWER),
            entry("unlearn audit", ANSWER),
            entry("package-job", MADE),
            entry("completion", "a script, which a shell reads"),
            entry("reload", "the demo asks it in a process of its own"));

    /** Commands that take long, or need much: the tests of their parts make their pages, and open them. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "demo", "org.amend4j.app.demo.DemoPartsTest",
            "descent demo", "org.amend4j.app.descent.DescentPartsTest",
            "policy demo", "org.amend4j.app.policy.PolicyDemoTest",
            "text demo", "org.amend4j.app.textdemo.TextDemoTest",
            "unlearn demo", "org.amend4j.app.unlearn.UnlearnPartsTest",
            "unlearn plan", "org.amend4j.app.forget.ForgetfulCommandsTest");

    @TempDir
    private static Path folder = Path.of("");

    /** What others are about: an adapter and a policy. */
    @BeforeAll
    static void train() throws IOException {
        run("lora train");
        run("policy train");
    }

    /** What is run here, with as little as possible. */
    private static Map<String, String> runs() {
        return Map.ofEntries(
                entry(
                        "lora train",
                        "--model MODEL --data PICTURES --side 8 --targets 0 --train-in-full 2 --rank 2 --epochs 30"
                                + " --validation 0.5 --classes red,green --lr 0.02 --out ADAPTER --report JSON"),
                entry("lora eval", "--model MODEL --data PICTURES --adapter ADAPTER --report JSON"),
                entry("lora merge", "--model MODEL --adapter ADAPTER --out MERGED --report JSON"),
                entry("lora info", "MODEL --report JSON"),
                entry("lora combine", "--adapter ADAPTER --weight 0.5 --out COMBINED --report JSON"),
                entry("lora explain", "--model MODEL --side 8 --report JSON"),
                entry("lora export", "--model MODEL --adapter ADAPTER --out EXPORTED --report JSON"),
                entry("lora import", "--model TWIN --adapter PEFT --out IMPORTED --report JSON"),
                entry("generate", "--base LANGUAGE --prompt ab --tokens 5 --report JSON"),
                entry(
                        "text pretrain",
                        "--text TEXT --vocabulary 260 --width 8 --layers 1 --heads 2 --feed-forward 8 --context 8 --epochs 1"
                                + " --out LLAMA --report JSON"),
                entry("embed", "--base ENCODER --text ab --text cat --report JSON"),
                entry("checkpoint import", "--from ONNX --out CHECKPOINT --report JSON"),
                entry("doctor", "--report JSON"),
                entry("plan", "MODEL --side 8 --report JSON"),
                entry("bench", "--device emulated --no-demo --json JSON"),
                entry("policy train", "--env Xor-v0 --algo gpomdp --steps 400 --out RUN"),
                entry("policy eval", "RUN/seed-1/policy --episodes 5 --report JSON"),
                entry("policy report", "RUN/seed-1/policy --trajectories 50 --report JSON"));
    }

    private static Path json(String command) {
        return command.equals("policy train")
                ? folder.resolve("RUN/report.json")
                : folder.resolve(command.replace(' ', '-') + ".json");
    }

    private static void run(String command) throws IOException {
        if (Files.notExists(folder.resolve("MODEL"))) {
            SmallClassifiers.ofPictures(folder.resolve("MODEL"));
            SmallClassifiers.pictures(folder.resolve("PICTURES"));
            PeftFolder.writeTwin(folder.resolve("TWIN"));
            TinyLanguageModel.write(folder.resolve("LANGUAGE"));
            TinyLanguageModel.writeEncoder(folder.resolve("ENCODER"));
            Files.write(folder.resolve("ONNX"), TinyLanguageModel.exportedEncoder());
            Files.writeString(folder.resolve("TEXT"), "the cat sat on the mat\n".repeat(20));
            PeftFolder.write(folder.resolve("PEFT"), "layer.0.query", "layer.0.value", "head", "");
        }
        Object[] words = Stream.of((command + " " + runs().get(command)).split(" ", -1))
                .map(word -> word.equals("JSON") ? json(command).toString() : placed(word))
                .toArray();
        Ran.amend4j(words).done();
    }

    /** Names in capitals are of files. */
    private static String placed(String word) {
        return word.matches("[A-Z]{3,}(/.*)?") ? folder.resolve(word).toString() : word;
    }

    static Set<String> here() {
        return new TreeSet<>(runs().keySet());
    }

    @ParameterizedTest
    @MethodSource("here")
    void itsPageOpens(String command) throws IOException {
        assumeTrue(
                !command.equals("bench") || EmulatedDevice.missing().isEmpty(), "nothing that can be measured quickly");
        if (Files.notExists(json(command))) {
            run(command);
        }
        OpenPages.opens(json(command), command.replace(' ', '-'));
    }

    /** By name; commands that only have others are none. */
    private static Map<String, Object> commands(CommandLine line, String name) {
        Map<String, Object> found = new TreeMap<>();
        if (line.getSubcommands().isEmpty()) {
            found.put(name.strip(), line.getCommand());
        }
        line.getSubcommands().forEach((word, below) -> found.putAll(commands(below, name + " " + word)));
        return found;
    }

    @Test
    void noCommandIsForgotten() throws ClassNotFoundException {
        Set<String> known = new TreeSet<>(here());
        known.addAll(ELSEWHERE.keySet());
        assertEquals(Set.of(), intersection(known, PRINTED.keySet()));
        known.addAll(PRINTED.keySet());
        Map<String, Object> all = commands(Amend4j.line(), "");
        assertEquals(known, all.keySet());
        for (String name : PRINTED.keySet()) {
            assertFalse(all.get(name) instanceof PageJob || all.get(name) instanceof FolderJob, name);
        }
        for (String test : ELSEWHERE.values()) {
            Class.forName(test, false, getClass().getClassLoader());
        }
    }

    private static Set<String> intersection(Set<String> one, Set<String> other) {
        Set<String> both = new TreeSet<>(one);
        both.retainAll(other);
        return both;
    }

    @Test
    void aPageOfLoraHasTheMapAndThePicturesAndItsJsonTheCounts() throws IOException {
        JsonNode facts = new ObjectMapper().readTree(json("lora train").toFile());
        JsonNode changes = facts.at("/baseAlone/changes");
        assertEquals(
                12,
                Stream.of("rightToRight", "wrongToRight", "rightToWrong", "wrongToWrong")
                        .mapToInt(name -> changes.path(name).asInt(-100))
                        .sum());
        assertEquals(
                facts.path("validationAccuracy").asDouble(),
                (changes.path("rightToRight").asInt()
                                + changes.path("wrongToRight").asInt())
                        / 12.0);
        String page = Files.readString(folder.resolve("lora-train.html"));
        assertTrue(page.contains("adapter of rank 2, alpha 16, scaling 8"), page);
        assertTrue(page.contains("data:image/png;base64,"), page);
    }

    @Test
    void aReportThatWouldReplaceSomethingElseIsRefused() throws IOException {
        Path model = folder.resolve("MODEL");
        Ran.amend4j("lora", "info", model, "--report", model).refused("--report must end in .json");
        Ran.amend4j("lora", "info", model, "--report", model.resolve("a.json")).refused("--report");
        for (String taken : List.of("settings.json", "index.html")) {
            Path file = Files.writeString(folder.resolve(taken), "mine");
            Path report = folder.resolve(taken.replace(".html", ".json"));
            Ran.amend4j("lora", "info", model, "--report", report)
                    .refused("--report: " + file + " exists and is no earlier report");
            assertEquals("mine", Files.readString(file));
        }
    }

    @Test
    void aReportReplacesAnEarlierOneOfTheSameCommand() throws IOException {
        Path report = folder.resolve("again.json");
        assertEquals(
                0,
                Ran.amend4j("lora", "info", folder.resolve("MODEL"), "--report", report)
                        .code());
        assertEquals(
                0,
                Ran.amend4j("lora", "info", folder.resolve("MODEL"), "--report", report)
                        .code());
        Ran.amend4j("doctor", "--report", report).refused("is no earlier report \"This machine\"");
    }
}
