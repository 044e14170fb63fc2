/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.ImageCase;
import org.amend4j.internal.backend.PoolingLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pooling against loops in double, in both layouts, global pooling included; planted faults are noticed. */
class PoolingKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("pooling");

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void maximaAndTheirGradientAreTheirDefinitions(ImageCase images) {
        Caught.holds(
                SOURCE,
                CudaPooling::new,
                (machine, kernels, type) -> PoolingLaws.max(machine, kernels, type, images, false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void aNaNIsTheMaximumWhereverItIs(ImageCase images) {
        Caught.holds(
                SOURCE,
                CudaPooling::new,
                (machine, kernels, type) -> PoolingLaws.max(machine, kernels, type, images, true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void averagesAndTheirGradientAreTheirDefinitions(ImageCase images) {
        Caught.holds(SOURCE, CudaPooling::new, (machine, kernels, type) -> {
            PoolingLaws.average(machine, kernels, type, images, false);
            PoolingLaws.average(machine, kernels, type, images, true);
        });
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("last among equals", "value > most", "value >= most"),
                new Fault("a NaN lost unless it is first", "|| (value != value && most == most)", ""),
                new Fault("the last NaN", "(value != value && most == most)", "value != value"),
                new Fault(
                        "places by output order",
                        "places[window * channels + channel]",
                        "places[channel * channels + window]"),
                new Fault("padding as zero", "float most = -INFINITY;", "float most = 0.0f;"),
                new Fault("last maximum unwritten", "places[i] = place;", "if (i < count - 1) places[i] = place;"),
                new Fault(
                        "padding always counted",
                        "count += place >= 0 && place < size;",
                        "count += place >= -1000 - size;"),
                new Fault(
                        "wrong stride of the output",
                        "(long long)ox * out_stride_x] = size == 0",
                        "(long long)ox * out_stride_y] = size == 0"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaPooling::new, (machine, kernels, type) -> {
            for (ImageCase images : ImageCase.all()) {
                PoolingLaws.max(machine, kernels, type, images, false);
                PoolingLaws.max(machine, kernels, type, images, true);
                PoolingLaws.average(machine, kernels, type, images, false);
                PoolingLaws.average(machine, kernels, type, images, true);
            }
        });
    }
}
