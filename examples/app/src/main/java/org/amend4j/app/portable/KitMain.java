/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.job.Json;
import org.amend4j.app.job.Sentence;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.file.Folders;

/**
 * The program that a packed job's run.sh starts: it looks for CUDA's libraries, starts doctor, tests, bench or the test of the card in
 * processes of their own, and writes all results into one JSON file.
 */
public final class KitMain {

    private static final String MAIN = "org.amend4j.app.cli.Amend4j";
    private static final String USAGE = """
            run.sh must be told what to do:
              sh run.sh doctor                        what is here and what is missing
              sh run.sh card [OPTIONS OF card.py]     a first look in Python, without Java
              sh run.sh tests [--device cuda|stand-in|emulated] [--quick]
              sh run.sh bench [--precision fp32|tf32|bf16] [--no-demo] [OPTIONS OF amend4j bench]
            Everything is added to result.json in the current folder; --json FILE names another file.""";

    /** Where the tests of devices run on the device that is asked for. */
    private static final String KERNEL_TESTS =
            ".*\\.(\\w+KernelsTest|GemmTest|RecordingTest|Device\\w*Test|LayerNormObjectiveTest|BesideWeightsTest)";

    private static final String QUICK_TESTS = ".*\\.(GemmTest|OptimizerKernelsTest)";
    private static final String CONTRACT_TESTS = ".*\\.contract\\.\\w+ContractTest";

    private final Path kit;
    private final MachineFindings findings;
    private final CudaLibraries libraries;
    private final PrintStream out;

    private KitMain(Path kit, MachineFindings findings, CudaLibraries libraries, PrintStream out) {
        this.kit = kit;
        this.findings = findings;
        this.libraries = libraries;
        this.out = out;
    }

    /** Exits with 0 if all went well, 1 if something did not, 2 for bad input. */
    @SuppressWarnings("SystemExitOutsideMain")
    public static void main(String... args) {
        System.exit(run(System.out, System.err, args));
    }

    static int run(PrintStream out, PrintStream err, String... args) {
        try {
            List<String> words = new ArrayList<>(List.of(args));
            Path result = Path.of(taken(words, "--json", "result.json"));
            if (words.isEmpty() || !List.of("doctor", "card", "tests", "bench").contains(words.get(0))) {
                throw new BadInputException(USAGE);
            }
            String kit = System.getProperty("amend4j.kit");
            if (kit == null) {
                throw new BadInputException("start it by run.sh");
            }
            CudaLibraries libraries = CudaLibraries.find(System.getenv(), MachineFacts.pythonPackages(), Path.of("/"));
            KitMain main = new KitMain(Path.of(kit), new MachineFindings(result), libraries, out);
            main.findings.put(Json.tree(MachineFacts.here()), "machine");
            main.findings.put(Json.tree(libraries.facts()), "libraries");
            int code = main.dispatch(words);
            out.println("Written: " + result.toAbsolutePath());
            return code;
        } catch (BadInputException refused) {
            err.println("amend4j: " + refused.getMessage());
            return 2;
        } catch (IOException failed) {
            err.println("amend4j: " + Sentence.of(failed));
            return 1;
        }
    }

    /** An option's value, which is taken out of the words. */
    private static String taken(List<String> words, String option, String otherwise) {
        int at = words.indexOf(option);
        if (at < 0) {
            return otherwise;
        }
        if (at + 1 == words.size()) {
            throw new BadInputException(option + " needs a value");
        }
        words.remove(at);
        return words.remove(at);
    }

    private int dispatch(List<String> words) throws IOException {
        List<String> more = words.subList(1, words.size());
        libraries.sentences().forEach(out::println);
        return switch (words.get(0)) {
            case "doctor" -> doctor(more);
            case "card" -> card(more);
            case "tests" -> tests(new ArrayList<>(more));
            default -> bench(more);
        };
    }

    private int doctor(List<String> options) throws IOException {
        if (!options.isEmpty()) {
            throw new BadInputException("doctor takes no options, got " + String.join(" ", options));
        }
        Path json = work().resolve("doctor.json");
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "out=$1; shift; exec \"$@\" > \"$out\"", "sh", json.toString()));
        command.addAll(java(List.of(), "lib/*", MAIN));
        command.addAll(List.of("doctor", "--json"));
        int code = attempt(command, json, "doctor");
        if (code == 0) {
            JsonNode device = Json.read(Files.readAllBytes(json)).path("device");
            out.println("Way of computing: " + device.path("way").asText());
            device.path("missing").forEach(sentence -> out.println("Missing: " + sentence.asText()));
        }
        return code;
    }

    private int card(List<String> options) throws IOException {
        Path json = work().resolve("card.json");
        List<String> command =
                new ArrayList<>(List.of("python3", kit.resolve("card.py").toString()));
        command.addAll(List.of("--kernels", kit.resolve("kernels").toString(), "--json", json.toString()));
        command.addAll(options);
        return attempt(command, json, "card");
    }

    private int bench(List<String> options) throws IOException {
        List<String> arguments = new ArrayList<>(options);
        if (!arguments.contains("--device")) {
            arguments.addAll(0, List.of("--device", "cuda"));
        }
        String device = taken(new ArrayList<>(arguments), "--device", "cuda");
        String precision =
                taken(new ArrayList<>(arguments), "--precision", "fp32").toLowerCase(Locale.ROOT);
        String quick = arguments.contains("--quick") ? " quick" : "";
        Path json = work().resolve("bench.json");
        List<String> command = java(List.of(), "lib/*", MAIN);
        command.add("bench");
        command.addAll(arguments);
        command.addAll(List.of("--json", json.toString()));
        return attempt(command, json, "bench", device + " " + precision + quick);
    }

    private int tests(List<String> options) throws IOException {
        String device = taken(options, "--device", "cuda");
        boolean quick = options.remove("--quick");
        if (!options.isEmpty() || !List.of("cuda", "stand-in", "emulated").contains(device)) {
            throw new BadInputException("tests takes --device cuda|stand-in|emulated and --quick, got --device "
                    + device + " " + String.join(" ", options));
        }
        int code = suite(device, quick ? "quick" : "kernels", "cuda-tests.jar", quick ? QUICK_TESTS : KERNEL_TESTS);
        if (!quick && Files.exists(kit.resolve("test/contract-tests.jar"))) {
            code = Math.max(code, suite(device, "contracts", "contract-tests.jar", CONTRACT_TESTS));
        }
        return code;
    }

    private int suite(String device, String name, String jar, String classes) throws IOException {
        Path reports = work().resolve("reports-" + name);
        Folders.delete(reports);
        List<String> command = java(
                List.of("-Damend4j.device=" + device, "-Damend4j.exhaustive=true"),
                "lib/*:test/*",
                "org.junit.platform.console.ConsoleLauncher");
        command.addAll(List.of(
                "execute",
                "--scan-classpath=" + kit.resolve("test").resolve(jar),
                "--include-classname=" + classes,
                "--reports-dir=" + reports,
                "--details=summary",
                "--disable-banner",
                "--disable-ansi-colors",
                "--fail-if-no-tests"));
        Begun begun = Begun.now(command);
        ChildProcess.End end = new ChildProcess(command, work(), variables(), out).run(() -> {});
        TestReport report = TestReport.of(reports);
        findings.put(Json.tree(new Suite(begun, report.facts(), Ended.now(end))), "tests", device + " " + name);
        out.println(String.format(
                Locale.ROOT,
                "%s on %s: %d tests, %d failed, %d skipped.",
                name,
                device,
                report.tests(),
                report.failures().size(),
                report.skipped()));
        report.reasons().forEach(reason -> out.println("Skipped: " + reason));
        return end.code() == 0 ? 0 : 1;
    }

    /** Runs a command that writes JSON; what it wrote is put at a place as soon as it is there, and so is how it ended. */
    private int attempt(List<String> command, Path json, String... place) throws IOException {
        Files.deleteIfExists(json);
        Begun begun = Begun.now(command);
        ChildProcess.End end = new ChildProcess(command, Path.of("").toAbsolutePath(), variables(), out)
                .run(() -> put(begun, Ended.NOT_YET, json, place));
        put(begun, Ended.now(end), json, place);
        return end.code() == 0 ? 0 : end.code() == 2 ? 2 : 1;
    }

    private void put(Begun begun, Ended ended, Path json, String... place) throws IOException {
        findings.put(Json.tree(new Attempt(begun, ended, whole(json))), place);
    }

    /** What is in a file, unless it is still being written. */
    private static Optional<JsonNode> whole(Path json) throws IOException {
        if (Files.notExists(json)) {
            return Optional.empty();
        }
        try {
            JsonNode result = Json.read(Files.readAllBytes(json));
            return Optional.of(result).filter(JsonNode::isObject);
        } catch (JsonProcessingException notYet) {
            return Optional.empty();
        }
    }

    /** A command that wrote JSON. */
    private record Attempt(
            @JsonUnwrapped Begun begun, @JsonUnwrapped Ended ended, Optional<JsonNode> result) {}

    /** A run of tests. */
    private record Suite(
            @JsonUnwrapped Begun begun,
            @JsonUnwrapped TestReport.Facts tests,
            @JsonUnwrapped Ended ended) {}

    private record Begun(String command, String begun) {

        static Begun now(List<String> command) {
            return new Begun(String.join(" ", command), KitMain.now());
        }
    }

    /**
     * How a command ended.
     *
     * @param lastLines of one that failed
     */
    private record Ended(Optional<String> ended, Optional<Integer> exitCode, Optional<List<String>> lastLines) {

        static final Ended NOT_YET = new Ended(Optional.empty(), Optional.empty(), Optional.empty());

        static Ended now(ChildProcess.End end) {
            return new Ended(
                    Optional.of(KitMain.now()),
                    Optional.of(end.code()),
                    Optional.of(end.lastLines()).filter(lines -> end.code() != 0));
        }
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private Path work() throws IOException {
        return Files.createDirectories(kit.resolve("work"));
    }

    /** CUDA's libraries are found by the loader when the process starts, or not at all. */
    private Map<String, String> variables() {
        String path = libraries.libraryPath(System.getenv());
        return path.isEmpty() ? Map.of() : Map.of("LD_LIBRARY_PATH", path);
    }

    private List<String> java(List<String> options, String classPath, String main) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Djava.awt.headless=true");
        command.add("-Damend4j.terminal=" + System.getProperty("amend4j.terminal", "false"));
        command.add("-Dorg.bytedeco.javacpp.cachedir=" + work().resolve("javacpp"));
        command.addAll(options);
        for (String option :
                System.getenv().getOrDefault("AMEND4J_JAVA_OPTS", "").split(" ", -1)) {
            if (!option.isBlank()) {
                command.add(option);
            }
        }
        command.add("-cp");
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(":", -1)) {
            entries.add(kit.resolve(entry).toString());
        }
        command.add(String.join(":", entries));
        command.add(main);
        return command;
    }
}
