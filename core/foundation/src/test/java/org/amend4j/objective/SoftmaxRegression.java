/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.Arrays;
import java.util.Random;
import org.amend4j.numeric.Vectors;

/** Mean cross-entropy of {@code softmax(Wx)}, plus {@code (λ/2)·‖W‖²}; θ holds W [classes, features], row after row. */
final class SoftmaxRegression implements AnalyticObjective {

    private final double[][] x;
    private final int[] label;
    private final int classes;
    private final double decay;

    SoftmaxRegression(int examples, int features, int classes, double decay, long seed) {
        Random random = new Random(seed);
        this.x = new double[examples][features];
        this.label = new int[examples];
        this.classes = classes;
        this.decay = decay;
        for (int i = 0; i < examples; i++) {
            label[i] = random.nextInt(classes);
            for (int j = 0; j < features; j++) {
                x[i][j] = random.nextGaussian();
            }
        }
    }

    @Override
    public int dimension() {
        return classes * x[0].length;
    }

    @Override
    public double value(double[] theta) {
        return valueAndGradient(theta, new double[dimension()]);
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        Arrays.fill(gradient, 0);
        double loss = 0;
        for (int i = 0; i < x.length; i++) {
            double[] p = softmax(theta, x[i]);
            loss -= Math.log(p[label[i]]) / x.length;
            p[label[i]] -= 1;
            addOuter(p, x[i], gradient);
        }
        Vectors.add(decay, theta, gradient);
        return loss + decay / 2 * Vectors.dot(theta, theta);
    }

    @Override
    public double[] hessian(double[] theta, double[] v) {
        double[] product = new double[dimension()];
        for (double[] example : x) {
            double[] p = softmax(theta, example);
            double[] direction = logits(v, example);
            double mean = Vectors.dot(p, direction);
            for (int k = 0; k < classes; k++) {
                p[k] *= direction[k] - mean;
            }
            addOuter(p, example, product);
        }
        Vectors.add(decay, v, product);
        return product;
    }

    private double[] logits(double[] theta, double[] example) {
        double[] z = new double[classes];
        for (int k = 0; k < classes; k++) {
            for (int j = 0; j < example.length; j++) {
                z[k] += theta[k * example.length + j] * example[j];
            }
        }
        return z;
    }

    private double[] softmax(double[] theta, double[] example) {
        double[] p = logits(theta, example);
        double largest = Arrays.stream(p).max().orElseThrow();
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            p[k] = Math.exp(p[k] - largest);
            sum += p[k];
        }
        Vectors.divide(p, sum);
        return p;
    }

    private void addOuter(double[] rows, double[] example, double[] into) {
        for (int k = 0; k < classes; k++) {
            for (int j = 0; j < example.length; j++) {
                into[k * example.length + j] += rows[k] * example[j] / x.length;
            }
        }
    }

    /**
     * Along unit vectors the logits of x differ by at most R = √2·‖x‖, and the fourth joint cumulant of variables of range
     * R is below {@code R⁴/4 + 3(R²/4)² = 7/16·R⁴ < 2‖x‖⁴}.
     */
    @Override
    public double thirdOfGradient() {
        return 2 * mean(4);
    }

    /** The variance of a variable of range R is at most R²/4. */
    @Override
    public double hessianNorm() {
        return mean(2) / 2 + decay;
    }

    @Override
    public double gradientRounding(double[] theta) {
        int features = x[0].length;
        double logit = 4 * (features + 2) * Vectors.norm(theta) * mean(2);
        return UNIT * Math.sqrt(classes) * (logit + (classes + x.length + 8) * mean(1))
                + 4 * UNIT * decay * Vectors.norm(theta);
    }

    /** The loss of an example is at most {@code log(classes) + 2‖θ‖·‖x‖}; its logits and log-sum are off as above. */
    @Override
    public double valueRounding(double[] theta) {
        double norm = Vectors.norm(theta);
        double loss = Math.log(classes) + 2 * norm * mean(1) + decay * norm * norm;
        return UNIT * (x[0].length + classes + x.length + dimension() + 8) * (2 * loss + 1);
    }

    private double mean(int power) {
        return Arrays.stream(x)
                .mapToDouble(example -> Math.pow(Vectors.norm(example), power))
                .average()
                .orElseThrow();
    }
}
