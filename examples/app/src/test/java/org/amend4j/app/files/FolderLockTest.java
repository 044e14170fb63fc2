/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.data.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {

    @TempDir
    private Path folder;

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void twoRunsCannotHaveOneNameAndTheSecondMayTryAgainWhenTheFirstIsOver() throws IOException {
        Path out = folder.resolve("deep/er/out");
        try (FolderLock first = FolderLock.of("--out", out)) {
            assertEquals(
                    "--out: another run is writing to " + out + ": wait until it is over, or choose another name",
                    assertThrows(BadInputException.class, () -> FolderLock.of("--out", out))
                            .getMessage());
            try (FolderLock other = FolderLock.of("--out", folder.resolve("deep/er/other"))) {
                assertFalse(Files.exists(out));
            }
        }
        assertEquals(List.of(), left());
        try (FolderLock again = FolderLock.of("--out", out)) {
            Files.createDirectories(out);
        }
        try (Stream<Path> files = Files.list(out.resolve(".."))) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void commandsThatTakeOnlySecondsAreRefusedTooWhileAnotherRunHasTheirPlace() throws IOException {
        Path out = folder.resolve("out");
        try (FolderLock first = FolderLock.of("--out", out)) {
            amend4j("lora", "import", "--model", "m.zip", "--adapter", folder, "--out", out)
                    .refused("--out: another run is writing to");
            amend4j("package-job", "--output", out).refused("--output: another run is writing to");
        }
        assertEquals(List.of(), left());
    }

    /** As a killed run leaves it: the file without the system's lock. */
    @Test
    void aLockFileThatNobodyHoldsHindersNobody() throws IOException {
        Files.createFile(folder.resolve(".out.lock"));
        try (FolderLock claim = FolderLock.of("--out", folder.resolve("out"))) {
            assertEquals(1, left().size());
        }
        assertEquals(List.of(), left());
    }
}
