/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A project of somebody else, with what README tells to add and nothing else of ours: compiled by Maven against the jars of this
 * build, in a local repository of its own, and run.
 */
class ConsumerTest {

    private static final Path ROOT =
            Path.of("").toAbsolutePath().resolveSibling("").normalize();

    /** Adapters of rank 8 have 8·(20 + 30) and 8·(30 + 30) parameters, the head 93, the layers below it 630 and 930. */
    private static final String OUTPUT =
            "trainable params: 973 || all params: 2,533 || trainable%: 38.4129" + System.lineSeparator();

    @TempDir
    private static Path project;

    private static List<String> classPath = List.of();

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        Path maven = Commands.maven();
        Path repository = project.resolve("repository");
        boolean packaged = names(ownClassPath()).stream().anyMatch(name -> name.matches("amend4j-[0-9].*\\.jar"));
        assumeTrue(packaged, "the modules were compiled but not packaged");
        installAll(repository);
        write();
        String output = Commands.run(
                project,
                List.of(
                        maven.toString(),
                        "-B",
                        "-q",
                        "-o",
                        "-Dmaven.repo.local=" + repository,
                        "-Dmaven.repo.local.tail=" + System.getProperty("amend4j.repository"),
                        "-Dmdep.outputFile=class-path",
                        "-Dmdep.includeScope=runtime",
                        "compile",
                        "dependency:build-classpath"));
        Path file = project.resolve("class-path");
        assertTrue(Files.exists(file), output);
        classPath = List.of(Files.readString(file).split(Pattern.quote(File.pathSeparator)));
    }

    private static List<String> ownClassPath() {
        String entries = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
        return List.of(entries.split(Pattern.quote(File.pathSeparator)));
    }

    private static Set<String> names(List<String> files) {
        return files.stream()
                .map(file -> Path.of(file).getFileName().toString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Poms of all modules that users may name, and their jars. */
    private static void installAll(Path repository) throws IOException {
        install(repository, ROOT);
        install(repository, ROOT.resolve("core"));
        try (Stream<Path> folders = Files.list(ROOT.resolve("core"))) {
            for (Path module : folders.filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .toList()) {
                install(repository, module);
            }
        }
    }

    private static void install(Path repository, Path module) throws IOException {
        String pom = Files.readString(module.resolve("pom.xml"));
        String own = pom.replaceFirst("(?s)<parent>.*?</parent>", "");
        String artifact = first("<artifactId>(.*?)</artifactId>", own);
        String version = first("<version>(.*?)</version>", pom);
        Path folder = Files.createDirectories(
                repository.resolve("org/amend4j").resolve(artifact).resolve(version));
        String name = artifact + "-" + version;
        Files.writeString(folder.resolve(name + ".pom"), pom);
        if (!own.contains("<packaging>pom</packaging>")) {
            Files.copy(module.resolve("target").resolve(name + ".jar"), folder.resolve(name + ".jar"));
        }
    }

    private static void write() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        Path template = Path.of("src/test/consumer").toAbsolutePath();
        Path sources = Files.createDirectories(project.resolve("src/main/java"));
        Files.writeString(
                project.resolve("pom.xml"),
                Files.readString(template.resolve("pom.xml"))
                        .replace("@README@", first("(?s)```xml\n(.*?)```", readme)));
        Files.copy(template.resolve("src/main/java/Main.java"), sources.resolve("Main.java"));
        Matcher snippet =
                Pattern.compile("(?s)```java\n((?:import [^\n]*\n)*)(.*?)```").matcher(readme);
        assertTrue(snippet.find(), "README has no snippet");
        Files.writeString(
                sources.resolve("FirstUse.java"),
                snippet.group(1) + "class FirstUse {\n" + snippet.group(2) + "}\n",
                StandardCharsets.UTF_8);
    }

    private static String first(String regex, String text) {
        Matcher matcher = Pattern.compile(regex).matcher(text);
        assertTrue(matcher.find(), "no " + regex);
        return matcher.group(1);
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

    @Test
    void readmesFirstSnippetPrintsNothingButItsOwnOutput() throws IOException, InterruptedException {
        assertEquals(OUTPUT, java());
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
        String text = java(own.toString());
        assertTrue(text.contains("own set-up: Loaded [CpuBackend] backend"), text);
        assertTrue(text.contains(OUTPUT), text);
    }

    @Test
    void whatConsumersGetIsWhatIsTested() {
        Set<String> tested = names(ownClassPath());
        List<String> got = List.copyOf(names(classPath));
        assertTrue(got.size() > 20, got::toString);
        assertEquals(
                List.of(), got.stream().filter(name -> !tested.contains(name)).toList());
    }
}
