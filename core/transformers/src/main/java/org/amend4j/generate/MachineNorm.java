/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.LayerNormKernels.Statistics;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RmsNormKernels.Gain;

/** A normalisation of rows on a machine. */
final class MachineNorm implements AutoCloseable {

    private final Machine machine;
    private final double epsilon;
    private final MachineArray gain;
    private final MachineArray statistics;
    private final Optional<MachineArray> bias;
    private final int rows;

    /** @param rows the most at a time */
    MachineNorm(Machine machine, Normalization of, int rows) {
        this.machine = machine;
        this.rows = rows;
        epsilon = of.epsilon();
        gain = machine.allocate("gains", of.gain());
        bias = of.bias().map(own -> machine.allocate("biases", own.values()));
        statistics = machine.allocate("statistics of rows", ElementType.FLOAT, 2L * rows);
    }

    /** y = the normalised rows of x; y may be x. */
    void apply(MatrixView x, MatrixView y) {
        MachineArray first = statistics.slice(0, x.rows());
        if (bias.isEmpty()) {
            machine.kernels().rmsNorm().forward(x, Gain.of(gain), y, first, epsilon);
        } else {
            Statistics both = new Statistics(first, statistics.slice(rows, x.rows()));
            machine.kernels().layerNorm().forward(x, gain, bias, y, both, epsilon);
        }
    }

    /** The same of the parts of gapless rows, as many as gains fit in, where they are. */
    void applyToParts(MatrixView x) {
        int width = Math.toIntExact(gain.length());
        MatrixView parts = MatrixView.of(x.array(), x.rows() * (x.columns() / width), width);
        apply(parts, parts);
    }

    @Override
    public void close() {
        gain.close();
        statistics.close();
        bias.ifPresent(MachineArray::close);
    }
}
