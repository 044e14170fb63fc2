/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amend4j.data.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of labelled texts, with a header or without. */
class TextTableTest {

    private static final String ROWS = "good\tI like it\nbad\tI do not\n";

    @TempDir
    Path folder;

    private TextTable read(String text, String... columns) throws IOException {
        return TextTable.read(Files.writeString(folder.resolve("table.tsv"), text), List.of(columns));
    }

    @Test
    void a_header_is_known_by_its_label_or_by_the_columns_that_are_named() throws IOException {
        List<String> texts = List.of("I like it", "I do not");
        for (TextTable table : List.of(
                read(ROWS),
                read("label\ttext\n" + ROWS),
                read("Label\tsentence\n" + ROWS),
                read("kind\tsentence\n" + ROWS, "kind", "sentence"))) {
            assertEquals(List.of("bad", "good"), table.classes());
            assertEquals(
                    texts, table.rows().stream().map(row -> row.texts().get(0)).toList());
        }
    }

    @Test
    void a_label_that_comes_last_is_found_by_its_name_in_every_kind_of_file() throws IOException {
        String json =
                "{\"text\": \"I like it, \\\"much\\\"\", \"label\": 1}\n\n{\"text\": \"no; not\", \"label\": 0}\n";
        for (String[] file : new String[][] {
            {"table.tsv", "text\tlabel\nI like it, \"much\"\t1\nno; not\t0\n"},
            {"table.csv", "text,label\n\"I like it, \"\"much\"\"\",1\nno; not,0\n"},
            {"other.CSV", "text;Label\nI like it, \"much\";1\n\"no; not\";0\n"},
            {"table.jsonl", json}
        }) {
            TextTable table = TextTable.read(Files.writeString(folder.resolve(file[0]), file[1]), List.of());
            assertEquals(List.of("0", "1"), table.classes(), file[0]);
            assertEquals("I like it, \"much\"", table.rows().get(0).texts().get(0), file[0]);
            assertEquals("no; not", table.rows().get(1).texts().get(0), file[0]);
        }
        refused(
                BadInputException.class,
                "line 2 is no JSON",
                () -> TextTable.read(Files.writeString(folder.resolve("bad.jsonl"), "{\"a\":1}\n{\"a\":"), List.of()));
        refused(
                BadInputException.class,
                "line 1 must be an object",
                () -> TextTable.read(Files.writeString(folder.resolve("bad.jsonl"), "[1]\n"), List.of()));
    }

    @Test
    void labels_and_texts_that_have_changed_places_are_noticed_and_single_rows_named() throws IOException {
        TextTable table = read("the cat\tgood\nthe rat\tbad\na bat\tgood\nan oat\tbad\n");
        refused(BadInputException.class, "4 classes, 4 of them of one row each, such as 'a bat'", table::lonely);
        assertEquals(List.of("odd"), read(ROWS + ROWS + "odd\tthis one\n").lonely());
        assertEquals(List.of(), read(ROWS + ROWS).lonely());
    }

    @Test
    void columns_by_number_have_no_header() throws IOException {
        assertEquals(3, read("label\ttext\n" + ROWS, "0", "1").rows().size());
    }
}
