/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.stream.Stream;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.AccumulationKernels;
import org.amend4j.machine.MachineArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compensated sums against exact ones; planted faults, a plain sum among them, are noticed. */
class AccumulationKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("accumulation");
    private static final double FACTOR = 1.0 / 3;

    static Stream<Arguments> sums() {
        return Stream.of(
                Arguments.of(0, 3, 1.0, 11L),
                Arguments.of(1, 1, FACTOR, 12L),
                Arguments.of(257, 20, FACTOR, 13L),
                Arguments.of(1025, 30, -1.0, 14L),
                Arguments.of(33, 1000, FACTOR, 15L));
    }

    @ParameterizedTest(name = "{0} elements, {1} terms, factor {2}, seed {3}")
    @MethodSource("sums")
    void aSumErrsByAFewBitsOfTwiceFloatsPrecisionForEachTerm(int length, int terms, double factor, long seed) {
        Caught.holds(SOURCE, (device, source) -> accumulate(device, source, length, terms, factor, seed));
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault("a plain sum", "low[i] = lost(sum, rest, rounded);", "low[i] = 0.0f;"),
                new Fault("errors of sums forgotten", "__fadd_rn(of_sum, of_product)", "0.0f * of_sum + of_product"),
                new Fault(
                        "errors of products forgotten", "__fadd_rn(of_sum, of_product)", "of_sum + 0.0f * of_product"),
                new Fault("the rest of the factor forgotten", "__fmaf_rn(factor_low, from[i],", "(0.0f +"),
                new Fault(
                        "half of TwoSum", "__fadd_rn(__fsub_rn(a, __fsub_rn(sum, ofB)), __fsub_rn(b, ofB))", "b - ofB"),
                new Fault("low overwritten", "__fadd_rn(low[i], __fadd_rn(of_sum, of_product))", "of_sum + of_product"),
                new Fault("last element left out", "i < count; i +=", "i < count - 1; i +="),
                new Fault("stride of a block, not of the grid", "(long long)gridDim.x * blockDim.x", "blockDim.x"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> accumulate(device, source, 777, 20, FACTOR, 31));
    }

    /** Terms of mixed sign from 2^-20 to 2^20, the last of which takes all or half of the sum away again. */
    private static void accumulate(
            Device device, KernelSource source, int length, int terms, double factor, long seed) {
        try (Values values = new Values(device, seed)) {
            MachineArray high = values.in(new float[length]);
            MachineArray low = values.in(new float[length]);
            BigDecimal[] exact = new BigDecimal[length];
            double[] magnitudes = new double[length];
            Arrays.fill(exact, BigDecimal.ZERO);
            AccumulationKernels kernels = new CudaAccumulation(device, source);
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
            float[] gotHigh = values.get(high);
            float[] gotLow = values.get(low);
            for (int i = 0; i < length; i++) {
                // One step errs by at most 3 units² of all magnitudes and 7 units² of its own (see
                // AccumulationKernels).
                double bound = (3.0 * terms + 7) * Values.UNIT * Values.UNIT * magnitudes[i] * (1 + 16 * Values.UNIT);
                compare(i, exact[i], gotHigh[i], gotLow[i], bound);
                // The halves do not overlap.
                assertTrue(Math.abs(gotLow[i]) <= Math.ulp(gotHigh[i]) / 2, "low[" + i + "] of " + gotHigh[i]);
            }
        }
    }

    private static void compare(int i, BigDecimal exact, float high, float low, double bound) {
        if (!Float.isFinite(high) || !Float.isFinite(low)) {
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
}
