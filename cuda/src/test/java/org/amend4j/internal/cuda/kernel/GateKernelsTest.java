/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.GateLaws;
import org.amend4j.internal.backend.OverMatrices;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.network.Activation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Gates and their gradients against doubles; planted faults are noticed. */
class GateKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("gate");

    @OverMatrices
    void aGateAndItsGradientsAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaGate::new,
                (machine, kernels, type) ->
                        GateLaws.gate(machine, kernels, type, rows, columns, gap, seed, Activation.Kind.SWISH));
    }

    @ParameterizedTest(name = "{0}, seed 21")
    @EnumSource(Activation.Kind.class)
    void everyActivationOpensAGate(Activation.Kind kind) {
        Caught.holds(
                SOURCE,
                CudaGate::new,
                (machine, kernels, type) -> GateLaws.gate(machine, kernels, type, 19, 45, 1, 21, kind));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("the other input opens", "activate(kind, slope, a[", "activate(kind, slope, b["),
                new Fault("wrong stride of b", "* b[(long long)row * b_stride", "* b[(long long)row * columns"),
                new Fault("da without b", "d * passed * derivative", "d * (0.0f * passed + 1.0f) * derivative"),
                new Fault("da without a derivative", "d * passed * derivative(", "d * passed * activate("),
                new Fault(
                        "b read when it is overwritten",
                        "= d * passed * derivative(kind, slope, key);\n",
                        "= 0.0f;\n        db[(long long)row * db_stride + column] = 0.0f;\n        da[(long long)row * da_stride +"
                                + " column] = d * b[(long long)row * b_stride + column] * derivative(kind, slope, key) + 0.0f *"
                                + " passed;\n"),
                new Fault("db without an activation", "= d * activate(kind, slope, key);", "= d * key;"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(
                fault,
                CudaGate::new,
                (machine, kernels, type) ->
                        GateLaws.gate(machine, kernels, type, 5, 137, 3, 31, Activation.Kind.GELU_TANH));
    }
}
