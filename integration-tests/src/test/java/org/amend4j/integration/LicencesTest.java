/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who passes on what Maven brings must know under which terms: those that ask for more than a notice are in NOTICE. */
class LicencesTest {

    private static final Path NOTICE = Path.of("..", "NOTICE");
    private static final Pattern LICENCE =
            Pattern.compile("<license>.*?<name>(.*?)</name>.*?</license>", Pattern.DOTALL);
    private static final Pattern PARENT = Pattern.compile("<parent>(.*?)</parent>", Pattern.DOTALL);
    private static final Pattern PERMISSIVE =
            Pattern.compile("(?i)apache|\\bmit\\b|bsd|public domain|mit-0|unlicense|isc");

    /** Jars of the tests' own tools are passed on by nobody. */
    private static final Pattern TOOLS =
            Pattern.compile("/(org/junit|org/opentest4j|org/apiguardian|junit|com/tngtech)/");

    private static List<Path> jars() {
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<Path> jars = new ArrayList<>();
        for (String entry : classes.split(File.pathSeparator, -1)) {
            if (entry.endsWith(".jar")
                    && !TOOLS.matcher(entry.replace('\\', '/')).find()) {
                jars.add(Path.of(entry));
            }
        }
        return jars;
    }

    /** The name of the artifact, as its folder in a local repository has it. */
    private static String artifact(Path jar) {
        return String.valueOf(jar.getParent().getParent().getFileName());
    }

    private static Optional<Path> pom(Path jar) {
        Path version = jar.getParent();
        Path pom = version.resolve(artifact(jar) + "-" + version.getFileName() + ".pom");
        return Files.isRegularFile(pom) ? Optional.of(pom) : Optional.empty();
    }

    /** Its own, or those of the nearest parent that has some. */
    private static List<String> licences(Path pom) throws IOException {
        String text = Files.readString(pom, java.nio.charset.StandardCharsets.ISO_8859_1);
        List<String> own =
                LICENCE.matcher(text).results().map(found -> found.group(1)).toList();
        Matcher parent = PARENT.matcher(text);
        if (!own.isEmpty() || !parent.find()) {
            return own;
        }
        Path repository = pom.getParent();
        while (!repository.resolve("org").toFile().isDirectory()
                || !repository.resolve("com").toFile().isDirectory()) {
            repository = repository.getParent();
        }
        String artifact = field("artifactId", parent.group(1));
        String version = field("version", parent.group(1));
        Path above = repository
                .resolve(field("groupId", parent.group(1)).replace('.', '/'))
                .resolve(artifact)
                .resolve(version)
                .resolve(artifact + "-" + version + ".pom");
        return Files.isRegularFile(above) ? licences(above) : List.of();
    }

    private static String field(String name, String xml) {
        return Pattern.compile("<" + name + ">\\s*(.*?)\\s*</" + name + ">")
                .matcher(xml)
                .results()
                .findFirst()
                .map((MatchResult found) -> found.group(1))
                .orElse("");
    }

    @Test
    void licencesThatAskForMoreThanANoticeAreNamed() throws IOException {
        String notice = Files.readString(NOTICE);
        List<String> unnamed = new ArrayList<>();
        int read = 0;
        for (Path jar : jars()) {
            List<String> licences = pom(jar).isPresent() ? licences(pom(jar).get()) : List.of();
            read += licences.isEmpty() ? 0 : 1;
            boolean permissive =
                    licences.stream().anyMatch(name -> PERMISSIVE.matcher(name).find());
            if (!licences.isEmpty() && !permissive && !notice.contains(artifact(jar))) {
                unnamed.add(artifact(jar) + " " + licences);
            }
        }
        assertTrue(read > 50, "licences of " + read + " jars were found");
        assertTrue(notice.contains("VectorGraphics2D, GNU Lesser General Public License"));
        assertEquals(List.of(), unnamed);
    }
}
