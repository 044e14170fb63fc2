/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.amend4j.integration.ConsumerProject;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every notebook runs from its first cell to its last in the kernel that README names, with artifacts of this build, and shows what it shows in
 * the repository.
 */
@Tag("exhaustive")
class NotebooksTest {

    private static final boolean WRITE = Boolean.getBoolean("amend4j.notebooks.write");

    private static final Path BROKEN = Path.of("src/test/resources/org/amend4j/notebooks/broken.ipynb");

    @TempDir
    private static Path users;

    private static final Map<Path, Future<Jupyter.Run>> RUNS = new HashMap<>();

    /** All run, two at a time: one after the other they end minutes after this module's other tests. */
    @BeforeAll
    static void start() throws IOException {
        ConsumerProject.requirePackaged();
        Jupyter jupyter = InstalledJupyter.require(ConsumerProject.repository(users));
        ExecutorService two = Executors.newFixedThreadPool(2);
        Stream.concat(Notebook.committed().stream(), Stream.of(BROKEN.toAbsolutePath()))
                .forEach(notebook -> RUNS.put(notebook, two.submit(() -> jupyter.execute(notebook))));
        two.shutdown();
    }

    private static Jupyter.Run run(Path notebook) throws Exception {
        return Objects.requireNonNull(RUNS.get(notebook)).get();
    }

    @ParameterizedTest
    @MethodSource("org.amend4j.notebooks.Notebook#committed")
    void aNotebookRunsWhereItIsOpenedAndShowsWhatIsCommitted(Path notebook) throws Exception {
        Jupyter.Run run = run(notebook);
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

    @Test
    void aCellThatFailsFailsTheNotebookAndIsNamed() throws Exception {
        Jupyter.Run run = run(BROKEN.toAbsolutePath());
        assertEquals(1, run.exit());
        assertFalse(Files.exists(run.notebook()));
        assertTrue(run.reason().contains("Object[] none = {};\nnone[7]"), run::reason);
    }
}
