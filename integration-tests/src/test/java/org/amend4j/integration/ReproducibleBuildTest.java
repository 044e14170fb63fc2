/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amend4j.internal.digest.Sha256;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same sources give the same jars. The modules that need no ND4J are built a second time, in another folder; of all others, nothing
 * in a jar may come from where and when it was built. All modules twice, as a release: {@code .ci/reproducible}.
 */
class ReproducibleBuildTest {

    private static final Path ROOT =
            Path.of("").toAbsolutePath().resolveSibling("").normalize();

    private static final List<String> TWICE = List.of("transparency", "foundation", "unlearn", "verify");

    /** What of the lifecycle makes a jar: neither tests nor checks. */
    private static final List<String> JARS =
            List.of("resources:resources@default-resources", "compiler:compile@default-compile", "jar:jar@default-jar");

    private static final Set<String> NOT_SOURCES = Set.of("target", ".git");

    @TempDir
    private static Path again;

    @Test
    @Tag("exhaustive")
    void twoBuildsOfTheSameSourcesHaveTheSameSha256() throws IOException, InterruptedException {
        Path maven = Commands.maven();
        List<String> jars = TWICE.stream()
                .map(module -> "core/" + module + "/target/amend4j-" + module + "-" + version() + ".jar")
                .toList();
        assumeTrue(jars.stream().map(ROOT::resolve).allMatch(Files::exists), "the modules were not packaged");
        Files.walkFileTree(ROOT, copier());
        List<String> command = new ArrayList<>(List.of(maven.toString(), "-B", "-q", "-o"));
        command.addAll(List.of("-pl", "core/" + String.join(",core/", TWICE)));
        command.addAll(JARS);
        Commands.run(again, command);
        for (String jar : jars) {
            assertEquals(
                    Sha256.hex(Files.readAllBytes(ROOT.resolve(jar))),
                    Sha256.hex(Files.readAllBytes(again.resolve(jar))),
                    jar);
        }
    }

    @Test
    void jarsTellNeitherWhenNorWhereTheyWereBuilt() throws IOException {
        List<Path> jars = jars();
        assumeTrue(jars.size() >= 10, "the modules were not packaged");
        LocalDateTime stated =
                LocalDateTime.ofInstant(Instant.parse(first("<project.build.outputTimestamp>(.*?)</")), ZoneOffset.UTC);
        for (Path jar : jars) {
            try (JarFile file = new JarFile(jar.toFile())) {
                file.stream()
                        .forEach(entry ->
                                assertEquals(stated, entry.getTimeLocal(), () -> jar + ": " + entry.getName()));
                String manifest = file.getManifest().getMainAttributes().toString()
                        + file.getManifest().getEntries();
                assertTrue(!manifest.contains("Built-By") && !manifest.contains(ROOT.toString()), manifest);
            }
        }
    }

    private static List<Path> jars() throws IOException {
        try (Stream<Path> files = Files.find(
                ROOT,
                4,
                (file, attributes) -> attributes.isRegularFile()
                        && file.getParent().endsWith("target")
                        && file.getFileName().toString().matches("amend4j-.*" + Pattern.quote(version()) + "\\.jar"))) {
            return files.sorted().toList();
        }
    }

    private static String version() {
        return first("<version>(.*?)</version>");
    }

    private static String first(String regex) {
        try {
            Matcher matcher = Pattern.compile(regex).matcher(Files.readString(ROOT.resolve("pom.xml")));
            assertTrue(matcher.find(), "no " + regex);
            return matcher.group(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies poms of all modules, and the sources of those that are built. */
    private static FileVisitor<Path> copier() {
        return new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (NOT_SOURCES.contains(folder.getFileName().toString())) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(again.resolve(ROOT.relativize(folder)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path place = ROOT.relativize(file);
                boolean built = TWICE.stream().anyMatch(module -> place.startsWith("core/" + module));
                boolean other = place.startsWith("core") || (place.getNameCount() > 1 && !place.startsWith(".mvn"));
                if (built || !other || place.endsWith("pom.xml")) {
                    Files.copy(file, again.resolve(place));
                }
                return FileVisitResult.CONTINUE;
            }
        };
    }
}
