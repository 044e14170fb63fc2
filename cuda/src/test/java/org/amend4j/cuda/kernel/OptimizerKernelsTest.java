/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.OptimizerLaws;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps of SGD and Adam against doubles over several steps; planted faults are noticed. */
class OptimizerKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("optimizer");

    @ParameterizedTest(name = "{0} parameters, seed 11")
    @MethodSource("org.amend4j.machine.OptimizerLaws#counts")
    void stepsAreTheirDefinitions(int count) {
        Caught.holds(
                SOURCE,
                CudaOptimizer::new,
                (machine, kernels, type) -> OptimizerLaws.steps(machine, kernels, type, count, 11));
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
        Caught.mustFail(
                fault,
                SOURCE,
                CudaOptimizer::new,
                (machine, kernels, type) -> OptimizerLaws.steps(machine, kernels, type, 777, 31));
    }
}
