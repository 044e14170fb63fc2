/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import org.amend4j.numeric.Exponentials;

/** The loss of a linear head as a function of its outputs ("logits") z. */
enum HeadLoss {
    /** {@code log(1 + e^z) - t·z}, one output, t in [0, 1]. */
    LOGISTIC {
        @Override
        void toResiduals(
                double[] z,
                double[] t,
                int outputs,
                int count,
                double[] losses,
                boolean wanted,
                Exponentials exponentials) {
            for (int r = 0; r < count; r++) {
                losses[r] = -Math.abs(z[r]);
            }
            exponentials.ofNonPositive(losses, count); // in [0, 1]: never overflow
            for (int r = 0; r < count; r++) {
                double logit = z[r];
                double e = losses[r];
                z[r] = (logit >= 0 ? 1 : e) / (1 + e) - t[r];
                if (wanted) {
                    losses[r] = Math.max(logit, 0) - t[r] * logit + StrictMath.log1p(e);
                }
            }
        }
    },

    /** {@code log Σ e^{z_k} - Σ t_k·z_k}, the label t a distribution. */
    SOFTMAX {
        @Override
        void toResiduals(
                double[] z,
                double[] t,
                int outputs,
                int count,
                double[] losses,
                boolean wanted,
                Exponentials exponentials) {
            for (int r = 0; r < count; r++) {
                losses[r] = toResiduals(z, t, r * outputs, outputs, wanted);
            }
        }

        private double toResiduals(double[] z, double[] t, int from, int outputs, boolean wanted) {
            int to = from + outputs;
            int best = from;
            for (int k = from + 1; k < to; k++) {
                best = z[k] > z[best] ? k : best;
            }
            double largest = z[best];
            double others = 0; // Σ e^{z_k - largest} but for the largest, for log1p
            double expected = 0;
            for (int k = from; k < to; k++) {
                double below = z[k] - largest;
                expected += t[k] == 0 ? 0 : t[k] * below;
                z[k] = StrictMath.exp(below);
                others += k == best ? 0 : z[k];
            }
            for (int k = from; k < to; k++) {
                z[k] = z[k] / (1 + others) - t[k];
            }
            return wanted ? StrictMath.log1p(others) - expected : Double.NaN;
        }
    };

    /**
     * Replaces records' outputs by the loss's derivatives at them, {@code p - t}. Their norm is at most 1 (logistic) or √2 (softmax).
     *
     * @param z holds outputs, [count × outputs]; overwritten
     * @param t holds labels, [count × outputs]
     * @param losses overwritten with the losses, [count], or with anything
     * @param wanted whether the losses are, which cost a logarithm each
     * @param exponentials of at least so many numbers
     */
    abstract void toResiduals(
            double[] z, double[] t, int outputs, int count, double[] losses, boolean wanted, Exponentials exponentials);
}
