/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;

/** Small dense networks and their gradients in plain Java: rows times matrices [in][out]. */
final class Nets {

    private Nets() {}

    static double[] onSphere(Random random, int dimension, double radius) {
        double[] x = random.doubles(dimension, -1, 1).toArray();
        double norm = SmallProblem.norm(x);
        for (int i = 0; i < dimension; i++) {
            x[i] *= radius / norm * (1 - 1e-15);
        }
        return x;
    }

    static double[] distribution(Random random, int k) {
        double[] p = random.doubles(k, 0, 1).map(u -> u * u).toArray();
        double sum = 0;
        for (double a : p) {
            sum += a;
        }
        for (int i = 0; i < k; i++) {
            p[i] /= sum;
        }
        return p;
    }

    static double[][] matrix(Random random, int rows, int columns, double size) {
        double[][] m = new double[rows][columns];
        for (double[] row : m) {
            for (int j = 0; j < columns; j++) {
                row[j] = size * random.nextGaussian();
            }
        }
        return m;
    }

    static double[][] near(Random random, double[][] m, double size) {
        double[][] near = matrix(random, m.length, m[0].length, size);
        for (int i = 0; i < m.length; i++) {
            for (int j = 0; j < m[0].length; j++) {
                near[i][j] += m[i][j];
            }
        }
        return near;
    }

    static double[][] onBall(double[][] m, double radius) {
        double norm = norm(m);
        double factor = norm > radius ? radius / norm * (1 - 1e-15) : 1;
        double[][] inside = new double[m.length][m[0].length];
        for (int i = 0; i < m.length; i++) {
            for (int j = 0; j < m[0].length; j++) {
                inside[i][j] = factor * m[i][j];
            }
        }
        return inside;
    }

    static double norm(double[][] m) {
        double sum = 0;
        for (double[] row : m) {
            sum += Math.pow(SmallProblem.norm(row), 2);
        }
        return Math.sqrt(sum);
    }

    static double distance(double[][] a, double[][] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.pow(SmallProblem.distance(a[i], b[i]), 2);
        }
        return Math.sqrt(sum);
    }

    static double[] times(double[] x, double[][] w) {
        double[] z = new double[w[0].length];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < z.length; j++) {
                z[j] += x[i] * w[i][j];
            }
        }
        return z;
    }

    static double[][] product(double[][] a, double[][] b) {
        double[][] c = new double[a.length][];
        for (int i = 0; i < a.length; i++) {
            c[i] = times(a[i], b);
        }
        return c;
    }

    static double[][] transposed(double[][] m) {
        double[][] t = new double[m[0].length][m.length];
        for (int i = 0; i < m.length; i++) {
            for (int j = 0; j < t.length; j++) {
                t[j][i] = m[i][j];
            }
        }
        return t;
    }

    static double[][] outer(double[] x, double[] d) {
        double[][] m = new double[x.length][d.length];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < d.length; j++) {
                m[i][j] = x[i] * d[j];
            }
        }
        return m;
    }

    /** p - y. */
    static double[] softmaxResidual(double[] z, double[] label) {
        double most = Double.NEGATIVE_INFINITY;
        for (double a : z) {
            most = Math.max(most, a);
        }
        double sum = 0;
        double[] residual = new double[z.length];
        for (int i = 0; i < z.length; i++) {
            residual[i] = Math.exp(z[i] - most);
            sum += residual[i];
        }
        for (int i = 0; i < z.length; i++) {
            residual[i] = residual[i] / sum - label[i];
        }
        return residual;
    }

    static double[][] softmaxGradient(double[] x, double[][] w, double[] label) {
        return outer(x, softmaxResidual(times(x, w), label));
    }

    /** φ and φ'. */
    enum Bend {
        TANH(SmoothActivation.TANH, Math::tanh, x -> 1 - Math.tanh(x) * Math.tanh(x)),
        SIGMOID(SmoothActivation.SIGMOID, Bend::sigmoid, x -> sigmoid(x) * sigmoid(-x)),
        SOFTPLUS(SmoothActivation.SOFTPLUS, x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), Bend::sigmoid),
        SWISH(SmoothActivation.SWISH, x -> x * sigmoid(x), x -> sigmoid(x) + x * sigmoid(x) * sigmoid(-x)),
        ELU(SmoothActivation.ELU, x -> x > 0 ? x : Math.expm1(x), x -> x > 0 ? 1 : Math.exp(x)),
        GELU(
                SmoothActivation.GELU,
                x -> x * sigmoid(1.702 * x),
                x -> sigmoid(1.702 * x) + 1.702 * x * sigmoid(1.702 * x) * sigmoid(-1.702 * x)),
        SMELU(
                SmoothActivation.smelu(0.75),
                x -> x <= -0.75 ? 0 : x >= 0.75 ? x : (x + 0.75) * (x + 0.75) / 3,
                x -> x <= -0.75 ? 0 : x >= 0.75 ? 1 : (x + 0.75) / 1.5),
        IDENTITY(SmoothActivation.IDENTITY, x -> x, x -> 1);

        final SmoothActivation constants;
        final DoubleUnaryOperator value;
        final DoubleUnaryOperator slope;

        Bend(SmoothActivation constants, DoubleUnaryOperator value, DoubleUnaryOperator slope) {
            this.constants = constants;
            this.value = value;
            this.slope = slope;
        }

        private static double sigmoid(double x) {
            return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
        }
    }

    /** Layers, their activations between them, softmax on top. */
    @SuppressWarnings("ArrayRecordComponent")
    record Net(double[][][] weights, double[][] biases, Bend[] bends) {

        /** The gradients of the layers in question, W above b, one matrix each. */
        List<double[][]> gradient(double[] x, double[] label, List<NetworkLayer> layers) {
            int k = weights.length;
            double[][] inputs = new double[k + 1][];
            double[][] before = new double[k][];
            inputs[0] = x;
            for (int l = 0; l < k; l++) {
                before[l] = times(inputs[l], weights[l]);
                inputs[l + 1] = new double[before[l].length];
                for (int j = 0; j < before[l].length; j++) {
                    before[l][j] += biases[l][j];
                    inputs[l + 1][j] = bends[l].value.applyAsDouble(before[l][j]);
                }
            }
            List<double[][]> gradients = new ArrayList<>();
            double[] d = softmaxResidual(before[k - 1], label);
            for (int l = k - 1; l >= 0; l--) {
                if (layers.get(l).trained()) {
                    gradients.add(outer(inputs[l], d));
                    gradients.add(new double[][] {d});
                }
                double[] below = times(d, transposed(weights[l]));
                for (int j = 0; l > 0 && j < below.length; j++) {
                    below[j] *= bends[l - 1].slope.applyAsDouble(before[l - 1][j]);
                }
                d = below;
            }
            return gradients;
        }

        double distance(Net other) {
            double sum = 0;
            for (int l = 0; l < weights.length; l++) {
                sum += Math.pow(Nets.distance(weights[l], other.weights[l]), 2);
                sum += Math.pow(SmallProblem.distance(biases[l], other.biases[l]), 2);
            }
            return Math.sqrt(sum);
        }
    }

    static double norm(List<double[][]> gradients) {
        return Math.sqrt(
                gradients.stream().mapToDouble(g -> Math.pow(norm(g), 2)).sum());
    }

    static double distance(List<double[][]> a, List<double[][]> b) {
        double sum = 0;
        for (int i = 0; i < a.size(); i++) {
            sum += Math.pow(distance(a.get(i), b.get(i)), 2);
        }
        return Math.sqrt(sum);
    }
}
