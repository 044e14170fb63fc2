/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTableTest {

    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("table.csv"), text);
    }

    private String refusal(String text, String label, List<String> classes) throws IOException {
        Path file = file(text);
        return assertThrows(BadInputException.class, () -> CsvTable.read(file, label, classes))
                .getMessage();
    }

    private static float[] row(CsvTable table, int row) {
        float[] values = new float[table.length()];
        table.features(row, values, 0);
        return values;
    }

    @Test
    void aHeaderNamesTheLabelColumn() throws IOException {
        CsvTable table = CsvTable.read(file("a,kind,b\n1,cat,2\n3.5,dog,-4e1\n"), "kind", List.of());
        assertEquals(2, table.size());
        assertEquals(List.of("cat", "dog"), table.classes());
        assertEquals(1, table.label(1));
        assertArrayEquals(new float[] {3.5f, -40}, row(table, 1));
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstCell() throws IOException {
        for (String header : List.of("", "who,a,kind\n")) {
            Path file = file("\uFEFF" + header + "ada,1,cat\nbob,2,dog\nada,3,cat\n");
            CsvTable table = CsvTable.read(file, "2", Optional.of("0"), List.of());
            assertEquals(List.of("ada", "bob", "ada"), table.subjects());
        }
        assertEquals(
                List.of("cat", "dog"),
                CsvTable.read(file("\uFEFFkind,a\ncat,1\ndog,2\n"), "kind", List.of())
                        .classes());
    }

    @Test
    void whateverLiesBetweenCellsTheTableIsTheSame() throws IOException {
        String table = "a,kind,b\n1,\"a, cat; or\ttwo\",2\n3.5,dog,-4e1\n";
        for (String separator : List.of(",", ";", "\t")) {
            String text = table.replace(",", separator).replace("a" + separator + " cat", "a, cat");
            CsvTable read = CsvTable.read(file(text), "kind", List.of());
            assertEquals(List.of("a, cat; or\ttwo", "dog"), read.classes(), text);
            assertArrayEquals(new float[] {3.5f, -40}, row(read, 1), text);
        }
    }

    @Test
    void withoutAHeaderTheLabelColumnIsCounted() throws IOException {
        Path file = file("10,1,2\r\n9,3,4\r\n");
        CsvTable first = CsvTable.read(file, "0", List.of());
        assertEquals(List.of("9", "10"), first.classes(), "whole numbers in numeric order");
        assertEquals(1, first.label(0));
        CsvTable last = CsvTable.read(file, "-1", List.of());
        assertEquals(List.of("2", "4"), last.classes());
        assertArrayEquals(new float[] {9, 3}, row(last, 1));
    }

    @Test
    void quotedCellsBlankLinesAndSpacesAreRead() throws IOException {
        CsvTable table = CsvTable.read(file("x,c\n\" 1 \",\"a,b\"\n\n 2 , z \n"), "c", List.of());
        assertEquals(List.of("a,b", "z"), table.classes());
        assertArrayEquals(new float[] {2}, row(table, 1));
    }

    @Test
    void knownClassesKeepTheNetworksOrder() throws IOException {
        CsvTable table = CsvTable.read(file("1,b\n2,b\n"), "-1", List.of("c", "b", "a"));
        assertEquals(1, table.label(0));
        assertEquals(3, table.classes().size());
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity", "1e39", "''", "abc", "0x", "1d", "0.1f", "1D", "0x1p3", "1_000", "٣"})
    void whatIsNotAFiniteNumberIsRefusedWithItsLine(String cell) throws IOException {
        String refused = refusal("x,y,c\n1,2,a\n3," + cell + ",b\n5,6,a\n", "c", List.of());
        assertTrue(refused.contains("line 3, column 1: a finite number is expected, got '" + cell + "'"), refused);
    }

    /** Reading such a cell takes no time, and telling it little room. */
    @Test
    void aCellOfHundredsOfThousandsOfDigitsIsANumberOrRefusedInOneShortSentence() throws IOException {
        String digits = "1".repeat(400_000);
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            for (String cell : List.of(digits, "1e" + digits, "x" + digits, digits + "d")) {
                String refused = refusal("x,y,c\n1,2,a\n3," + cell + ",b\n", "c", List.of());
                assertTrue(refused.contains("line 3, column 1: a finite number is expected"), refused);
                assertTrue(refused.length() < 500, refused);
            }
            CsvTable table = CsvTable.read(file("1,a\n0." + digits + ",b\n"), "-1", List.of());
            assertArrayEquals(new float[] {1 / 9f}, row(table, 1));
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
            1,a\\n2,"b\\n | after line 1: a quote is opened and not closed
            1,a\\n2,"b"c\\n3,a\\n | after line 1: something stands between a cell's closing quote and its end
            """)
    void aQuoteThatIsNoneIsToldInWordsAboutTheTable(String text, String sentence) throws IOException {
        String refused = refusal(text.replace("\\n", "\n"), "-1", List.of());
        assertTrue(refused.endsWith(sentence), refused);
    }

    @Test
    void lineNumbersCountBlankLines() throws IOException {
        String refused = refusal("1,a\n\n\nx,b\n", "-1", List.of());
        assertTrue(refused.contains("line 4,"), refused);
        String last = refusal("1,a\n\n\nx,b", "-1", List.of());
        assertTrue(last.contains("line 4,"), last);
    }

    @Test
    void raggedRowsAreRefused() throws IOException {
        assertTrue(refusal("1,2,a\n3,b\n", "-1", List.of()).contains("line 2: 3 cells expected"));
        assertTrue(refusal("1,2,a\n3,4,b,5\n", "-1", List.of()).contains("line 2: 3 cells expected"));
    }

    @Test
    void eachOtherRuleHasItsSentence() throws IOException {
        assertTrue(refusal("", "0", List.of()).contains("is empty"));
        assertTrue(refusal("x,c\n", "c", List.of()).contains("a header and no rows"));
        assertTrue(refusal("x,c\n1,a\n", "d", List.of()).contains("has no column 'd'"));
        assertTrue(refusal("x,c\n1,a\n", "2", List.of()).contains("no label column 2"));
        assertTrue(refusal("1,a\n2,a\n", "-1", List.of()).contains("2 to 100000 classes, got 1"));
        assertTrue(refusal("1,a\n2,c\n", "-1", List.of("a", "b")).contains("line 2: 'c' is not one of the 2 classes"));
        assertTrue(refusal("a\nb\n", "0", List.of()).contains("at least one column beside"));
        Path missing = folder.resolve("none.csv");
        assertTrue(assertThrows(BadInputException.class, () -> CsvTable.read(missing, "0", List.of()))
                .getMessage()
                .contains("there is no file"));
    }

    @Test
    void bytesThatAreNotTextAreRefused() throws IOException {
        Path file =
                Files.write(folder.resolve("latin.csv"), "1,caf\u00e9\n2,b\n".getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(assertThrows(BadInputException.class, () -> CsvTable.read(file, "-1", List.of()))
                .getMessage()
                .contains("not UTF-8"));
    }
}
