/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** Jupyter and the kernel together: what cells show, and that a broken notebook is noticed. */
class KernelTest {

    private static final Path RESOURCES = Path.of("src/test/resources").toAbsolutePath();

    private static Jupyter.Run run(String notebook) throws IOException, InterruptedException {
        return InstalledJupyter.require("kernel-tests", "1.2").execute(RESOURCES.resolve(notebook));
    }

    @Test
    @Tag("exhaustive")
    void cellsShowValuesTextPagesAndPictures() throws Exception {
        Jupyter.Run run = run("kernel.ipynb");
        assertEquals(0, run.exit(), run::reason);
        Notebook executed = Notebook.read(run.notebook());
        if (Boolean.getBoolean("amend4j.notebooks.write")) {
            Files.writeString(RESOURCES.resolve("kernel.ipynb"), executed.text());
        }
        assertEquals(List.of(), Notebook.read(RESOURCES.resolve("kernel.ipynb")).differences(executed));
    }

    @Test
    @Tag("exhaustive")
    void aCellThatFailsFailsTheNotebookAndIsNamed() throws Exception {
        Jupyter.Run run = run("broken.ipynb");
        assertEquals(1, run.exit());
        assertFalse(Files.exists(run.notebook()));
        assertTrue(run.reason().contains("Object[] none = {};\nnone[7]"), run::reason);
        assertTrue(run.reason().contains("ArrayIndexOutOfBoundsException: Index 7"), run::reason);
    }

    @Test
    void withoutJupyterTestsAreSkippedAndFailInCi() {
        assertThrows(TestAbortedException.class, () -> InstalledJupyter.require(Optional.empty(), false));
        assertThrows(AssertionFailedError.class, () -> InstalledJupyter.require(Optional.empty(), true));
    }

    @Test
    void theLinesThatLoadAmendNameTheVersionThatIsBuilt() {
        Dependencies dependencies = new Dependencies("1.2", "");
        dependencies.maven(List.of("org.amend4j:amend4j-notebook:1.2"));
        Dependencies.jars(List.of("lib/*.jar"));
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> dependencies.maven(List.of("org.amend4j:amend4j-notebook:1.1")))
                .getMessage();
        assertEquals(
                "%maven must name org.amend4j:amend4j-notebook:1.2, or an artifact in the version that is on the class path,"
                        + " got org.amend4j:amend4j-notebook:1.1",
                message);
        assertThrows(IllegalArgumentException.class, () -> Dependencies.jars(List.of("lib/one.jar")));
    }

    @Test
    void otherArtifactsAreNamedInTheVersionOnTheClassPath() {
        Path jar = Path.of("repository", "org", "some", "kit", "2.0", "kit-2.0.jar");
        Dependencies dependencies = new Dependencies("1.2", "target/classes" + File.pathSeparator + jar);
        dependencies.maven(List.of("org.some:kit:2.0"));
        for (String other : List.of("org.some:kit:2.1", "org.some:kit", "org.other:kit:2.0", "")) {
            assertThrows(IllegalArgumentException.class, () -> dependencies.maven(List.of(other)), other);
        }
    }
}
