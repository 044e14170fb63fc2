/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A project of somebody else, with what README tells to add and nothing else of ours: compiled by Maven against the jars of this
 * build, in a local repository of its own, and run.
 */
@Tag("exhaustive")
class ConsumerTest {

    private static final Path ROOT =
            Path.of("").toAbsolutePath().resolveSibling("").normalize();

    /** Adapters of rank 8 have 8·(20 + 30) and 8·(30 + 30) parameters, the head 93, the layers below it 630 and 930. */
    private static final String OUTPUT =
            "trainable params: 973 || all params: 2,533 || trainable%: 38.4129" + System.lineSeparator();

    private static final Pattern BACKEND = Pattern.compile(
            "(log4j-core|log4j-slf4j2?-impl|log4j-to-slf4j|log4j-to-jul|logback-classic|slf4j-(simple|jdk14|reload4j))-[0-9.]*\\.jar");

    @TempDir
    private static Path project;

    private static List<String> classPath = List.of();

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        Path maven = Commands.maven();
        ConsumerProject.requirePackaged();
        String repository = ConsumerProject.repository(project);
        write();
        String output = Commands.run(
                project,
                List.of(
                        maven.toString(),
                        "-B",
                        "-q",
                        "-o",
                        repository,
                        "-Dmdep.outputFile=class-path",
                        "-Dmdep.includeScope=runtime",
                        "compile",
                        "dependency:build-classpath"));
        Path file = project.resolve("class-path");
        assertTrue(Files.exists(file), output);
        classPath = List.of(Files.readString(file).split(Pattern.quote(File.pathSeparator)));
    }

    private static void write() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        Path template = Path.of("src/test/consumer").toAbsolutePath();
        Path sources = Files.createDirectories(project.resolve("src/main/java"));
        Files.writeString(
                project.resolve("pom.xml"),
                Files.readString(template.resolve("pom.xml"))
                        .replace("@README@", ConsumerProject.first("(?s)```xml\n(.*?)```", readme)));
        Files.copy(template.resolve("src/main/java/Main.java"), sources.resolve("Main.java"));
        Matcher snippet =
                Pattern.compile("(?s)```java\n((?:import [^\n]*\n)*)(.*?)```").matcher(readme);
        assertTrue(snippet.find(), "README has no snippet");
        Files.writeString(
                sources.resolve("FirstUse.java"),
                snippet.group(1) + "class FirstUse {\n" + snippet.group(2) + "}\n",
                StandardCharsets.UTF_8);
    }

    private static String java(String... first) throws IOException, InterruptedException {
        List<String> entries = new ArrayList<>(List.of(first));
        entries.add(project.resolve("target/classes").toString());
        entries.addAll(classPath);
        return Commands.run(
                project,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-cp",
                        String.join(File.pathSeparator, entries),
                        "Main"));
    }

    /** As of the class path of these tests. */
    private static List<String> logging() {
        return ConsumerProject.ownClassPath().stream()
                .filter(jar -> BACKEND.matcher(jar).find())
                .toList();
    }

    @Test
    void theLoggingBackendIsTheUsersChoice() {
        assertEquals(2, logging().size(), "what is looked for exists");
        assertEquals(
                List.of(),
                classPath.stream().filter(jar -> BACKEND.matcher(jar).find()).toList());
    }

    @Test
    void withoutABackendThatIsAllThatIsSaidBesidesTheOutput() throws IOException, InterruptedException {
        String text = java();
        assertEquals(
                OUTPUT,
                text.lines()
                        .filter(line ->
                                !line.matches("SLF4J\\(W\\): .*|.*Log4j API could not find a logging provider\\."))
                        .collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator())),
                text);
    }

    @Test
    void readmesFirstSnippetPrintsNothingButItsOwnOutput() throws IOException, InterruptedException {
        assertEquals(OUTPUT, java(logging().toArray(String[]::new)));
    }

    @Test
    void aUsersOwnLoggingSetUpWins() throws IOException, InterruptedException {
        Path own = Files.createDirectories(project.resolve("own"));
        Files.writeString(own.resolve("log4j2.properties"), """
                rootLogger.level = INFO
                rootLogger.appenderRef.own.ref = own
                appender.own.type = Console
                appender.own.name = own
                appender.own.layout.type = PatternLayout
                appender.own.layout.pattern = own set-up: %m%n
                """);
        String text = java(
                Stream.concat(Stream.of(own.toString()), logging().stream()).toArray(String[]::new));
        assertTrue(text.contains("own set-up: Loaded [CpuBackend] backend"), text);
        assertTrue(text.contains(OUTPUT), text);
    }

    @Test
    void whatConsumersGetIsWhatIsTested() {
        Set<String> tested = ConsumerProject.names(ConsumerProject.ownClassPath());
        List<String> got = List.copyOf(ConsumerProject.names(classPath));
        assertTrue(got.size() > 20, got::toString);
        assertEquals(
                List.of(), got.stream().filter(name -> !tested.contains(name)).toList());
    }
}
