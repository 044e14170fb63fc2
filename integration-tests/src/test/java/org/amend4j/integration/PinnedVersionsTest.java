/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Users import the BOM and not the root's pom: what is managed there alone, they get in other versions than were tested. */
class PinnedVersionsTest {

    private static final Path ROOT =
            Path.of("").toAbsolutePath().resolveSibling("").normalize();

    private static final Pattern MANAGED = Pattern.compile("(?s)<dependencyManagement>(.*?)</dependencyManagement>");
    private static final Pattern DEPENDENCY = Pattern.compile(
            "(?s)<dependency>.*?<artifactId>([^<]*)</artifactId>\\s*<version>([^<]*)</version>.*?</dependency>");

    /** Artifacts whose version is written where they are managed, which is how disagreements of others are settled. */
    private static List<String> pinned(String pom) throws IOException {
        Matcher managed = MANAGED.matcher(Files.readString(ROOT.resolve(pom)));
        assertTrue(managed.find(), pom);
        return DEPENDENCY
                .matcher(managed.group(1))
                .results()
                .filter(found -> Character.isDigit(found.group(2).charAt(0)))
                .map(found -> found.group(1))
                .toList();
    }

    @Test
    void whatDependenciesDisagreeAboutIsSettledInTheBomAndNotInTheRoot() throws IOException {
        assertEquals(List.of(), pinned("pom.xml"));
        assertTrue(
                pinned("core/bom/pom.xml")
                        .containsAll(
                                List.of("zookeeper", "snappy-java", "scala-library", "protobuf-java", "netty-buffer")),
                pinned("core/bom/pom.xml").toString());
    }
}
