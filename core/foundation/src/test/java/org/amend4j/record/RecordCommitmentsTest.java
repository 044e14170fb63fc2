/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.record.MadeUpRecords.Row;
import org.amend4j.transparency.MerkleTree;
import org.amend4j.transparency.TreeHash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A commitment binds, and hides once its salt is gone. */
class RecordCommitmentsTest {

    @TempDir
    Path temp;

    private static MadeUpRecords records(int n) {
        return MadeUpRecords.random(new Random(n), n, 3, 5, true);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 100})
    void theRootIsThatOfTheTreeOfAllLeaves(int n) {
        RecordCommitments commitments = records(n).committed(1);
        List<TreeHash> leaves =
                IntStream.range(0, n).mapToObj(commitments::leaf).toList();
        assertEquals(MerkleTree.of(leaves).root(), commitments.root());
    }

    /** The formula of the class comment, computed anew. */
    @Test
    void aLeafIsTheHashOfSaltIdSubjectAndContent() {
        MadeUpRecords records = records(3);
        RecordCommitments commitments = records.committed(8);
        byte[] salts = new byte[3 * 16];
        MadeUpRecords.seeded(8).fill(salts);
        for (int k = 0; k < 3; k++) {
            ByteBuffer content = ByteBuffer.allocate(3 + 8 + 8)
                    .put(new byte[] {0, 8, 1})
                    .putLong(1)
                    .putDouble(records.rows().get(k).value().orElseThrow());
            ByteBuffer entry = ByteBuffer.allocate(16 + 16 + 19)
                    .put(salts, 16 * k, 16)
                    .putLong(10L * k)
                    .putLong(records.unit(k))
                    .put(content.array());
            assertEquals(TreeHash.leaf(entry.array()), commitments.leaf(k));
        }
    }

    @Test
    void everyOtherContentAndSubjectIsNoticed() {
        MadeUpRecords records = records(20);
        RecordCommitments commitments = records.committed(1);
        for (int k = 0; k < 20; k++) {
            byte[] content = records.content(k);
            assertTrue(commitments.matches(k, records.unit(k), content));
            assertFalse(commitments.matches(k, records.unit(k) + 1, content));
            for (int bit = 0; bit < 8 * content.length; bit++) {
                content[bit / 8] ^= (byte) (1 << bit % 8);
                assertFalse(commitments.matches(k, records.unit(k), content));
                content[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
    }

    /**
     * Who has everything but the salt tries all values a record can have: while the salt is there one of them fits, afterwards none,
     * and neither in the file.
     */
    @Test
    void guessesAboutATombstoneCannotBeTested() throws Exception {
        MadeUpRecords records = records(20);
        RecordCommitments commitments = records.committed(1);
        TreeHash root = commitments.root();
        Path file = temp.resolve("records.bin");
        new RecordFile("settings", "label", commitments).write(file, RecordFileTest.SEAL);
        assertEquals(1, guesses(records, commitments, 7));
        assertEquals(
                1, guesses(records, RecordFile.read(file, RecordFileTest.SEAL).commitments(), 7));
        commitments.bury(LongStream.of(records.id(7)));
        new RecordFile("settings", "label", commitments).write(file, RecordFileTest.SEAL);
        assertEquals(0, guesses(records, commitments, 7));
        RecordCommitments read = RecordFile.read(file, RecordFileTest.SEAL).commitments();
        assertEquals(0, guesses(records, read, 7));
        assertEquals(root, read.root());
        ByteBuffer kept = ByteBuffer.allocate(65);
        read.put(7, kept);
        byte[] salt = new byte[16];
        kept.get(49, salt);
        assertArrayEquals(new byte[16], salt);
        // the hash of the record under the salt that is left is not the leaf
        byte[] entry = ByteBuffer.allocate(32 + 19)
                .put(salt)
                .putLong(records.id(7))
                .putLong(records.unit(7))
                .put(records.content(7))
                .array();
        assertNotEquals(TreeHash.leaf(entry), read.leaf(7));
    }

    private static long guesses(MadeUpRecords records, RecordCommitments commitments, int k) {
        return IntStream.range(0, 5)
                .filter(value -> {
                    List<Row> rows = new ArrayList<>(records.rows());
                    rows.set(k, Row.of(records.unit(k), value));
                    return commitments.matches(
                            k, records.unit(k), records.with(rows).content(k));
                })
                .count();
    }

    @Test
    void withEqualSaltsTwoDataSetsDifferInTheLeavesOfOtherRecordsAlone() {
        MadeUpRecords records = records(20);
        List<Row> rows = new ArrayList<>(records.rows());
        rows.set(7, Row.of(records.unit(7), 99));
        RecordCommitments one = records.committed(1);
        RecordCommitments other = records.with(rows).committed(1);
        for (int k = 0; k < 20; k++) {
            assertEquals(k == 7, !one.leaf(k).equals(other.leaf(k)));
        }
        assertNotEquals(one.root(), other.root());
        // equal records under other salts are as different as different ones: a leaf tells nothing
        assertNotEquals(records.committed(2).leaf(7), one.leaf(7));
    }

    @Test
    void whatIsHeldAgainstThemMustBeTheRecordsButForTombstones() {
        MadeUpRecords records = records(20);
        List<Row> rows = new ArrayList<>(records.rows());
        rows.set(7, Row.of(1, 99));
        MadeUpRecords changed = records.with(rows);
        RecordCommitments commitments = records.committed(1);
        commitments.require(records);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> commitments.require(changed));
        assertEquals("record 70 was changed", refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> commitments.require(records.with(rows.subList(0, 19))));
        commitments.bury(LongStream.of(70));
        commitments.bury(LongStream.of(70));
        commitments.require(changed);
        assertEquals(1, commitments.tombstones());
        assertThrows(IllegalArgumentException.class, () -> commitments.bury(LongStream.of(80, 71)));
        assertEquals(1, commitments.tombstones());
    }

    @Test
    void saltsAreDrawnForEveryRecordAndEveryTime() throws Exception {
        MadeUpRecords same = MadeUpRecords.random(new Random(1), 50, 1, 1, true);
        RecordCommitments one = RecordCommitments.of(same, org.amend4j.random.RandomBytes.secure());
        RecordCommitments two = RecordCommitments.of(same, org.amend4j.random.RandomBytes.secure());
        assertEquals(
                100,
                IntStream.range(0, 50)
                        .boxed()
                        .flatMap(k -> List.of(one.leaf(k), two.leaf(k)).stream())
                        .distinct()
                        .count());
        Path file = temp.resolve("a");
        new RecordFile("s", "l", one).write(file, RecordFileTest.SEAL);
        assertEquals(
                "rw-------",
                java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
}
