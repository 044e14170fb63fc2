/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    void columns_by_number_have_no_header() throws IOException {
        assertEquals(3, read("label\ttext\n" + ROWS, "0", "1").rows().size());
    }
}
