/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

import org.amend4j.machine.LowRankKernels.Factors;
import org.amend4j.machine.LowRankKernels.Products;

/** Both skinny products of an adapter's backward pass against doubles. */
public final class LowRankLaws {

    private LowRankLaws() {}

    /** outer = s·d·upᵀ, rounded once, and g = β·g + t·dᵀ·low, matrices with gaps; without β what was there is not read. */
    public static void gradients(
            Machine machine,
            LowRankKernels kernels,
            ElementType type,
            int rows,
            int columns,
            int rank,
            int gap,
            double beta,
            long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] d = values.normal(rows * columns);
            float[] up = values.normal(rank * columns);
            float[] low = values.normal(rows * rank);
            float[] old = values.normal(columns * rank);
            Factors factors = new Factors(
                    values.in(d, rows, columns, gap),
                    values.in(up, rank, columns, gap),
                    values.in(low, rows, rank, gap));
            MatrixView outer = values.fresh(rows, rank, gap);
            MachineArray gradient = beta == 0 ? values.fresh(old.length) : values.in(old);
            MachineArray scratch = values.fresh(LowRankKernels.scratch(rows, columns, rank));
            kernels.gradients(factors, new Products(outer, 0.5, gradient, -2, beta), scratch);
            Expected ofOuter = new Expected(rows * rank);
            Expected ofGradient = new Expected(columns * rank);
            double unit = values.unit();
            for (int k = 0; k < rank; k++) {
                for (int c = 0; c < columns; c++) {
                    double before = beta * old[c * rank + k];
                    ofGradient.add(c * rank + k, before, (rows + 4) * unit * Math.abs(before));
                    for (int r = 0; r < rows; r++) {
                        double value = d[r * columns + c];
                        double outwards = 0.5 * value * up[k * columns + c];
                        double upwards = -2 * value * low[r * rank + k];
                        ofOuter.add(r * rank + k, outwards, (columns + 3) * unit * Math.abs(outwards));
                        ofGradient.add(c * rank + k, upwards, (rows + 4) * unit * Math.abs(upwards));
                    }
                }
            }
            for (int i = 0; i < rows * rank; i++) {
                ofOuter.add(i, 0, values.rounding(ofOuter.value(i)));
            }
            ofOuter.compare("outer", values.get(outer));
            ofGradient.compare("the gradient of up", values.get(gradient));
        }
    }
}
