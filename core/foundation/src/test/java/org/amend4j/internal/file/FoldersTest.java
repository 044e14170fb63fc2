/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {

    @TempDir
    private Path above;

    private Path filled(String name) throws IOException {
        Path folder = above.resolve(name);
        Files.createDirectories(folder.resolve("deep/deeper"));
        Files.writeString(folder.resolve("one"), "1");
        Files.writeString(folder.resolve("deep/deeper/two"), "2");
        return folder;
    }

    private long entries() throws IOException {
        try (Stream<Path> all = Files.list(above)) {
            return all.count();
        }
    }

    @Test
    void aPublishedFolderHasItsNameAndEverythingInIt() throws IOException {
        Path name = above.resolve("whole");
        Folders.publish(filled(".unfinished"), name);
        assertEquals("2", Files.readString(name.resolve("deep/deeper/two")));
        assertEquals(1, entries());
    }

    @Test
    void aFolderWithSomethingInItIsNotReplaced() throws IOException {
        Path name = filled("whole");
        Path other = filled("other");
        Files.writeString(other.resolve("one"), "other");
        assertThrows(FileSystemException.class, () -> Folders.publish(other, name));
        assertEquals("1", Files.readString(name.resolve("one")));
        assertTrue(Files.exists(other));
    }

    /** As in a Java runtime, whose licences link to each other. */
    @Test
    void readOnlyFilesAreForcedAndLinksAreLeftAlone() throws IOException {
        Path folder = filled("links");
        assertTrue(folder.resolve("one").toFile().setReadOnly());
        Files.createSymbolicLink(folder.resolve("nowhere"), Path.of("missing"));
        Files.createSymbolicLink(folder.resolve("round"), folder);
        Folders.publish(folder, above.resolve("published"));
        assertTrue(Files.exists(above.resolve("published/nowhere"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void deletingTakesEverythingBelowAndNothingBehindLinks() throws IOException {
        Path kept = filled("kept");
        Path folder = filled("folder");
        Files.createSymbolicLink(folder.resolve("link"), kept);
        Folders.delete(folder);
        Folders.delete(folder);
        assertFalse(Files.exists(folder));
        assertEquals("1", Files.readString(kept.resolve("one")));
        Folders.deleteAllBut(kept, "one");
        try (Stream<Path> left = Files.list(kept)) {
            assertEquals(1, left.count());
        }
    }

    @Test
    void aFileWrittenUnderAnotherNameReplacesAnOlderOne() throws IOException {
        Path target = Files.writeString(above.resolve("file"), "older");
        AtomicFile.publish(Files.writeString(above.resolve(".file"), "newer"), target);
        assertEquals("newer", Files.readString(target));
        assertEquals(1, entries());
    }
}
