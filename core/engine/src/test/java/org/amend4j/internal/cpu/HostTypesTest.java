/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.amend4j.testkit.Refusals.refused;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.OptimizerKernels;
import org.amend4j.internal.network.Activation;
import org.junit.jupiter.api.Test;

/** The host computes in two types, never in both at once. */
class HostTypesTest {

    @Test
    void floatsAndDoublesAreNotMixed() {
        try (HostMachine machine = HostMachine.open(1);
                MachineArray floats = machine.allocate("floats", ElementType.FLOAT, 4);
                MachineArray doubles = machine.allocate("doubles", ElementType.DOUBLE, 4)) {
            String rule = "all numbers of a kernel must have one type";
            refused(rule, () -> machine.kernels().elementwise().scaledSum(floats, 1, doubles, 1, floats));
            OptimizerKernels.Pace pace = new OptimizerKernels.Pace(doubles.slice(0, OptimizerKernels.Pace.NUMBERS), 1);
            refused(rule, () -> machine.kernels().optimizer().sgdInPlace(doubles, floats, 1, pace));
            refused(
                    rule,
                    () -> machine.kernels()
                            .activation()
                            .biasActivation(
                                    MatrixView.of(floats, 1, 4),
                                    Optional.of(doubles),
                                    Optional.empty(),
                                    MatrixView.of(floats, 1, 4),
                                    Activation.IDENTITY));
            refused(
                    rule,
                    () -> machine.kernels()
                            .resampling()
                            .crop(
                                    new ImageView(floats, false, 1, 1, 2, 2),
                                    0,
                                    0,
                                    new ImageView(doubles, false, 1, 1, 2, 2)));
            refused("matrix B needs 4 doubles", () -> machine.multiply(Gemm.rows(2, 2, 2), doubles, floats, doubles));
        }
    }
}
