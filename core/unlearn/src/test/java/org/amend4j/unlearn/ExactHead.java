/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;

/**
 * A logistic or softmax head in 50 digits: its gradient, and its minimiser. It shares no arithmetic with what is tested; a point is
 * known to be the minimiser by the norm of its gradient alone.
 */
final class ExactHead {

    static final MathContext DIGITS = new MathContext(50);

    /** Halvings of an exponent: the series then needs few terms, and the squarings lose 4 digits at most. */
    private static final int HALVINGS = 12;

    private static final MathContext MORE_DIGITS = new MathContext(56);

    private final double[][] x;
    private final double[][] labels;
    private final boolean bias;
    private final double normaliser;
    private final double decay;

    /**
     * @param labels [records][outputs]; one output is logistic
     * @param bias whether θ ends with a number for each output
     * @param normaliser what the sum is divided by
     */
    ExactHead(double[][] x, double[][] labels, boolean bias, double normaliser, double decay) {
        this.x = x;
        this.labels = labels;
        this.bias = bias;
        this.normaliser = normaliser;
        this.decay = decay;
    }

    static BigDecimal[] exactly(double[] theta) {
        return Arrays.stream(theta).mapToObj(BigDecimal::new).toArray(BigDecimal[]::new);
    }

    /** ∇F. */
    BigDecimal[] gradient(BigDecimal[] theta) {
        int inputs = x[0].length;
        int outputs = labels[0].length;
        BigDecimal[] sum = new BigDecimal[theta.length];
        Arrays.fill(sum, BigDecimal.ZERO);
        for (int r = 0; r < x.length; r++) {
            BigDecimal[] chances = chances(outputs(x[r], theta));
            for (int k = 0; k < outputs; k++) {
                BigDecimal residual = chances[k].subtract(new BigDecimal(labels[r][k]));
                for (int i = 0; i < inputs; i++) {
                    int at = k * inputs + i;
                    sum[at] = sum[at].add(new BigDecimal(x[r][i]).multiply(residual, DIGITS), DIGITS);
                }
                if (bias) {
                    int at = outputs * inputs + k;
                    sum[at] = sum[at].add(residual, DIGITS);
                }
            }
        }
        BigDecimal lambda = new BigDecimal(decay);
        for (int i = 0; i < sum.length; i++) {
            sum[i] = sum[i].divide(new BigDecimal(normaliser), DIGITS).add(lambda.multiply(theta[i]), DIGITS);
        }
        return sum;
    }

    private BigDecimal[] outputs(double[] row, BigDecimal[] theta) {
        int outputs = labels[0].length;
        BigDecimal[] z = new BigDecimal[outputs];
        for (int k = 0; k < outputs; k++) {
            z[k] = bias ? theta[outputs * row.length + k] : BigDecimal.ZERO;
            for (int i = 0; i < row.length; i++) {
                z[k] = z[k].add(new BigDecimal(row[i]).multiply(theta[k * row.length + i], DIGITS), DIGITS);
            }
        }
        return z;
    }

    private static BigDecimal[] chances(BigDecimal[] z) {
        if (z.length == 1) {
            BigDecimal odds = exp(z[0].negate());
            return new BigDecimal[] {BigDecimal.ONE.divide(BigDecimal.ONE.add(odds), DIGITS)};
        }
        BigDecimal[] e = Arrays.stream(z).map(ExactHead::exp).toArray(BigDecimal[]::new);
        BigDecimal sum = Arrays.stream(e).reduce(BigDecimal.ZERO, BigDecimal::add);
        return Arrays.stream(e).map(one -> one.divide(sum, DIGITS)).toArray(BigDecimal[]::new);
    }

    /** By the series of x/4096, squared 12 times; its terms end below 1e-56. */
    static BigDecimal exp(BigDecimal x) {
        BigDecimal small = x.divide(BigDecimal.valueOf(1 << HALVINGS), MORE_DIGITS);
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ONE;
        BigDecimal least = new BigDecimal("1e-57");
        for (int k = 1; term.abs().compareTo(least) > 0; k++) {
            term = term.multiply(small, MORE_DIGITS).divide(BigDecimal.valueOf(k), MORE_DIGITS);
            sum = sum.add(term, MORE_DIGITS);
        }
        for (int k = 0; k < HALVINGS; k++) {
            sum = sum.multiply(sum, MORE_DIGITS);
        }
        return sum.round(DIGITS);
    }

    /**
     * The point where the gradient has a norm of at most λ·1e-35, so that the minimiser is within 1e-35 of it: by steps with the Hessian
     * in doubles, each of which leaves about 1e-13 of the distance.
     *
     * @param near a point near it
     */
    BigDecimal[] minimiser(double[] near) {
        BigDecimal[] theta = exactly(near);
        BigDecimal enough = new BigDecimal(decay).multiply(new BigDecimal("1e-35"));
        for (int step = 0; step < 60; step++) {
            BigDecimal[] gradient = gradient(theta);
            if (norm(gradient).compareTo(enough) <= 0) {
                return theta;
            }
            BigDecimal scale = norm(gradient);
            double[] right = Arrays.stream(gradient)
                    .mapToDouble(g -> g.divide(scale, DIGITS).doubleValue())
                    .toArray();
            double[] direction = solve(hessian(theta), right);
            for (int i = 0; i < theta.length; i++) {
                theta[i] = theta[i].subtract(scale.multiply(new BigDecimal(direction[i])), DIGITS);
            }
        }
        throw new AssertionError("no minimiser was found");
    }

    private double[][] hessian(BigDecimal[] theta) {
        int n = theta.length;
        int inputs = x[0].length;
        int outputs = labels[0].length;
        double[][] h = new double[n][n];
        for (double[] row : x) {
            double[] p = Arrays.stream(chances(outputs(row, theta)))
                    .mapToDouble(BigDecimal::doubleValue)
                    .toArray();
            for (int a = 0; a < n; a++) {
                int k = a < outputs * inputs ? a / inputs : a - outputs * inputs;
                double xa = a < outputs * inputs ? row[a % inputs] : 1;
                for (int b = 0; b < n; b++) {
                    int l = b < outputs * inputs ? b / inputs : b - outputs * inputs;
                    double xb = b < outputs * inputs ? row[b % inputs] : 1;
                    h[a][b] += xa * xb * p[k] * ((k == l ? 1 : 0) - p[l]) / normaliser;
                }
            }
        }
        for (int a = 0; a < n; a++) {
            h[a][a] += decay;
        }
        return h;
    }

    /** Gauss, without pivots: the matrix is positive definite. */
    private static double[] solve(double[][] a, double[] b) {
        int n = b.length;
        for (int k = 0; k < n; k++) {
            for (int i = k + 1; i < n; i++) {
                double factor = a[i][k] / a[k][k];
                for (int j = k; j < n; j++) {
                    a[i][j] -= factor * a[k][j];
                }
                b[i] -= factor * b[k];
            }
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int j = i + 1; j < n; j++) {
                b[i] -= a[i][j] * b[j];
            }
            b[i] /= a[i][i];
        }
        return b;
    }

    static BigDecimal norm(BigDecimal[] v) {
        return Arrays.stream(v)
                .map(one -> one.multiply(one))
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .sqrt(DIGITS);
    }

    static BigDecimal distance(BigDecimal[] a, BigDecimal[] b) {
        BigDecimal[] difference = new BigDecimal[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i].subtract(b[i]);
        }
        return norm(difference);
    }
}
