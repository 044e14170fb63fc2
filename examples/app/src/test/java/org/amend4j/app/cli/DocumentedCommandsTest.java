/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command lines that scripts run and that texts tell people to run. */
class DocumentedCommandsTest {

    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final Path PORTABLE = Path.of("src/main/resources/org/amend4j/app/portable");

    /** Up to a comment, a redirection or the next command. */
    private static final Pattern WORD =
            Pattern.compile("\\s*((?:'[^']*'|\"[^\"]*\"|[^\\s'\"#>;|&])(?:'[^']*'|\"[^\"]*\"|[^\\s'\">;|&])*)");

    private static final Pattern LOOP = Pattern.compile("(?m)^for (\\w+) in (\\S+)");

    private static String text(Path file) throws IOException {
        return Files.readString(file).replace("\\\n", " ");
    }

    /** A shell's words; variables of loops have their first value. */
    private static String[] words(String command, String script) {
        String line = command;
        for (Matcher loop = LOOP.matcher(script); loop.find(); ) {
            line = line.replace("$" + loop.group(1), loop.group(2));
        }
        List<String> words = new ArrayList<>();
        for (Matcher word = WORD.matcher(line); word.lookingAt(); word.region(word.end(), line.length())) {
            words.add(word.group(1).replaceAll("['\"]", ""));
        }
        return words.toArray(String[]::new);
    }

    private static List<String> found(String regex, String text) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map(hit -> hit.group(1))
                .toList();
    }

    /** Whole lines: nothing may be missing. */
    private static int check(Path file, String start) throws IOException {
        String text = text(file);
        List<String> commands = found("(?m)^ *" + Pattern.quote(start) + "( .*)$", text);
        for (String command : commands) {
            try {
                Amend4j.line().parseArgs(words(command, text));
            } catch (ParameterException wrong) {
                throw new AssertionError(file + ": " + start + command, wrong);
            }
        }
        return commands.size();
    }

    /** In the middle of a sentence: commands may be named without what they need. */
    private static int checkNames(Path file) throws IOException {
        List<String> commands = found("`(?:\\./)?amend4j( [^`…]*?)[ …]*`", text(file));
        for (String command : commands) {
            try {
                Amend4j.line().parseArgs(words(command, ""));
            } catch (ParameterException wrong) {
                if (!(wrong instanceof MissingParameterException)) {
                    throw new AssertionError(file + ": amend4j" + command, wrong);
                }
            }
        }
        return commands.size();
    }

    @Test
    void everyCommandInScriptsAndTextsExistsWithItsOptions() throws IOException {
        check(ROOT.resolve("README.md"), "./amend4j");
        assertTrue(checkNames(ROOT.resolve("README.md")) >= 5);
        assertTrue(checkNames(ROOT.resolve("docs/guide/commands.md")) >= 15);
        assertEquals(3, check(ROOT.resolve("cuda/on-a-card.sh"), "./amend4j"));
        int whole = 0;
        int named = 0;
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            for (Path page :
                    docs.filter(page -> page.toString().endsWith(".md")).toList()) {
                whole += check(page, "./amend4j");
                named += checkNames(page);
            }
        }
        assertTrue(whole >= 10, whole + " commands");
        assertTrue(named >= 20, named + " names of commands");
    }

    @Test
    void everyCommandHasTwoExamplesInItsHelpThatExistWithTheirOptions() throws IOException {
        Path file = Path.of("src/main/resources/org/amend4j/app/cli/examples.txt");
        assertEquals(Files.readAllLines(file).size(), check(file, "./amend4j"));
        List<String> without = new ArrayList<>();
        for (CommandLine command : leaves(Amend4j.line()).toList()) {
            String start = "./" + command.getCommandSpec().qualifiedName();
            long own = Files.readAllLines(file).stream()
                    .filter(line -> (line + " ").startsWith(start + " "))
                    .count();
            String help = command.getUsageMessage();
            assertEquals(
                    own,
                    found("(?m)^  (" + Pattern.quote(start) + "(?: .*)?)$", help)
                            .size(),
                    help);
            if (own < 2 && !start.endsWith(" completion")) {
                without.add(start);
            }
        }
        assertEquals(List.of(), without);
    }

    private static Stream<CommandLine> leaves(CommandLine line) {
        return line.getCommandSpec().usageMessage().hidden()
                ? Stream.empty()
                : line.getSubcommands().isEmpty()
                        ? Stream.of(line)
                        : line.getSubcommands().values().stream().flatMap(DocumentedCommandsTest::leaves);
    }

    @Test
    void helpOfManyOptionsHasEachOnceInASection() {
        CommandLine train = Amend4j.line("lora", "train", "--help")
                .getSubcommands()
                .get("lora")
                .getSubcommands()
                .get("train");
        String help = train.getUsageMessage();
        List<String> titles = found("(?m)^([A-Z][a-z]+):$", help);
        assertEquals(List.of("Input", "Adapter", "Training", "Computation", "Output", "Examples"), titles);
        for (OptionSpec option : train.getCommandSpec().options()) {
            assertEquals(
                    1,
                    found("(?m)^ {2,6}(?:-., )?(" + Pattern.quote(option.longestName()) + ")(?=[ =,\\[]|$)", help)
                            .size(),
                    option.longestName());
        }
    }

    /** What the README of a packed job gives to bench. */
    @Test
    void everyOptionOfAPackedJobExists() throws IOException {
        String text = text(PORTABLE.resolve("README.txt"));
        List<String> commands = found("(?m)^  sh run\\.sh bench((?: +--.*?)?)(?:$|  )", text);
        assertTrue(!commands.isEmpty());
        for (String command : commands) {
            Amend4j.line().parseArgs(words("bench" + command, text));
        }
    }

    @Test
    void anOptionThatDoesNotExistIsNoticed() throws IOException {
        Path file = Files.writeString(folder.resolve("a.sh"), "  ./amend4j doctor --json \"$out/doctor.json\"\n");
        assertThrows(AssertionError.class, () -> check(file, "./amend4j"));
        Path text = Files.writeString(folder.resolve("a.md"), "see `./amend4j plan --depth 3`");
        assertThrows(AssertionError.class, () -> checkNames(text));
        assertThrows(UnmatchedArgumentException.class, () -> Amend4j.line().parseArgs(words("doctor 'a b'", "")));
    }

    @TempDir
    private Path folder;

    private void program(String name, String script) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script);
        assertTrue(file.toFile().setExecutable(true));
    }

    /** With stand-ins for Python, Maven and the command line: results are where they were wanted, from whatever folder. */
    @Test
    void theScriptForACardRunsToItsEnd() throws IOException, InterruptedException {
        assumeTrue(File.separatorChar == '/', "There is a shell.");
        Files.createDirectories(folder.resolve("cuda"));
        Files.copy(ROOT.resolve("cuda/on-a-card.sh"), folder.resolve("cuda/on-a-card.sh"));
        program("mvn", "exit 0\n");
        program("python3", "case $1 in *.py) echo '{}' > \"$3\" ;; esac\n");
        program(
                "amend4j",
                "case $1 in doctor) echo '{}' ;; bench) for last; do :; done; echo '{}' > \"$last\" ;; esac\n");
        Path elsewhere = Files.createDirectories(folder.resolve("some where"));
        ProcessBuilder builder = new ProcessBuilder("sh", "../cuda/on-a-card.sh", "my results")
                .directory(elsewhere.toFile())
                .redirectErrorStream(true);
        builder.environment().merge("PATH", folder.toString(), (path, first) -> first + File.pathSeparator + path);
        Process process = builder.start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), text);
        try (Stream<Path> results = Files.list(elsewhere.resolve("my results"))) {
            assertEquals(
                    List.of(
                            "bench-bf16.json",
                            "bench-cpu.json",
                            "bench-fp32.json",
                            "bench-tf32.json",
                            "card.json",
                            "doctor.json"),
                    results.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }
}
