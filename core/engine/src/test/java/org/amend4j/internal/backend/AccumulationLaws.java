/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.junit.jupiter.params.provider.Arguments;

/** Compensated sums against exact ones. */
public final class AccumulationLaws {

    private static final double FACTOR = 1.0 / 3;

    private AccumulationLaws() {}

    public static Stream<Arguments> sums() {
        return Stream.of(
                Arguments.of(0, 3, 1.0, 11L),
                Arguments.of(1, 1, FACTOR, 12L),
                Arguments.of(257, 20, FACTOR, 13L),
                Arguments.of(1025, 30, -1.0, 14L),
                Arguments.of(33, 1000, FACTOR, 15L));
    }

    /** Terms of mixed sign from 2^-20 to 2^20, the last of which takes all or half of the sum away again. */
    public static void accumulate(
            Machine machine,
            AccumulationKernels kernels,
            ElementType type,
            int length,
            int terms,
            double factor,
            long seed) {
        try (Values values = new Values(machine, type, seed)) {
            MachineArray high = values.in(new float[length]);
            MachineArray low = values.in(new float[length]);
            BigDecimal[] exact = new BigDecimal[length];
            double[] magnitudes = new double[length];
            Arrays.fill(exact, BigDecimal.ZERO);
            for (int term = 0; term < terms; term++) {
                float[] next = values.normal(length);
                for (int i = 0; i < length; i++) {
                    boolean last = term == terms - 1;
                    next[i] = last
                            ? (float) (-exact[i].doubleValue() / factor / (1 + i % 2))
                            : Math.scalb(next[i], values.random().nextInt(41) - 20);
                    exact[i] = exact[i].add(new BigDecimal(factor).multiply(new BigDecimal(next[i])));
                    magnitudes[i] += Math.abs(factor * next[i]);
                }
                kernels.addTo(values.in(next), factor, high, low);
            }
            // The reference is exact: no allowance for it.
            double unit = type == ElementType.FLOAT ? 0x1p-24 : 0x1p-53;
            double[] gotHigh = values.get(high);
            double[] gotLow = values.get(low);
            for (int i = 0; i < length; i++) {
                // One step errs by at most 3 units² of all magnitudes and 7 units² of its own (see
                // AccumulationKernels).
                double bound = (3.0 * terms + 7) * unit * unit * magnitudes[i] * (1 + 16 * unit);
                compare(i, exact[i], gotHigh[i], gotLow[i], bound);
                // The halves do not overlap.
                assertTrue(Math.abs(gotLow[i]) <= ulp(type, gotHigh[i]) / 2, "low[" + i + "] of " + gotHigh[i]);
            }
        }
    }

    private static void compare(int i, BigDecimal exact, double high, double low, double bound) {
        if (!Double.isFinite(high) || !Double.isFinite(low)) {
            fail("sum[" + i + "] must be finite, got " + high + " and " + low);
        }
        double error = new BigDecimal(high)
                .add(new BigDecimal(low))
                .subtract(exact)
                .abs()
                .doubleValue();
        if (!(error <= bound)) {
            fail("sum[" + i + "] must be " + exact.doubleValue() + " within " + bound + ", is off by " + error);
        }
    }

    private static double ulp(ElementType type, double value) {
        return type == ElementType.FLOAT ? Math.ulp((float) value) : Math.ulp(value);
    }
}
