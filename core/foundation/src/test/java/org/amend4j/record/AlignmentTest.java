/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.record.MadeUpRecords.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records are found among rows if and only if they are there, whatever became of the forgotten ones' rows. */
class AlignmentTest {

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    /** Somebody's rows go: each stays as it is, is overwritten, or is removed. */
    private static List<Row> damaged(Random random, MadeUpRecords records, RecordCommitments commitments) {
        List<Row> rows = new ArrayList<>();
        for (int k = 0; k < records.size(); k++) {
            Row row = records.rows().get(k);
            if (!commitments.isTombstone(k)) {
                rows.add(row);
                continue;
            }
            switch (random.nextInt(4)) {
                case 0 -> rows.add(row);
                case 1 -> rows.add(Row.BLANK);
                case 2 -> rows.add(Row.of(0, random.nextInt(3)));
                default -> {}
            }
        }
        return rows;
    }

    private static RecordCommitments someBuried(Random random, MadeUpRecords records, double share) {
        RecordCommitments commitments = records.committed(random.nextLong());
        commitments.bury(IntStream.range(0, records.size())
                .filter(k -> random.nextDouble() < share)
                .mapToLong(records::id));
        return commitments;
    }

    private static MadeUpRecords made(Random random, int most) {
        return MadeUpRecords.random(
                random, 1 + random.nextInt(most), 1 + random.nextInt(4), 1 + random.nextInt(4), random.nextBoolean());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void retainedRecordsAreFoundInOrderWhateverBecameOfTheOthers(long seed) {
        Random random = new Random(seed);
        MadeUpRecords records = made(random, 60);
        RecordCommitments commitments = someBuried(random, records, random.nextDouble());
        MadeUpRecords rows = records.with(damaged(random, records, commitments));
        Alignment alignment = Alignment.of(commitments, rows.asRows());
        int last = -1;
        for (int k = 0; k < records.size(); k++) {
            if (!commitments.isTombstone(k)) {
                int row = alignment.row(k).orElseThrow();
                assertTrue(row > last);
                last = row;
                assertEquals(records.rows().get(k).value(), rows.rows().get(row).value());
                assertTrue(!records.named()
                        || records.unit(k) == rows.rows().get(row).subject());
            }
        }
    }

    /** By trying everything, on tables so small that this ends. */
    private static boolean exists(
            MadeUpRecords records, RecordCommitments commitments, List<Row> rows, int k, int row) {
        if (k == records.size()) {
            return row == rows.size();
        }
        if (commitments.isTombstone(k)) {
            return exists(records, commitments, rows, k + 1, row)
                    || (row < rows.size() && exists(records, commitments, rows, k + 1, row + 1));
        }
        Row expected = records.rows().get(k);
        return row < rows.size()
                && rows.get(row).value().equals(expected.value())
                && (!records.named() || rows.get(row).subject() == expected.subject())
                && exists(records, commitments, rows, k + 1, row + 1);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsAcceptedIsExactlyWhatCanBeExplained(long seed) {
        Random random = new Random(seed);
        int accepted = 0;
        for (int i = 0; i < 20; i++) {
            MadeUpRecords records = made(random, 7);
            RecordCommitments commitments = someBuried(random, records, 0.4);
            List<Row> rows = damaged(random, records, commitments);
            if (random.nextInt(3) > 0 && !rows.isEmpty()) {
                int at = random.nextInt(rows.size());
                switch (random.nextInt(3)) {
                    case 0 -> rows.remove(at);
                    case 1 -> rows.add(at, Row.of(random.nextInt(2), random.nextInt(2)));
                    default -> rows.set(at, Row.of(random.nextInt(2), random.nextInt(2)));
                }
            }
            boolean expected = exists(records, commitments, rows, 0, 0);
            boolean actual = accepts(commitments, records.with(rows));
            assertEquals(expected, actual, () -> records + " " + commitments + " " + rows);
            accepted += actual ? 1 : 0;
        }
        assertTrue(accepted > 0 && accepted < 20);
    }

    private static boolean accepts(RecordCommitments commitments, MadeUpRecords rows) {
        try {
            Alignment.of(commitments, rows.asRows());
            return true;
        } catch (IllegalArgumentException refused) {
            assertFalse(refused.getMessage().isBlank());
            return false;
        }
    }

    private static void refused(RecordCommitments commitments, MadeUpRecords rows, String what) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> Alignment.of(commitments, rows.asRows()));
        assertTrue(refused.getMessage().startsWith(what), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count());
    }

    private static final MadeUpRecords TEN = new MadeUpRecords(
            true, IntStream.range(0, 10).mapToObj(k -> Row.of(k % 5, k)).toList());

    /** Records 4 and 5 forgotten. */
    private static RecordCommitments forgotten() {
        RecordCommitments commitments = TEN.committed(3);
        commitments.bury(LongStream.of(TEN.id(4), TEN.id(5)));
        return commitments;
    }

    private static MadeUpRecords changed(int row, Row... others) {
        List<Row> rows = new ArrayList<>(TEN.rows());
        rows.remove(row);
        rows.addAll(row, List.of(others));
        return TEN.with(rows);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 6, 9})
    void aRetainedRowThatWasTouchedIsNamed(int row) {
        String named = "row " + (row + 1) + " of the 10 that were trained on was changed, moved or removed";
        refused(forgotten(), changed(row), named);
        refused(forgotten(), changed(row, Row.BLANK), named);
        refused(forgotten(), changed(row, Row.of(row % 5, -1)), named);
        refused(forgotten(), changed(row, Row.of(7, row)), named);
    }

    @Test
    void rowsInAnotherOrderAreRefused() {
        List<Row> rows = new ArrayList<>(TEN.rows());
        rows.add(7, rows.remove(8));
        refused(forgotten(), TEN.with(rows), "row 8 of the 10");
    }

    @Test
    void rowsThatWereAddedAreRefused() {
        List<Row> rows = new ArrayList<>(TEN.rows());
        rows.add(Row.of(1, 1));
        refused(forgotten(), TEN.with(rows), "row 11 was added");
        rows.remove(4);
        refused(forgotten(), TEN.with(rows), "row 10 was added");
    }

    @Test
    void theRowOfATombstoneIsKnownIfAllOfItsGapAreThere() {
        Alignment intact = Alignment.of(forgotten(), TEN.asRows());
        assertEquals(4, intact.row(4).orElseThrow());
        assertEquals(5, intact.row(5).orElseThrow());
        Alignment oneGone = Alignment.of(forgotten(), changed(4).asRows());
        assertTrue(oneGone.row(4).isEmpty() && oneGone.row(5).isEmpty());
        assertEquals(5, oneGone.row(6).orElseThrow());
    }

    @Test
    void aTableOfNothingButTombstonesNeedsNoRows() {
        RecordCommitments commitments = TEN.committed(3);
        commitments.bury(IntStream.range(0, 10).mapToLong(TEN::id));
        Alignment alignment = Alignment.of(commitments, TEN.with(List.of()).asRows());
        assertEquals(
                Optional.empty(),
                IntStream.range(0, 10)
                        .boxed()
                        .filter(k -> alignment.row(k).isPresent())
                        .findFirst());
    }
}
