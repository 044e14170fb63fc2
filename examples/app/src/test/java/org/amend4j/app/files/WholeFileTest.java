/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import static org.amend4j.testkit.Refusals.refused;
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

class WholeFileTest {

    @TempDir
    private Path folder;

    private long files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        }
    }

    @Test
    void aFailureLeavesTheOldFileAndNoOther() throws IOException {
        Path file = folder.resolve("report.json");
        WholeFile.write(file, new byte[] {1, 2, 3});
        assertThrows(
                IOException.class,
                () -> WholeFile.write(file, temporary -> {
                    Files.write(temporary, new byte[] {9});
                    throw new IOException("disk full");
                }));
        assertEquals(3, Files.size(file));
        assertEquals(1, files());
        WholeFile.write(file, new byte[] {1});
        assertEquals(1, Files.size(file));
        assertEquals(1, WholeFile.bytesIn(folder));
    }

    /** As on a full disk: the next attempt finds things as they were. */
    @Test
    void aFailureNamesTheFileAndTakesTheFoldersAlongThatWereMadeForIt() throws IOException {
        for (String name : new String[] {"a", "a/b/report.json"}) {
            Path path = folder.resolve(name);
            WholeFile.Writer full = temporary -> {
                throw new IOException("No space left on device");
            };
            String sentence = "cannot write " + path + ": No space left on device";
            assertEquals(
                    sentence,
                    assertThrows(IOException.class, () -> WholeFile.write(path, full))
                            .getMessage());
            WholeFile.Writer fullLater = temporary -> {
                Files.writeString(temporary.resolve("one"), "x");
                WholeFile.write(temporary.resolve("two"), full);
            };
            assertEquals(
                    sentence,
                    assertThrows(IOException.class, () -> WholeFolder.write(path, fullLater))
                            .getMessage());
            try (Stream<Path> left = Files.list(folder)) {
                assertEquals(0, left.count());
            }
        }
    }

    @Test
    void aFolderAppearsWhole() throws IOException {
        Path made = folder.resolve("a/b");
        WholeFolder.write(made, temporary -> {
            Files.writeString(temporary.resolve("one"), "x");
            assertFalse(Files.exists(made));
        });
        assertEquals("x", Files.readString(made.resolve("one")));
        assertEquals(1, files());
    }

    @Test
    void aFolderThatIsThereIsTheSameOrIsRefusedAndLeftAlone() throws IOException {
        Path made = folder.resolve("model");
        WholeFile.Writer writer = temporary -> {
            Files.writeString(temporary.resolve("config.json"), "{}");
            Files.writeString(Files.createDirectory(temporary.resolve("deep")).resolve("weights"), "123");
        };
        WholeFolder.writeOrCompare(made, writer);
        WholeFolder.writeOrCompare(made, writer);
        Files.writeString(made.resolve(".DS_Store"), "Finder's");
        WholeFolder.writeOrCompare(made, writer);
        Path more = Files.writeString(made.resolve("more.json"), "{}");
        refusesOther("more.json", made, writer);
        Files.delete(more);
        Files.writeString(made.resolve("deep/weights"), "124");
        refusesOther(Path.of("deep/weights").toString(), made, writer);
        assertEquals("124", Files.readString(made.resolve("deep/weights")));
        Files.delete(made.resolve("deep/weights"));
        refusesOther(Path.of("deep/weights").toString(), made, writer);
        refused(
                BadInputException.class,
                "must be a folder, or not be there",
                () -> WholeFolder.writeOrCompare(made.resolve("config.json"), writer));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(made), left.toList());
        }
    }

    private static void refusesOther(String file, Path made, WholeFile.Writer writer) {
        refused(
                BadInputException.class,
                made + " is there, but not as this version writes it (" + file
                        + " differs): remove it, or choose another folder",
                () -> WholeFolder.writeOrCompare(made, writer));
    }

    @Test
    void whatIsHalfWrittenIsDiscardedOnInterruption() throws IOException {
        Path file = folder.resolve("chart.png");
        assertThrows(
                IOException.class,
                () -> WholeFile.write(file, temporary -> {
                    Files.write(temporary, new byte[100]);
                    Unfinished.discardAll();
                }));
        assertEquals(0, files());
    }

    @Test
    void onlyWhatAppearedSinceIsDiscardedFromAFolder() throws IOException {
        Path older = Files.writeString(folder.resolve("a.tmp"), "x");
        try (Unfinished cache = Unfinished.in(folder, ".tmp")) {
            Files.writeString(folder.resolve("b.tmp"), "x");
            Files.writeString(folder.resolve("c.prefix"), "x");
            Unfinished.discardAll();
        }
        assertEquals(2, files());
        Unfinished.discardAll();
        assertEquals(1, Files.size(older));
        try (Unfinished all = Unfinished.at(folder.resolve("sub"))) {
            Files.createDirectories(folder.resolve("sub/deep"));
            Unfinished.discardAll();
        }
        assertEquals(2, files());
    }
}
