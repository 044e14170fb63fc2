/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The maps of the code in docs name what there is: every package of the library, and tests that exist. */
class DocumentedPlacesTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([\\w.]+)` \\|");
    private static final Pattern LAST_CELL = Pattern.compile("(?m)^\\| .*\\|([^|]+)\\|$");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|Laws))(?:#\\w+)?`");
    private static final Pattern METHOD = Pattern.compile("`(\\w+)#(\\w+)`");

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

    @Test
    void everyMethodThatALawNamesExists() throws IOException {
        List<MatchResult> named = METHOD.matcher(text("laws.md")).results().toList();
        Map<String, String> tests = new HashMap<>();
        for (Path file :
                sources("core", "cuda", "examples", "integration-tests").toList()) {
            if (file.toString().contains("/src/test/")) {
                tests.put(("" + file.getFileName()).replace(".java", ""), Files.readString(file));
            }
        }
        assertEquals(
                List.of(),
                named.stream()
                        .filter(one -> !hasMethod(tests.getOrDefault(one.group(1), ""), one.group(2)))
                        .map(MatchResult::group)
                        .toList());
        assertTrue(named.size() > 100, named.size() + " methods");
    }

    /** Whoever publishes a certificate reads this before anything else. */
    @Test
    void thePageOfCertificatesBeginsWithWhatOneGivesAway() throws IOException {
        String[] sections = text("certificate.md").split("\n## ", -1);
        assertTrue(sections[1].startsWith("What it gives away\n"), sections[1]);
        for (String said : List.of(
                "counts and dates are not",
                "1 subject with 1 record forgotten, 140 records before",
                "let requests wait for each other",
                "Earlier releases stay out there",
                "whoever took one keeps it")) {
            assertTrue(sections[1].contains(said), said);
        }
    }

    /** What is found by a file of another name is found by nobody, and nothing says so. */
    @Test
    void everyServiceOfOursAndWhatProvidesItAreThere() throws IOException {
        int services = 0;
        for (String module : List.of("model", "engine", "lora", "transformers", "policy", "spark")) {
            Path folder = ROOT.resolve("core").resolve(module).resolve("src/main/resources/META-INF/services");
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path file : files.toList()) {
                        Class<?> service = loaded("" + file.getFileName());
                        for (String provider : Files.readAllLines(file)) {
                            assertTrue(service.isAssignableFrom(loaded(provider)), provider);
                            services++;
                        }
                    }
                }
            }
        }
        assertTrue(services > 40, services + " services");
    }

    private static Class<?> loaded(String name) {
        try {
            return Class.forName(name, false, DocumentedPlacesTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(name, e);
        }
    }

    /** A test's: none but these have lines that begin so. */
    private static boolean hasMethod(String source, String name) {
        return Pattern.compile("(?m)^    void " + name + "\\(").matcher(source).find();
    }

    @Test
    void aMethodThatDoesNotExistIsNoticed() {
        String source = "class A {\n    void first() {\n    }\n    private void second() {}\n";
        assertTrue(hasMethod(source, "first"));
        assertFalse(hasMethod(source, "fir"));
        assertFalse(hasMethod(source, "second"));
        assertFalse(hasMethod("", "first"));
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
