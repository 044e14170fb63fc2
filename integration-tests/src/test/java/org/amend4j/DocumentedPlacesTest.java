/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The maps of the code in docs name what there is: every package of the library, and tests that exist. */
class DocumentedPlacesTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([\\w.]+)` \\|");
    private static final Pattern LAST_CELL = Pattern.compile("(?m)^\\| .*\\|([^|]+)\\|$");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|Laws))`");

    @Test
    void everyPackageOfTheLibraryHasItsSentence() throws IOException {
        Set<String> packages = sources("core", "cuda")
                .filter(file ->
                        file.endsWith("package-info.java") && file.toString().contains("/src/main/"))
                .map(file -> file.getParent().toString().replaceAll(".*src/main/java/org/amend4j/?", ""))
                .map(path -> path.replace('/', '.'))
                .filter(name -> !name.equals("cuda")) // a parent of packages, without types
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> documented = FIRST_CELL
                .matcher(text("packages.md"))
                .results()
                .map(match -> match.group(1))
                .filter(name -> !Set.of("app", "demos", "notebooks").contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(packages, documented);
    }

    @Test
    void everyTestThatALawNamesExists() throws IOException {
        Set<String> named = LAST_CELL
                .matcher(text("laws.md"))
                .results()
                .flatMap(row -> TEST.matcher(row.group(1)).results())
                .map(match -> match.group(1) + ".java")
                .collect(Collectors.toCollection(TreeSet::new));
        sources("core", "cuda", "examples", "integration-tests").forEach(file -> named.remove("" + file.getFileName()));
        assertEquals(Set.of(), named);
    }

    private static String text(String page) throws IOException {
        return Files.readString(ROOT.resolve("docs").resolve(page));
    }

    private static Stream<Path> sources(String... modules) throws IOException {
        Stream.Builder<Path> all = Stream.builder();
        for (String module : modules) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module))) {
                files.filter(file -> file.toString().endsWith(".java")
                                && !file.toString().contains("/target/"))
                        .forEach(all);
            }
        }
        return all.build();
    }
}
