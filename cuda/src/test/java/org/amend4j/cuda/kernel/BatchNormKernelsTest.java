package org.amend4j.cuda.kernel;

import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frozen batch normalisation against doubles in both layouts; planted faults are noticed. */
class BatchNormKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("batch_norm");
    private static final double EPSILON = 1e-3;

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
                new Fault("last channel unwritten", "c < channels; c +=", "c < channels - 1; c +="),
                new Fault("last element unwritten", "i < count; i +=", "i < count - 1; i +="),
                new Fault("mean forgotten", " - mean[c] * f", " - 0.0f * mean[c] * f"));
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
            float[] gamma = values.normal(channels);
            float[] beta = values.normal(channels);
            float[] mean = values.normal(channels);
            float[] variance = new float[channels];
            for (int c = 0; c < channels; c++) {
                variance[c] = 0.1f + values.random().nextFloat();
            }
            BatchNormKernels kernels = new BatchNormKernels(device, source);
            DeviceArray factor = values.fresh(channels);
            DeviceArray shift = values.fresh(channels);
            DeviceArray y = values.fresh(count);
            DeviceArray dx = values.fresh(count);
            kernels.coefficients(
                    Optional.of(values.in(gamma)),
                    Optional.of(values.in(beta)),
                    values.in(mean),
                    values.in(variance),
                    EPSILON,
                    factor,
                    shift);
            kernels.apply(values.in(x), factor, Optional.of(shift), y, inner);
            kernels.apply(values.in(x), factor, Optional.empty(), dx, inner);
            Expected toY = new Expected(count);
            Expected toDx = new Expected(count);
            for (int i = 0; i < count; i++) {
                int c = i / inner % channels;
                double f = gamma[c] / Math.sqrt(variance[c] + EPSILON);
                double size = Math.abs(f) * (Math.abs(x[i]) + Math.abs(mean[c])) + Math.abs(beta[c]);
                toY.set(i, f * (x[i] - mean[c]) + beta[c], 10 * Values.UNIT * size);
                toDx.set(i, f * x[i], 8 * Values.UNIT * Math.abs(f * x[i]));
            }
            toY.compare("y", values.get(y));
            toDx.compare("dx", values.get(dx));
        }
    }
}
