/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exponentials have the bytes of StrictMath's. */
class ExponentialsTest {

    @ParameterizedTest(name = "down to {0}, seed 1")
    @ValueSource(doubles = {1e-12, 1e-7, 0.35, 1, 1.1, 5, 40, 700, 760, 1e300})
    void numbers_drawn_anywhere(double width) {
        check(new Random(1).doubles(200_000, -width, 0).toArray());
    }

    @Test
    void numbers_of_every_magnitude() {
        check(new Random(2)
                .longs(500_000)
                .map(bits -> bits | Long.MIN_VALUE)
                .mapToDouble(Double::longBitsToDouble)
                .toArray());
    }

    /** Where k changes, where fdlibm changes its formula, and where results are no longer normal. */
    @Test
    void neighbours_of_every_seam() {
        DoubleStream.Builder seams = DoubleStream.builder();
        for (int k = 0; k <= 1080; k++) {
            around(seams, -(k + 0.5) * Math.log(2));
            around(seams, -k * Math.log(2));
        }
        for (double seam : new double[] {-0x1p-28, -0x1.62e43p-2, -0x1.62e42p-2, -0x1.0a2b2p0, -0x1.74910d52d3051p9}) {
            around(seams, seam);
        }
        check(seams.build().toArray());
    }

    @Test
    void what_is_not_a_number_or_has_no_end() {
        check(Double.NaN, Double.NEGATIVE_INFINITY, 0.0, -0.0, -Double.MIN_VALUE, -Double.MAX_VALUE);
    }

    @Test
    void only_the_first_are_overwritten() {
        double[] x = {-1, -2, -3};
        new Exponentials(3).ofNonPositive(x, 2);
        assertEquals(-3, x[2]);
    }

    private static void around(DoubleStream.Builder seams, double seam) {
        double up = seam;
        double down = seam;
        for (int i = 0; i < 40; i++) {
            seams.add(Math.min(up, 0));
            seams.add(down);
            up = Math.nextUp(up);
            down = Math.nextDown(down);
        }
    }

    private static void check(double... x) {
        double[] actual = x.clone();
        new Exponentials(x.length).ofNonPositive(actual, x.length);
        for (int i = 0; i < x.length; i++) {
            double argument = x[i];
            assertEquals(
                    Double.doubleToLongBits(StrictMath.exp(argument)),
                    Double.doubleToLongBits(actual[i]),
                    () -> "exp(" + Double.toHexString(argument) + ")");
        }
    }
}
