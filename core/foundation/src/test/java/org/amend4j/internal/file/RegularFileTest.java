/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.file;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class RegularFileTest {

    @TempDir
    private Path temp;

    @Test
    void aFolderIsRefusedByItsNameAndWhatIsMissingIsNot() throws IOException {
        refused(IOException.class, temp + " must be a file, and is a folder", () -> RegularFile.of(temp));
        Path missing = temp.resolve("missing");
        assertEquals(missing, RegularFile.of(missing));
        assertEquals(missing, RegularFile.of(Files.createFile(missing)));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aPipeIsRefusedAndNotWaitedFor() throws Exception {
        Path pipe = temp.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        refused(IOException.class, pipe + " must be a file, and is none", () -> RegularFile.of(pipe));
    }
}
