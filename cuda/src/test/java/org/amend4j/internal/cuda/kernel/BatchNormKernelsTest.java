/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.BatchNormLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Frozen batch normalisation against doubles in both layouts; planted faults are noticed. */
class BatchNormKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("batch_norm");

    @ParameterizedTest(name = "[{0}, {1}, {2}], seed {3}")
    @MethodSource("org.amend4j.internal.backend.BatchNormLaws#shapes")
    void aNormalisationAndItsGradientAreTheirDefinitions(int outer, int channels, int inner, long seed) {
        Caught.holds(
                SOURCE,
                CudaBatchNorm::new,
                (machine, kernels, type) ->
                        BatchNormLaws.batchNorm(machine, kernels, type, outer, channels, inner, seed));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("layout mixed up", "i / inner % channels", "i % channels"),
                new Fault("last element unwritten", "i < count; i +=", "i < count - 1; i +="),
                new Fault("shift forgotten", "(shift ? shift[c] : 0.0f)", "0.0f"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(
                fault,
                CudaBatchNorm::new,
                (machine, kernels, type) -> BatchNormLaws.batchNorm(machine, kernels, type, 3, 5, 7, 31));
    }
}
