/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.BatchNormKernels;
import org.amend4j.machine.MachineArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frozen batch normalisation against doubles in both layouts; planted faults are noticed. */
class BatchNormKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("batch_norm");

    static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of(0, 3, 4, 11L),
                Arguments.of(1, 1, 1, 12L),
                Arguments.of(7, 33, 1, 13L),
                Arguments.of(3, 5, 49, 14L));
    }

    @ParameterizedTest(name = "[{0}, {1}, {2}], seed {3}")
    @MethodSource("shapes")
    void aNormalisationAndItsGradientAreTheirDefinitions(int outer, int channels, int inner, long seed) {
        Caught.holds(SOURCE, (device, source) -> batchNorm(device, source, outer, channels, inner, seed));
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault("layout mixed up", "i / inner % channels", "i % channels"),
                new Fault("last element unwritten", "i < count; i +=", "i < count - 1; i +="),
                new Fault("shift forgotten", "(shift ? shift[c] : 0.0f)", "0.0f"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> batchNorm(device, source, 3, 5, 7, 31));
    }

    private static void batchNorm(Device device, KernelSource source, int outer, int channels, int inner, long seed) {
        try (Values values = new Values(device, seed)) {
            int count = outer * channels * inner;
            float[] x = values.normal(count);
            float[] factor = values.normal(channels);
            float[] shift = values.normal(channels);
            BatchNormKernels kernels = new CudaBatchNorm(device, source);
            MachineArray deviceFactor = values.in(factor);
            MachineArray y = values.fresh(count);
            MachineArray dx = values.fresh(count);
            kernels.apply(values.in(x), deviceFactor, Optional.of(values.in(shift)), y, inner);
            kernels.apply(values.in(x), deviceFactor, Optional.empty(), dx, inner);
            Expected toY = new Expected(count);
            Expected toDx = new Expected(count);
            for (int i = 0; i < count; i++) {
                int c = i / inner % channels;
                double product = (double) factor[c] * x[i];
                // two roundings, one where a compiler contracts them
                toY.set(i, product + shift[c], 2 * Values.UNIT * (Math.abs(product) + Math.abs(shift[c])));
                toDx.set(i, product, 2 * Values.UNIT * Math.abs(product));
            }
            toY.compare("y", values.get(y));
            toDx.compare("dx", values.get(dx));
        }
    }
}
