/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClothesUsersTest {

    private static final int KINDS = 10;
    private static final int PICTURES = 5900;
    private static final int USERS = 100;

    /** Statistical tolerances are so many standard deviations. */
    private static final double SDS = 4;

    private static int[] labels(int pictures) {
        return IntStream.range(0, pictures).map(i -> i % KINDS).toArray();
    }

    @Test
    void equalArgumentsGiveEqualUsersAndAnotherSeedOthers() {
        ClothesUsers users = ClothesUsers.of(labels(PICTURES), KINDS, USERS, 7);
        ClothesUsers again = ClothesUsers.of(labels(PICTURES), KINDS, USERS, 7);
        assertArrayEquals(users.subjects(), again.subjects());
        assertArrayEquals(users.shares(3), again.shares(3));
        assertFalse(Arrays.equals(
                users.subjects(),
                ClothesUsers.of(labels(PICTURES), KINDS, USERS, 8).subjects()));
    }

    /** Few pictures, so that many draws leave somebody without one. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyPictureHasOneUserAndEveryUserAPicture(long seed) {
        ClothesUsers users = ClothesUsers.of(labels(40), KINDS, 12, seed);
        int[] counts = new int[12];
        for (int picture = 0; picture < 40; picture++) {
            counts[users.subject(picture)]++;
        }
        for (int user = 0; user < 12; user++) {
            assertTrue(counts[user] >= 1);
            assertEquals(counts[user], users.pictures(user));
        }
        int smaller = (int) Arrays.stream(counts)
                .filter(count -> count < counts[users.middle()])
                .count();
        int larger = (int) Arrays.stream(counts)
                .filter(count -> count > counts[users.middle()])
                .count();
        assertTrue(smaller <= 6 && larger <= 6);
    }

    /**
     * Of Dirichlet(½, ..., ½) with ten shares: E p = 1/10, Var p = 0.015; for Q = Σp², E Q = 10·(½·3/2)/(5·6) = 1/4 and
     * E Q² = 10·(½·3/2·5/2·7/2)/1680 + 90·(½·3/2)²/1680 with 1680 = 5·6·7·8.
     */
    @Test
    void sharesHaveTheMomentsOfADirichletOfOneHalf() {
        int many = 1000;
        ClothesUsers users = ClothesUsers.of(labels(40 * many), KINDS, many, 1);
        double[] means = new double[KINDS];
        double squares = 0;
        for (int user = 0; user < many; user++) {
            double[] shares = users.shares(user);
            assertEquals(1, Arrays.stream(shares).sum(), 1e-12);
            squares += Arrays.stream(shares).map(p -> p * p).sum() / many;
            for (int kind = 0; kind < KINDS; kind++) {
                means[kind] += shares[kind] / many;
            }
        }
        double variance = (10 * 6.5625 + 90 * 0.5625) / 1680 - 1.0 / 16;
        assertEquals(0.25, squares, SDS * Math.sqrt(variance / many));
        for (double mean : means) {
            assertEquals(0.1, mean, SDS * Math.sqrt(0.015 / many));
        }
    }

    /**
     * Pictures of a kind are a multinomial of the users' shares. In groups of ten users, Pearson's X² has the mean k - 1 and
     * the variance 2(k - 1) + (Σ1/p - k² - 2k + 2)/n exactly, and kinds are independent.
     */
    @Test
    void picturesFollowTheShares() {
        ClothesUsers users = ClothesUsers.of(labels(PICTURES), KINDS, USERS, 3);
        int groups = USERS / 10;
        double n = PICTURES / (double) KINDS;
        double chi = 0;
        double flat = 0;
        double variance = 0;
        for (int kind = 0; kind < KINDS; kind++) {
            double[] p = new double[groups];
            double[] counts = new double[groups];
            for (int user = 0; user < USERS; user++) {
                p[user / 10] += users.shares(user)[kind];
            }
            for (int picture = kind; picture < PICTURES; picture += KINDS) {
                counts[users.subject(picture) / 10]++;
            }
            double sum = Arrays.stream(p).sum();
            variance += 2.0 * (groups - 1) + (2.0 - groups * groups - 2 * groups) / n;
            for (int g = 0; g < groups; g++) {
                double expected = n * p[g] / sum;
                chi += (counts[g] - expected) * (counts[g] - expected) / expected;
                flat += (counts[g] - n / groups) * (counts[g] - n / groups) / (n / groups);
                variance += 1 / (p[g] / sum) / n;
            }
        }
        double mean = KINDS * (groups - 1.0);
        assertEquals(mean, chi, SDS * Math.sqrt(variance));
        assertTrue(flat > mean + SDS * Math.sqrt(variance), "equal shares for all must be noticed, got " + flat);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 2.5})
    void gammaDrawsHaveTheirMoments(double shape) {
        RandomDraws draws = new RandomDraws(11);
        int n = 20_000;
        double first = 0;
        double second = 0;
        for (int i = 0; i < n; i++) {
            double x = draws.gamma(shape);
            first += x / n;
            second += x * x / n;
        }
        double m2 = shape * (shape + 1);
        double m4 = m2 * (shape + 2) * (shape + 3);
        assertEquals(shape, first, SDS * Math.sqrt(shape / n));
        assertEquals(m2, second, SDS * Math.sqrt((m4 - m2 * m2) / n));
    }

    @Test
    void whatCannotBeDealtOutIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> ClothesUsers.of(labels(5), KINDS, 6, 1));
        assertThrows(IllegalArgumentException.class, () -> ClothesUsers.of(new int[] {10}, KINDS, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> ClothesUsers.of(labels(100), KINDS, 100, 1));
    }
}
