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

    /** What cannot be an array would be told as a lack of memory. */
    @Test
    void aFileThatIsLargerThanItMayBeIsRefusedAndNotRead() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "12345");
        assertEquals(file, RegularFile.of(file, 5));
        refused(IOException.class, file + " is larger than 4 bytes", () -> RegularFile.of(file, 4));
        assertEquals(temp.resolve("missing"), RegularFile.of(temp.resolve("missing"), 4));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aPipeIsRefusedAndNotWaitedFor() throws Exception {
        Path pipe = temp.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        refused(IOException.class, pipe + " must be a file, and is none", () -> RegularFile.of(pipe));
    }
}
