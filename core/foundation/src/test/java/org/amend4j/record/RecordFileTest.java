/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.keys.Seal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is read whole or refused with one sentence. */
class RecordFileTest {

    static final Seal SEAL =
            new Seal("a key of thirty-two bytes, not 33".substring(0, 32).getBytes(StandardCharsets.US_ASCII));

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
        new RecordFile("the settings", "the label", commitments).write(file, SEAL);
        bytes = Files.readAllBytes(file);
    }

    private void refused(byte[] damaged) throws IOException {
        Files.write(file, damaged);
        IOException refused = assertThrows(IOException.class, () -> RecordFile.read(file, SEAL));
        assertEquals(1, refused.getMessage().lines().count());
        assertTrue(refused.getMessage().contains("records.bin "), refused.getMessage());
    }

    private static void requireThatOf(RecordFile read) {
        assertEquals("the settings", read.settings());
        assertEquals("the label", read.label());
        assertEquals(9, read.commitments().size());
        assertTrue(read.commitments().isTombstone(2) && read.commitments().isTombstone(3));
    }

    @Test
    void whatWasWrittenIsRead() throws IOException {
        requireThatOf(RecordFile.read(file, SEAL));
        assertTrue(RecordFile.isSealed(file));
    }

    /** As release 0.1.0 wrote it: not sealed, with its digest at the end. */
    private byte[] unsealed() throws Exception {
        byte[] magic = "amend4j records 1\n".getBytes(StandardCharsets.US_ASCII);
        byte[] body = SEAL.open(Arrays.copyOfRange(bytes, magic.length, bytes.length), "amend4j records 2");
        byte[] whole = Arrays.copyOf(magic, magic.length + body.length);
        System.arraycopy(body, 0, whole, magic.length, body.length);
        byte[] plain = Arrays.copyOf(whole, whole.length + 32);
        System.arraycopy(Sha256.of(whole), 0, plain, whole.length, 32);
        return plain;
    }

    @Test
    void aFileThatIsNotSealedIsReadAndSealed() throws Exception {
        Files.write(file, unsealed());
        assertFalse(RecordFile.isSealed(file));
        RecordFile read = RecordFile.read(file, SEAL);
        requireThatOf(read);
        read.write(file, SEAL);
        requireThatOf(RecordFile.read(file, SEAL));
        assertTrue(RecordFile.isSealed(file));
    }

    @Test
    void ofAFileThatIsNotSealedEveryTruncationAndEveryFlippedBitIsRefused() throws Exception {
        byte[] plain = unsealed();
        for (int length = 0; length < plain.length; length++) {
            refused(Arrays.copyOf(plain, length));
        }
        for (int bit = 0; bit < 8 * plain.length; bit++) {
            byte[] damaged = plain.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            refused(damaged);
        }
    }

    @Test
    void onlyTheKeyItWasSealedWithOpensIt() {
        IOException refused = assertThrows(IOException.class, () -> RecordFile.read(file, new Seal(new byte[32])));
        assertTrue(refused.getMessage().contains("sealed with another key"), refused.getMessage());
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
        Files.write(file, text.replace("records 2\n", "records 3\n").getBytes(StandardCharsets.ISO_8859_1));
        IOException refused = assertThrows(IOException.class, () -> RecordFile.read(file, SEAL));
        assertTrue(refused.getMessage().endsWith("has version 3, this release reads 1 and 2"), refused.getMessage());
    }
}
