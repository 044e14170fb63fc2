/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.AccumulationLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compensated sums against exact ones; planted faults, a plain sum among them, are noticed. */
class AccumulationKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("accumulation");

    @ParameterizedTest(name = "{0} elements, {1} terms, factor {2}, seed {3}")
    @MethodSource("org.amend4j.internal.backend.AccumulationLaws#sums")
    @OneIn(2)
    void aSumErrsByAFewBitsOfTwiceFloatsPrecisionForEachTerm(int length, int terms, double factor, long seed) {
        Caught.holds(
                SOURCE,
                CudaAccumulation::new,
                (machine, kernels, type) ->
                        AccumulationLaws.accumulate(machine, kernels, type, length, terms, factor, seed));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
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
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(
                fault,
                CudaAccumulation::new,
                (machine, kernels, type) -> AccumulationLaws.accumulate(machine, kernels, type, 777, 20, 1.0 / 3, 31));
    }
}
