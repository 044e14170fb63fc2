/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.Arrays;
import java.util.Random;
import org.amend4j.numeric.LargestEigenvalue;

/** A loss ℓ ≥ 0 of a stacked vector w whose gradient's Lipschitz constant is known. */
@SuppressWarnings("ArrayRecordComponent") // test data, never changed and never compared
interface SmoothLoss {

    int dimension();

    double lipschitz();

    /** ℓ(w); overwrites the gradient. */
    double valueAndGradient(double[] w, double[] gradient);

    /** {@code (L/2)·‖w - target‖²}: every quadratic bound is tight on it. */
    record Quadratic(double lipschitz, double[] target) implements SmoothLoss {

        @Override
        public int dimension() {
            return target.length;
        }

        @Override
        public double valueAndGradient(double[] w, double[] gradient) {
            double sum = 0;
            for (int i = 0; i < w.length; i++) {
                double off = w[i] - target[i];
                gradient[i] = lipschitz * off;
                sum += off * off;
            }
            return lipschitz / 2 * sum;
        }
    }

    /**
     * {@code Σ_j 1 - cos(⟨u_j, w⟩ + φ_j)}: nonconvex. Its Hessian is {@code Uᵀ·diag(cos)·U}, so L = λ_max(UUᵀ).
     *
     * @param directions u_j
     */
    record Cosines(double[][] directions, double[] phases, double lipschitz) implements SmoothLoss {

        static Cosines random(Random random, int dimension, int terms) {
            double[][] directions = new double[terms][dimension];
            double[] phases = new double[terms];
            for (int j = 0; j < terms; j++) {
                phases[j] = 2 * Math.PI * random.nextDouble();
                for (int i = 0; i < dimension; i++) {
                    directions[j][i] = random.nextGaussian() / Math.sqrt(dimension);
                }
            }
            return new Cosines(directions, phases, LargestEigenvalue.boundInPlace(gram(directions)));
        }

        @Override
        public int dimension() {
            return directions[0].length;
        }

        @Override
        public double valueAndGradient(double[] w, double[] gradient) {
            Arrays.fill(gradient, 0);
            double sum = 0;
            for (int j = 0; j < directions.length; j++) {
                double angle = phases[j] + dot(directions[j], w);
                double half = Math.sin(angle / 2);
                sum += 2 * half * half;
                for (int i = 0; i < w.length; i++) {
                    gradient[i] += Math.sin(angle) * directions[j][i];
                }
            }
            return sum;
        }
    }

    /**
     * Softmax cross-entropy of linear logits, mean over rows: {@code z = X·w + bias}, w [features, classes] column after
     * column and the bias after it. L = λ_max(X̃ᵀX̃/n)/2 with X̃ = (X, 1), since λ_max(diag p - ppᵀ) ≤ 1/2.
     *
     * @param rows X̃
     */
    record Softmax(double[][] rows, int[] labels, int classes, double lipschitz) implements SmoothLoss {

        /** Rows around one centre per class: separable for most seeds. */
        static Softmax random(Random random, int count, int features, int classes) {
            double[][] rows = new double[count][features + 1];
            int[] labels = new int[count];
            for (int n = 0; n < count; n++) {
                labels[n] = n % classes;
                for (int i = 0; i < features; i++) {
                    rows[n][i] = random.nextGaussian() / 2 + (i % classes == labels[n] ? 2 : 0);
                }
                rows[n][features] = 1;
            }
            double largest = LargestEigenvalue.boundInPlace(gram(rows));
            return new Softmax(rows, labels, classes, largest / count / 2);
        }

        @Override
        public int dimension() {
            return rows[0].length * classes;
        }

        @Override
        public double valueAndGradient(double[] w, double[] gradient) {
            Arrays.fill(gradient, 0);
            int features = rows[0].length - 1;
            double sum = 0;
            double[] logits = new double[classes];
            for (int n = 0; n < rows.length; n++) {
                double max = Double.NEGATIVE_INFINITY;
                for (int k = 0; k < classes; k++) {
                    logits[k] = w[features * classes + k];
                    for (int i = 0; i < features; i++) {
                        logits[k] += rows[n][i] * w[k * features + i];
                    }
                    max = Math.max(max, logits[k]);
                }
                double total = 0;
                for (int k = 0; k < classes; k++) {
                    total += Math.exp(logits[k] - max);
                }
                sum += Math.log(total) + max - logits[labels[n]];
                for (int k = 0; k < classes; k++) {
                    double residual = (Math.exp(logits[k] - max) / total - (k == labels[n] ? 1 : 0)) / rows.length;
                    gradient[features * classes + k] += residual;
                    for (int i = 0; i < features; i++) {
                        gradient[k * features + i] += residual * rows[n][i];
                    }
                }
            }
            return sum / rows.length;
        }
    }

    /** Logistic regression, mean over rows, one logit {@code ⟨x, w⟩}: L = λ_max(XᵀX/n)/4. */
    record Logistic(double[][] rows, double lipschitz) implements SmoothLoss {

        /** Rows already times their labels ±1; all on one side of a plane: separable. */
        static Logistic random(Random random, int count, int features) {
            double[][] rows = new double[count][features];
            for (double[] row : rows) {
                for (int i = 0; i < features; i++) {
                    row[i] = random.nextGaussian();
                }
                row[0] = 0.1 + Math.abs(row[0]);
            }
            return new Logistic(rows, LargestEigenvalue.boundInPlace(gram(rows)) / count / 4);
        }

        @Override
        public int dimension() {
            return rows[0].length;
        }

        @Override
        public double valueAndGradient(double[] w, double[] gradient) {
            Arrays.fill(gradient, 0);
            double sum = 0;
            for (double[] row : rows) {
                double z = dot(row, w);
                sum += z > 0 ? Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)) - z;
                double residual = -1 / (1 + Math.exp(z)) / rows.length;
                for (int i = 0; i < w.length; i++) {
                    gradient[i] += residual * row[i];
                }
            }
            return sum / rows.length;
        }
    }

    /** X·Xᵀ, which has the largest eigenvalue of XᵀX. */
    static double[][] gram(double[][] rows) {
        double[][] gram = new double[rows.length][rows.length];
        for (int j = 0; j < rows.length; j++) {
            for (int k = 0; k < rows.length; k++) {
                gram[j][k] = dot(rows[j], rows[k]);
            }
        }
        return gram;
    }

    static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }
}
