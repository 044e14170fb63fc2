/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.Arrays;
import java.util.Random;
import org.amend4j.numeric.Vectors;

/** {@code J(θ) = Σ_k a_k·cos(w_kᵀθ + b_k)}: not convex, all derivatives bounded. */
final class CosineSum implements AnalyticObjective {

    private final int dimension;
    private final double[][] w;
    private final double[] a;
    private final double[] b;

    CosineSum(int dimension, int terms, long seed) {
        Random random = new Random(seed);
        this.dimension = dimension;
        this.w = new double[terms][dimension];
        this.a = new double[terms];
        this.b = new double[terms];
        for (int k = 0; k < terms; k++) {
            a[k] = random.nextGaussian();
            b[k] = random.nextGaussian();
            for (int i = 0; i < dimension; i++) {
                w[k][i] = random.nextGaussian() / Math.sqrt(dimension);
            }
        }
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public double value(double[] theta) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * Math.cos(Vectors.dot(w[k], theta) + b[k]);
        }
        return sum;
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        Arrays.fill(gradient, 0);
        for (int k = 0; k < a.length; k++) {
            Vectors.add(-a[k] * Math.sin(Vectors.dot(w[k], theta) + b[k]), w[k], gradient);
        }
        return value(theta);
    }

    @Override
    public double[] hessian(double[] theta, double[] v) {
        double[] product = new double[dimension];
        for (int k = 0; k < a.length; k++) {
            double second = -a[k] * Math.cos(Vectors.dot(w[k], theta) + b[k]);
            Vectors.add(second * Vectors.dot(w[k], v), w[k], product);
        }
        return product;
    }

    @Override
    public double thirdOfGradient() {
        return moment(4);
    }

    @Override
    public double hessianNorm() {
        return moment(2);
    }

    @Override
    public double gradientRounding(double[] theta) {
        return rounding(theta, 1);
    }

    @Override
    public double valueRounding(double[] theta) {
        return rounding(theta, 0);
    }

    /** {@code Σ|a_k|·‖w_k‖^power}, a bound on the derivative of that order. */
    double moment(int power) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += Math.abs(a[k]) * Math.pow(Vectors.norm(w[k]), power);
        }
        return sum;
    }

    /** An argument of d products is off by (d + 2)u of its terms, the cosine by an ulp, the sum of K terms by Ku. */
    private double rounding(double[] theta, int power) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            double norm = Vectors.norm(w[k]);
            double argument = (dimension + 2) * (norm * Vectors.norm(theta) + Math.abs(b[k]));
            sum += Math.abs(a[k]) * Math.pow(norm, power) * (argument + a.length + 6);
        }
        return UNIT * sum;
    }
}
