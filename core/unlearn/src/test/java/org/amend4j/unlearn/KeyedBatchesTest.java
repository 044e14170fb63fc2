/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.amend4j.objective.RecordIds;
import org.amend4j.sensitivity.Normaliser;
import org.junit.jupiter.api.Test;

class KeyedBatchesTest {

    /** Bytes 0, 1, ..., 31. */
    private static byte[] key() {
        byte[] key = new byte[32];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) i;
        }
        return key;
    }

    /** Computed with Python's hmac and struct.pack('>qqq', 7, r, 3). */
    @Test
    void membershipIsAsAnotherImplementationHasIt() {
        KeyedBatches batches = new KeyedBatches(key(), 7, 0.25);
        RecordIds expected = RecordIds.of(1, 7, 8, 12, 14, 15, 16, 17, 18, 23, 24, 25, 26, 28, 30, 32, 33, 34, 39);
        assertEquals(expected, batches.at(RecordIds.firstN(40), 3));
        assertEquals(276, batches.at(RecordIds.firstN(1000), 3).size());
        // the first 64 bits over 2^64 are 0.470401269837... at record 12345678901 and step 399
        assertTrue(new KeyedBatches(key(), 7, 0.4704012699).contains(12_345_678_901L, 399));
        assertFalse(new KeyedBatches(key(), 7, 0.4704012698).contains(12_345_678_901L, 399));
    }

    @Test
    void aRemovalRemovesARecordsOwnTermsAndNothingElse() {
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            KeyedBatches batches = new KeyedBatches(key(), seed, random.nextDouble());
            RecordIds all = RecordIds.of(random.longs(50).distinct().toArray());
            RecordIds gone = RecordIds.of(all.get(3), all.get(17), all.get(49));
            for (int t = 0; t < 20; t++) {
                RecordIds expected = RecordIds.of(batches.at(all, t).stream()
                        .filter(id -> !gone.contains(id))
                        .toArray());
                assertEquals(expected, batches.at(all.without(gone), t));
            }
        }
    }

    /**
     * 20 rates × 5,000 memberships, within 6 standard deviations: for a fair key that fails with probability 20·2e-9; a rate
     * that is off by a tenth is 7 to 22 deviations away at p >= 0.1.
     */
    @Test
    void recordsBelongAsOftenAsTheRateSays() {
        int n = 5_000;
        for (int i = 1; i <= 20; i++) {
            double p = i / 20.0;
            int members =
                    new KeyedBatches(key(), i, p).at(RecordIds.firstN(n), i).size();
            assertEquals(n * p, members, 6 * Math.sqrt(n * p * (1 - p)), "p = " + p);
        }
    }

    @Test
    void keysRunsAndStepsGiveOtherBatches() {
        RecordIds all = RecordIds.firstN(200);
        KeyedBatches batches = new KeyedBatches(key(), 1, 0.5);
        byte[] otherKey = key();
        otherKey[31]++;
        assertNotEquals(batches.at(all, 0), batches.at(all, 1));
        assertNotEquals(batches.at(all, 0), new KeyedBatches(key(), 2, 0.5).at(all, 0));
        assertNotEquals(batches.at(all, 0), new KeyedBatches(otherKey, 1, 0.5).at(all, 0));
        assertNotEquals(batches.keyFingerprint(), new KeyedBatches(otherKey, 1, 0.5).keyFingerprint());
        assertEquals(batches.keyFingerprint(), new KeyedBatches(key(), 2, 0.1).keyFingerprint());
    }

    @Test
    void extremeRates() {
        RecordIds all = RecordIds.firstN(100);
        assertEquals(all, new KeyedBatches(key(), 0, 1).at(all, 5));
        assertTrue(new KeyedBatches(key(), 0, Double.MIN_VALUE).at(all, 5).isEmpty());
        assertEquals(
                100, new KeyedBatches(key(), 0, Math.nextDown(1.0)).at(all, 5).size());
        assertEquals(new Normaliser.Fixed(256), new KeyedBatches(key(), 0, 0.25).normaliser(1024));
    }

    @Test
    void refusesInOneSentence() {
        refused("rate of keyed batches must be in (0, 1], got 0.0", () -> new KeyedBatches(key(), 0, 0));
        refused("rate of keyed batches must be in (0, 1], got NaN", () -> new KeyedBatches(key(), 0, Double.NaN));
        refused("at least 16 bytes, got 3", () -> new KeyedBatches(new byte[3], 0, 0.5));
        refused("planned number of records must be >= 1, got 0", () -> new KeyedBatches(key(), 0, 0.5).normaliser(0));
    }
}
