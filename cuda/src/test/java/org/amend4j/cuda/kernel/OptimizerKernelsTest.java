/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.OptimizerKernels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of SGD and Adam against doubles over several steps; planted faults are noticed. */
class OptimizerKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("optimizer");
    private static final int STEPS = 3;
    private static final double RATE = 0.05;
    private static final double FACTOR = 0.25;

    @ParameterizedTest(name = "{0} parameters, seed 11")
    @ValueSource(ints = {0, 1, 255, 257, 4999})
    void stepsAreTheirDefinitions(int count) {
        Caught.holds(SOURCE, (device, source) -> steps(device, source, count, 11));
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault(
                        "last parameter left out",
                        "i < count; i += (long long)gridDim.x * blockDim.x) {\n        parameters[i] -= rate *",
                        "i < count - 1; i += (long long)gridDim.x * blockDim.x) {\n        parameters[i] -= rate *"),
                new Fault(
                        "stride of a block, not of the grid",
                        "i += (long long)gridDim.x * blockDim.x) {\n        parameters[i] -= rate *",
                        "i += blockDim.x) {\n        parameters[i] -= rate *"),
                new Fault(
                        "written behind the end",
                        "i < count; i += (long long)gridDim.x * blockDim.x) {\n        const float g",
                        "i <= count; i += (long long)gridDim.x * blockDim.x) {\n        const float g"),
                new Fault("second moment of the raw gradient", "rest2 * g * g", "rest2 * gradient[i] * gradient[i]"),
                new Fault("first moment not kept", "        first[i] = m;\n", ""));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> steps(device, source, 777, 31));
    }

    private static void steps(Device device, KernelSource source, int count, long seed) {
        try (Values values = new Values(device, seed)) {
            float[] start = values.normal(count);
            float[] zeros = new float[count];
            MachineArray plain = values.in(start);
            MachineArray adam = values.in(start);
            MachineArray first = values.in(zeros);
            MachineArray second = values.in(zeros);
            OptimizerKernels kernels = new CudaOptimizer(device, source);
            double[] expectedPlain = new double[count];
            double[] expectedAdam = new double[count];
            double[] m = new double[count];
            double[] v = new double[count];
            double[] size = new double[count];
            for (int i = 0; i < count; i++) {
                expectedPlain[i] = start[i];
                expectedAdam[i] = start[i];
                size[i] = Math.abs(start[i]) + 1;
            }
            for (int step = 1; step <= STEPS; step++) {
                float[] gradient = values.normal(count);
                MachineArray deviceGradient = values.in(gradient);
                kernels.sgdInPlace(plain, deviceGradient, FACTOR, RATE);
                kernels.adamInPlace(
                        adam, deviceGradient, first, second, FACTOR, RATE, OptimizerKernels.Adam.DEFAULT, step);
                for (int i = 0; i < count; i++) {
                    double g = FACTOR * gradient[i];
                    expectedPlain[i] -= RATE * g;
                    m[i] = 0.9 * m[i] + (1 - 0.9) * g;
                    v[i] = 0.999 * v[i] + (1 - 0.999) * g * g;
                    double mHat = m[i] / (1 - Math.pow(0.9, step));
                    double vHat = v[i] / (1 - Math.pow(0.999, step));
                    // Deeplearning4j adds epsilon before the correction of v, which is below 1e-6 here.
                    double epsilon = 1e-8 / Math.sqrt(1 - Math.pow(0.999, step));
                    expectedAdam[i] -= RATE * mHat / (Math.sqrt(vHat) + epsilon);
                }
            }
            Expected toPlain = new Expected(count);
            Expected toAdam = new Expected(count);
            for (int i = 0; i < count; i++) {
                // Each step rounds the parameter once and a few times its own step, which is below RATE * 4.
                toPlain.set(i, expectedPlain[i], STEPS * 2 * Values.UNIT * size[i]);
                toAdam.set(i, expectedAdam[i], STEPS * 6 * Values.UNIT * size[i]);
            }
            toPlain.compare("SGD", values.get(plain));
            toAdam.compare("Adam", values.get(adam));
        }
    }
}
