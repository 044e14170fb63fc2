/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a project of somebody else needs to find this build's artifacts: a local repository of its own. */
public final class ConsumerProject {

    private static final Path ROOT =
            Path.of("").toAbsolutePath().resolveSibling("").normalize();

    private ConsumerProject() {}

    /** Skips the test where there are no jars of this build. */
    public static void requirePackaged() {
        boolean packaged = names(ownClassPath()).stream().anyMatch(name -> name.matches("amend4j-[0-9].*\\.jar"));
        assumeTrue(packaged, "the modules were compiled but not packaged");
    }

    /** Of these tests. */
    static List<String> ownClassPath() {
        String entries = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
        return List.of(entries.split(Pattern.quote(File.pathSeparator)));
    }

    /** Names of files. */
    static Set<String> names(List<String> files) {
        return files.stream()
                .map(file -> Path.of(file).getFileName().toString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Makes a local repository of all modules that users may name; of everything else it has links to this build's repository.
     *
     * @return Maven's option that names it
     */
    public static String repository(Path project) throws IOException {
        Path repository = Files.createDirectory(project.resolve("repository"));
        Path ofBuild = Path.of(System.getProperty("amend4j.repository"));
        link(ofBuild, repository, "org");
        link(ofBuild.resolve("org"), Files.createDirectory(repository.resolve("org")), "amend4j");
        installAll(repository);
        return "-Dmaven.repo.local=" + repository;
    }

    private static void link(Path from, Path to, String butFor) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                if (!entry.endsWith(butFor)) {
                    Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
                }
            }
        }
    }

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

    /** What the first group of an expression finds. */
    static String first(String regex, String text) {
        Matcher matcher = Pattern.compile(regex).matcher(text);
        assertTrue(matcher.find(), "no " + regex);
        return matcher.group(1);
    }
}
