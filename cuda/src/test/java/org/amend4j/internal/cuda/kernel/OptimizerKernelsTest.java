/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.OptimizerLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps of SGD and Adam against doubles over several steps; planted faults are noticed. */
class OptimizerKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("optimizer");

    @ParameterizedTest(name = "{0} parameters, seed 11")
    @MethodSource("org.amend4j.internal.backend.OptimizerLaws#counts")
    void stepsAreTheirDefinitions(int count) {
        Caught.holds(
                SOURCE,
                CudaOptimizer::new,
                (machine, kernels, type) -> OptimizerLaws.steps(machine, kernels, type, count, 11));
    }

    @Test
    void stepsTakeTheirRecordsAndRatesOneAfterTheOther() {
        Caught.holds(SOURCE, CudaOptimizer::new, OptimizerLaws::walk);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    @Tag("exhaustive")
    void aPlantedFaultInAWalkIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaOptimizer::new, OptimizerLaws::walk);
    }

    static Stream<Planted> aPlantedFaultInAWalkIsNoticed() {
        return Planted.in(
                SOURCE,
                new Fault(
                        "counters written while others read them",
                        "    __syncthreads();  // everybody has read the counters\n",
                        ""),
                new Fault(
                        "a walk that does not begin anew",
                        "place + count == counters[3] ? 0 : place + count",
                        "place + count"),
                new Fault(
                        "the pace of the step before",
                        "paces[2 * (long long)number + 1]",
                        "paces[2 * (long long)number - 1]"),
                new Fault("losses in this step's row", "(row + rows - 1) % rows", "row"),
                new Fault(
                        "an order read behind its end",
                        "place + i < ordered ? order[place + i] : -1",
                        "order[place + i]"));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
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
                new Fault("epsilon as if it were the other rule's", "pace[1] * epsilon", "epsilon"),
                new Fault("first moment not kept", "        first[i] = m;\n", ""));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(
                fault,
                CudaOptimizer::new,
                (machine, kernels, type) -> OptimizerLaws.steps(machine, kernels, type, 777, 31));
    }
}
