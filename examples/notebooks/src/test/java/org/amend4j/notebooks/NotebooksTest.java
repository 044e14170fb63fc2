/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every notebook runs from its first cell to its last, and shows what it shows in the repository. */
class NotebooksTest {

    private static final boolean WRITE = Boolean.getBoolean("amend4j.notebooks.write");

    static List<Path> notebooks() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(""))) {
            return files.filter(file -> file.toString().endsWith(".ipynb"))
                    .sorted()
                    .toList();
        }
    }

    /** What a reader sees and what Jupyter writes, without executing it. */
    @ParameterizedTest
    @MethodSource("notebooks")
    void aNotebookIsCommittedAsItIsWritten(Path notebook) throws Exception {
        Notebook committed = Notebook.read(notebook);
        assertEquals(List.of(), committed.accidents());
        assertEquals(committed.text(), Files.readString(notebook));
    }

    @ParameterizedTest
    @MethodSource("notebooks")
    @Tag("exhaustive")
    void aNotebookRunsWhereItIsOpenedAndShowsWhatIsCommitted(Path notebook) throws Exception {
        Jupyter.Run run = InstalledJupyter.require("notebooks", System.getProperty("amend4j.version"))
                .execute(notebook.toAbsolutePath());
        assertEquals(0, run.exit(), () -> notebook + ": " + run.reason());
        assertEquals(Set.of(), run.left(), "a notebook leaves the folder of its reader as it was");
        Notebook executed = Notebook.read(run.notebook());
        assertEquals(List.of(), executed.accidents());
        if (WRITE) {
            Files.writeString(notebook, executed.text());
        }
        assertEquals(
                List.of(),
                Notebook.read(notebook).differences(executed),
                () -> notebook
                        + " shows something else; if that is right, run the tests with -Damend4j.notebooks.write=true and commit it");
    }
}
