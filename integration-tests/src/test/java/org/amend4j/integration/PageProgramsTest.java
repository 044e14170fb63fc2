/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.integration.PagePrograms.Program;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The Java of docs/lora.md compiles and runs, each section after the beginning of the page. */
class PageProgramsTest {

    private static final Path PAGE =
            Path.of("").toAbsolutePath().getParent().resolve("docs").resolve("lora.md");

    private static final String BEGINNING = """
            # Numbers

            ```java
            import java.util.List;

            List<Integer> numbers = List.of(1, 2); // two of them
            int two = numbers.get(1);
            ```

            """;

    @TempDir
    private Path folder;

    private final PrintStream out = System.out;

    /** What programs show is for readers. */
    @BeforeEach
    void hideOutput() {
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    }

    @AfterEach
    void showOutput() {
        System.setOut(out);
    }

    @TestFactory
    Stream<DynamicTest> everySectionWithJavaRuns() throws IOException {
        PagePrograms page = PagePrograms.read(PAGE);
        assertTrue(page.blocks() >= 18, page.blocks() + " blocks");
        page.compile(folder);
        return page.programs().stream()
                .map(program -> DynamicTest.dynamicTest(program.heading(), () -> page.run(program, folder)));
    }

    private PagePrograms page(String rest) throws IOException {
        return PagePrograms.read(Files.writeString(folder.resolve("page.md"), BEGINNING + rest));
    }

    private static String section(String... blocks) {
        return "## More\n\n```java\n" + String.join("\n```\n\ntext\n\n```java\n", blocks) + "\n```\n";
    }

    @Test
    void aSectionsBlocksGoOnOneAfterTheOtherAndOtherBlocksAreNoJava() throws IOException, ReflectiveOperationException {
        PagePrograms page = page(section("int four = two + 2;", "int five = four + 1;")
                + "```\nno Java\n```\n"
                + section("int four = 4;").replace("More", "Again"));
        page.compile(folder);
        for (Program program : page.programs()) {
            page.run(program, folder);
        }
        assertEquals(
                List.of("beginning", "More", "Again"),
                page.programs().stream().map(Program::heading).toList());
        assertEquals(4, page.blocks());
    }

    @Test
    void whatDoesNotCompileIsNamedWithItsLine() throws IOException {
        PagePrograms wrong = page(section("int four = two + 2;", "String five = four;"));
        AssertionError said = assertThrows(AssertionError.class, () -> wrong.compile(folder));
        assertTrue(said.getMessage().startsWith("page.md:19: incompatible types"), said.getMessage());
        PagePrograms other =
                page(section("int four = 4;") + section("int five = four;").replace("More", "Again"));
        assertThrows(AssertionError.class, () -> other.compile(folder), "a section knows no other's variables");
    }

    @Test
    void whatThrowsIsNamedWithItsLine() throws IOException, ReflectiveOperationException {
        PagePrograms wrong = page(section("int one = numbers.get(0);", "int three = numbers.get(2);"));
        wrong.compile(folder);
        wrong.run(wrong.programs().get(0), folder);
        AssertionError said = assertThrows(
                AssertionError.class, () -> wrong.run(wrong.programs().get(1), folder));
        assertTrue(said.getMessage().matches("page.md:19: java.lang.\\w*IndexOutOfBounds.*"), said.getMessage());
    }
}
