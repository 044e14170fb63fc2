/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import org.amend4j.random.RandomBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RejectionChanceTest {

    /** Gives out the numbers 0, 1, 2, … as bytes of the asked length. */
    private static final class Counting implements RandomBytes {
        private long next;

        @Override
        public void fill(byte[] bytes) {
            long value = next++;
            for (int i = bytes.length - 1; i >= 0; i--, value >>= 8) {
                bytes[i] = (byte) value;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 127, 128, 129, 200, 255, 256, 257, 1000, 65_535, 65_536})
    void everyNumberBelowTheBoundComesFromEquallyManyBytes(long bound) {
        int bits = BigInteger.valueOf(bound - 1).bitLength();
        int all = 1 << ((bits + 7) / 8 * 8);
        int[] counts = new int[(int) bound];
        Counting bytes = new Counting();
        RejectionChance chance = new RejectionChance(bytes);
        // Once through all byte strings; the last draw may start over, since it is one too many.
        while (bytes.next < all) {
            long drawn = chance.below(bound);
            if (bytes.next <= all) {
                counts[(int) drawn]++;
            }
            if (bits == 0) {
                break;
            }
        }
        int each = bits == 0 ? 1 : all >> bits;
        for (int count : counts) {
            assertEquals(each, count);
        }
    }

    @Test
    void aChanceIsItsFractionOfAllByteStrings() {
        BigInteger denominator = BigInteger.valueOf(200);
        Counting bytes = new Counting();
        RejectionChance chance = new RejectionChance(bytes);
        int yes = 0;
        for (int i = 0; i < 200; i++) {
            yes += chance.happens(BigInteger.valueOf(77), denominator) ? 1 : 0;
        }
        assertEquals(77, yes);
        assertEquals(200, bytes.next);
    }

    /** False alarm below 1e-9: the count is binomial with 20,000 draws, and 6.2 of its standard deviations are allowed. */
    @Test
    void bigFractionsHaveTheirProbability() {
        BigInteger denominator = BigInteger.TWO.pow(165).add(BigInteger.TEN);
        BigInteger numerator = denominator.multiply(BigInteger.valueOf(3)).divide(BigInteger.TEN);
        RejectionChance chance = new RejectionChance(new Seeded(5));
        int yes = 0;
        for (int i = 0; i < 20_000; i++) {
            yes += chance.happens(numerator, denominator) ? 1 : 0;
        }
        assertEquals(6000, yes, 6.2 * Math.sqrt(20_000 * 0.3 * 0.7));
        assertTrue(chance.happens(denominator, denominator));
        assertTrue(!chance.happens(BigInteger.ZERO, denominator));
    }

    @Test
    void boundsBelowOneAreRefused() {
        RejectionChance chance = new RejectionChance(new Seeded(1));
        assertThrows(IllegalArgumentException.class, () -> chance.below(0));
    }

    /** Hands out these numbers, one a call, as bytes of the asked length. */
    private static RejectionChance of(long... values) {
        return new RejectionChance(new RandomBytes() {
            private int next;

            @Override
            public void fill(byte[] bytes) {
                long value = values[next++];
                for (int i = bytes.length - 1; i >= 0; i--, value >>= 8) {
                    bytes[i] = (byte) value;
                }
                assertEquals(0, value);
            }
        });
    }

    /** A power of two is never drawn again, so this is what one try takes. */
    @ParameterizedTest
    @CsvSource({"1, 0", "2, 1", "256, 1", "512, 2", "65536, 2", "131072, 3", "4611686018427387904, 8"})
    void noMoreBytesAreDrawnThanTheBoundHas(long bound, int bytes) {
        Seeded source = new Seeded(7);
        long drawn = new RejectionChance(source).below(bound);
        assertTrue(drawn >= 0 && drawn < bound);
        assertEquals(bytes, source.drawn());
    }

    /** 2^62 + 2^61 has 63 bits and fits a long, 2^63 has 64 and does not: both are drawn from the numbers below them. */
    @Test
    void aChanceIsTheNumbersBelowItsNumeratorAlsoWhereLongsEnd() {
        BigInteger two62 = BigInteger.TWO.pow(62);
        for (BigInteger denominator :
                new BigInteger[] {two62.multiply(BigInteger.valueOf(3)).shiftRight(1), two62.shiftLeft(1)}) {
            long numerator = 12_345;
            assertTrue(of(numerator - 1).happens(BigInteger.valueOf(numerator), denominator));
            assertTrue(!of(numerator).happens(BigInteger.valueOf(numerator), denominator));
        }
    }

    /** The bound itself is drawn again: taken, it would be a number too many. */
    @Test
    void theBoundItselfIsDrawnAgain() {
        assertEquals(5, of(200, 5).below(200));
        BigInteger denominator = BigInteger.TWO.pow(65).add(BigInteger.ONE);
        byte[] itself = denominator.toByteArray();
        boolean[] first = {true};
        RejectionChance chance = new RejectionChance(bytes -> {
            Arrays.fill(bytes, (byte) 0);
            if (first[0]) {
                System.arraycopy(itself, 0, bytes, 0, itself.length);
            }
            first[0] = false;
        });
        assertTrue(chance.happens(denominator, denominator));
        assertTrue(!first[0]);
    }
}
