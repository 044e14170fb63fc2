/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Optional;
import java.util.Random;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.LayerNormKernels.Statistics;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RmsNormKernels.Gain;
import org.amend4j.internal.network.Activation;
import org.junit.jupiter.api.Test;

/** Rows in arrays of Java have the bytes that kernels give them in a machine's memory. */
class FloatRowsTest {

    private static final int COLUMNS = 131;
    private static final double EPSILON = 1e-5;

    private static float[] normal(long seed) {
        Random random = new Random(seed);
        float[] values = new float[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            values[i] = (float) (1 + 2 * random.nextGaussian());
        }
        return values;
    }

    /** What a kernel does with one row. */
    private interface Kernel {
        void compute(HostMachine machine, MatrixView row);
    }

    private static float[] byKernel(Kernel kernel) {
        try (HostMachine machine = HostMachine.open(1, Optional.empty());
                MachineArray row = machine.allocate("row", normal(1))) {
            kernel.compute(machine, MatrixView.of(row, 1, COLUMNS));
            return machine.downloadFloats(row);
        }
    }

    @Test
    void a_row_is_divided_by_its_root_mean_square_to_the_bytes_of_the_kernel() {
        float[] row = normal(1);
        FloatRows.divideByRootMeanSquare(row, normal(2), EPSILON);
        float[] expected = byKernel((machine, of) -> {
            try (MachineArray gain = machine.allocate("gain", normal(2));
                    MachineArray inverse = machine.allocate("inverse", ElementType.FLOAT, 1)) {
                machine.kernels().rmsNorm().forward(of, Gain.of(gain), of, inverse, EPSILON);
            }
        });
        assertArrayEquals(expected, row);
    }

    @Test
    void a_row_is_normalised_to_the_bytes_of_the_kernel() {
        float[] row = normal(1);
        FloatRows.normalise(row, normal(2), normal(3), EPSILON);
        float[] expected = byKernel((machine, of) -> {
            try (MachineArray gain = machine.allocate("gain", normal(2));
                    MachineArray bias = machine.allocate("bias", normal(3));
                    MachineArray mean = machine.allocate("mean", ElementType.FLOAT, 1);
                    MachineArray inverse = machine.allocate("inverse", ElementType.FLOAT, 1)) {
                Statistics statistics = new Statistics(mean, inverse);
                machine.kernels().layerNorm().forward(of, gain, Optional.of(bias), of, statistics, EPSILON);
            }
        });
        assertArrayEquals(expected, row);
    }

    @Test
    void activations_have_the_bytes_of_the_kernel() {
        for (Activation.Kind kind : Activation.Kind.values()) {
            float[] row = normal(1);
            FloatRows.activate(Activation.of(kind), row);
            float[] expected = byKernel((machine, of) -> machine.kernels()
                    .activation()
                    .biasActivation(of, Optional.empty(), Optional.empty(), of, Activation.of(kind)));
            assertArrayEquals(expected, row, kind.name());
        }
    }
}
