/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is read whole or refused with one sentence. */
class RecordFileTest {

    @TempDir
    Path temp;

    private Path file = Path.of("");
    private byte[] bytes = {};

    @BeforeEach
    void write() throws IOException {
        RecordCommitments commitments =
                MadeUpRecords.random(new Random(4), 9, 3, 5, true).committed(4);
        commitments.bury(LongStream.of(20, 30));
        file = temp.resolve("records.bin");
        new RecordFile("the settings", "the label", commitments).write(file);
        bytes = Files.readAllBytes(file);
    }

    private void refused(byte[] damaged) throws IOException {
        Files.write(file, damaged);
        IOException refused = assertThrows(IOException.class, () -> RecordFile.read(file));
        assertEquals(1, refused.getMessage().lines().count());
        assertTrue(refused.getMessage().contains("records.bin "), refused.getMessage());
    }

    @Test
    void whatWasWrittenIsReadAndWrittenAgainToItsBytes() throws IOException {
        RecordFile read = RecordFile.read(file);
        assertEquals("the settings", read.settings());
        assertEquals("the label", read.label());
        assertEquals(9, read.commitments().size());
        assertTrue(read.commitments().isTombstone(2) && read.commitments().isTombstone(3));
        read.write(file);
        assertTrue(Arrays.equals(bytes, Files.readAllBytes(file)));
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        for (int length = 0; length < bytes.length; length++) {
            refused(Arrays.copyOf(bytes, length));
        }
        refused(Arrays.copyOf(bytes, bytes.length + 1));
    }

    @Test
    void everyFlippedBitIsRefused() throws IOException {
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] damaged = bytes.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            refused(damaged);
        }
    }

    @Test
    void anotherVersionIsNamed() throws IOException {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        Files.write(file, text.replace("records 1\n", "records 2\n").getBytes(StandardCharsets.ISO_8859_1));
        IOException refused = assertThrows(IOException.class, () -> RecordFile.read(file));
        assertTrue(refused.getMessage().endsWith("has version 2, this release reads 1"), refused.getMessage());
    }
}
