package org.amend4j.examples.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
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
