/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.Arrays;
import org.amend4j.numeric.SymmetricOperator;
import org.amend4j.numeric.Vectors;

/**
 * The Hessian of a linear head's loss at a point: {@code Hv = (1/N)·Σ_r x_r ⊗ J_r(x_rᵀV) + λv}, J = diag(p) - ppᵀ for softmax and p(1 - p) for
 * one logit. A product costs what a gradient costs without the exponentials. It is exact up to rounding, for which no bound is claimed.
 */
final class HeadCurvature implements SymmetricOperator {

    private final HeadRows rows;
    private final int[] order;
    private final double divisor;
    private final double weightDecay;
    private final double[] chances;

    /**
     * @param order the rows in the sum
     * @param divisor N
     * @param theta the point, [dimension]; only read
     */
    HeadCurvature(HeadRows rows, int[] order, double divisor, double weightDecay, double[] theta) {
        this.rows = rows;
        this.order = order;
        this.divisor = divisor;
        this.weightDecay = weightDecay;
        this.chances = new double[Math.multiplyExact(order.length, rows.outputs())];
        double[] z = new double[rows.outputs()];
        for (int r = 0; r < order.length; r++) {
            outputs(rows.features()[order[r]], theta, z);
            toChances(z);
            System.arraycopy(z, 0, chances, r * z.length, z.length);
        }
    }

    @Override
    public int dimension() {
        return rows.dimension();
    }

    @Override
    public void apply(double[] v, double[] into) {
        Vectors.requireLength("v", v, dimension());
        Vectors.requireLength("into", into, dimension());
        Arrays.fill(into, 0);
        double[] z = new double[rows.outputs()];
        for (int r = 0; r < order.length; r++) {
            double[] x = rows.features()[order[r]];
            outputs(x, v, z);
            bend(r * z.length, z);
            add(x, z, into);
        }
        for (int i = 0; i < into.length; i++) {
            into[i] = into[i] / divisor + weightDecay * v[i];
        }
    }

    private void outputs(double[] x, double[] theta, double[] z) {
        int inputs = rows.inputs();
        for (int k = 0; k < z.length; k++) {
            z[k] = Vectors.dot(x, 0, theta, k * inputs, inputs) + (rows.bias() ? theta[z.length * inputs + k] : 0);
        }
    }

    /** Overwrites outputs with the chances of their classes. */
    private void toChances(double[] z) {
        if (rows.loss() == HeadLoss.LOGISTIC) {
            double e = StrictMath.exp(-Math.abs(z[0]));
            z[0] = (z[0] >= 0 ? 1 : e) / (1 + e);
            return;
        }
        double largest = z[0];
        for (double one : z) {
            largest = Math.max(largest, one);
        }
        double sum = 0;
        for (int k = 0; k < z.length; k++) {
            z[k] = StrictMath.exp(z[k] - largest);
            sum += z[k];
        }
        Vectors.divide(z, sum);
    }

    /** Overwrites a change of a record's outputs with that of its residuals. */
    private void bend(int first, double[] z) {
        if (rows.loss() == HeadLoss.LOGISTIC) {
            z[0] *= chances[first] * (1 - chances[first]);
            return;
        }
        double mean = 0;
        for (int k = 0; k < z.length; k++) {
            mean += chances[first + k] * z[k];
        }
        for (int k = 0; k < z.length; k++) {
            z[k] = chances[first + k] * (z[k] - mean);
        }
    }

    private void add(double[] x, double[] z, double[] into) {
        int inputs = rows.inputs();
        for (int k = 0; k < z.length; k++) {
            double factor = z[k];
            int at = k * inputs;
            for (int i = 0; i < inputs; i++) {
                into[at + i] += factor * x[i];
            }
            if (rows.bias()) {
                into[z.length * inputs + k] += factor;
            }
        }
    }
}
