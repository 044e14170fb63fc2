/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.data.BadInputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DestinationTest {

    @TempDir
    private Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.writeString(folder.resolve("file.zip"), "x");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> !path.equals(folder))
                    .map(path -> folder.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    private void refused(String sentence, Runnable check) throws IOException {
        BadInputException refused = assertThrows(BadInputException.class, check::run);
        assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count());
        assertEquals(List.of("file.zip"), names());
    }

    @Test
    void whatCanBeWrittenIsAcceptedAndNothingIsLeftOfTheTrial() throws IOException {
        Destination.folder("--out", folder);
        Destination.folder("--out", folder.resolve("a/b"));
        Destination.somethingNew("--out", folder.resolve("a/b"));
        Destination.file("--json", file);
        Destination.file("--json", folder.resolve("a/b.json"));
        assertEquals(List.of("file.zip"), names());
        assertEquals("x", Files.readString(file));
    }

    @Test
    void whatIsThereIsNotTakenForSomethingElse() throws IOException {
        refused("--out must be a folder, " + file, () -> Destination.folder("--out", file));
        refused("exists already", () -> Destination.somethingNew("--out", file));
        refused("--json must be a file, " + folder, () -> Destination.file("--json", folder));
    }

    @Test
    void nothingIsMadeBelowAFile() throws IOException {
        Path below = file.resolve("sub/x");
        for (Runnable check : List.<Runnable>of(
                () -> Destination.folder("--out", below),
                () -> Destination.somethingNew("--out", below),
                () -> Destination.file("--out", below))) {
            refused("--out: cannot write " + below + ": ", check);
        }
    }

    @Test
    void aDeviceIsNoFileAndAFolderOfTheKernelTakesNothing() throws IOException {
        if (Files.exists(Path.of("/proc/self")) && Files.exists(Path.of("/dev/null"))) {
            refused("--json must be a plain file", () -> Destination.file("--json", Path.of("/dev/null")));
            refused(
                    "cannot write /proc/foo: /proc takes no files",
                    () -> Destination.somethingNew("--out", Path.of("/proc/foo")));
            refused("cannot write /proc/foo", () -> Destination.folder("--out", Path.of("/proc/foo")));
        }
    }

    @Test
    void aNameThatIsTooLongIsNoticed() throws IOException {
        refused("cannot write", () -> Destination.somethingNew("--out", folder.resolve("x".repeat(300))));
    }
}
