/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

    @TempDir
    private Path folder;

    @Test
    void bytesAppearInTheOrderOfWritingOrNotAtAll() throws IOException {
        Path target = folder.resolve("file");
        try (AtomicFile file = AtomicFile.create(target)) {
            file.stream().write(1);
            file.stream().write(new byte[] {2, 3});
            file.write(ByteBuffer.wrap(new byte[] {4, 5}));
            file.commit();
        }
        try (AtomicFile file = AtomicFile.create(target)) {
            file.stream().write(9);
        }
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, Files.readAllBytes(target));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(1, left.count());
        }
    }

    /** What a full disk throws has no name; interruptions and what has a name stay what they are. */
    @Test
    void aFailureOfTheDiskNamesTheFile() {
        Path target = Path.of("folder", "file");
        assertEquals(
                target + ": No space left on device",
                AtomicFile.named(target, new IOException("No space left on device"))
                        .getMessage());
        for (IOException clear :
                new IOException[] {new ClosedByInterruptException(), new NoSuchFileException("other")}) {
            assertSame(clear, AtomicFile.named(target, clear));
        }
    }
}
