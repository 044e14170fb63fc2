/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.Arrays;
import java.util.Random;
import org.amend4j.objective.RecordIds;

/**
 * A few records whose gradients have known constants, and the step of {@link StepMap} on any of them, in plain Java. Records
 * are {@code w·x·ψ(x·θ + b)} with ψ constant (any curvature), a logistic residual (convex) or a sine (nonconvex); gradients
 * may be clipped and points projected on a ball, neither of which changes L or, for these, the curvature.
 */
final class SmallProblem {

    private enum Kind {
        LINEAR,
        LOGISTIC,
        SINE
    }

    final int dimension;
    final int records;
    final LossBounds bounds;
    final double radius;
    private final Kind[] kinds;
    private final double[][] x;
    private final double[] shift;
    private final double clip;
    private double largestNorm;

    private SmallProblem(
            LossCurvature curvature, Kind[] kinds, double[][] x, double[] shift, double clip, double radius) {
        this.kinds = kinds;
        this.x = x;
        this.shift = shift;
        this.clip = clip;
        this.radius = radius;
        this.records = kinds.length;
        this.dimension = x[0].length;
        double g = 0;
        double l = 0;
        for (int r = 0; r < records; r++) {
            double norm = norm(x[r]) * (1 + 1e-15);
            g = Math.max(g, Math.min(norm, clip));
            l = Math.max(
                    l,
                    switch (kinds[r]) {
                        case LINEAR -> 0;
                        case LOGISTIC -> norm * norm / 4;
                        case SINE -> norm * norm;
                    });
        }
        this.bounds = new LossBounds(
                Constant.proved(g, "by construction"),
                Constant.proved(l, "by construction"),
                curvature,
                radius < Double.POSITIVE_INFINITY ? Constant.enforced(2 * radius, "projection") : Constant.unknown());
    }

    /**
     * A random problem.
     *
     * @param hostile how many of the first records all pull one way while the others pull the other way, for good; 0 for a
     *     problem at random
     */
    static SmallProblem random(Random random, LossCurvature curvature, int hostile) {
        int n = 2 + random.nextInt(13);
        int d = 1 + random.nextInt(3);
        Kind[] kinds = new Kind[n];
        double[][] x = new double[n][d];
        double[] shift = new double[n];
        for (int r = 0; r < n; r++) {
            int kind = curvature == LossCurvature.NONCONVEX ? random.nextInt(5) : random.nextInt(3);
            kinds[r] = kind == 0 ? Kind.LINEAR : kind < 3 ? Kind.LOGISTIC : Kind.SINE;
            for (int i = 0; i < d; i++) {
                x[r][i] = random.nextGaussian();
            }
            shift[r] = 2 * random.nextGaussian();
            if (hostile > 0) {
                kinds[r] = Kind.LINEAR;
                Arrays.fill(x[r], 0);
                x[r][0] = r < hostile ? -1 : 1;
            }
        }
        double clip = random.nextInt(3) == 0 ? 0.2 + random.nextDouble() : Double.POSITIVE_INFINITY;
        double radius = random.nextInt(3) == 0 ? 0.3 + 2 * random.nextDouble() : Double.POSITIVE_INFINITY;
        return new SmallProblem(curvature, kinds, x, shift, clip, hostile > 0 ? Double.POSITIVE_INFINITY : radius);
    }

    double[] start(Random random) {
        double[] theta = random.doubles(dimension, -1, 1).toArray();
        return project(theta);
    }

    private double[] project(double[] theta) {
        double norm = norm(theta);
        if (norm > radius) {
            for (int i = 0; i < dimension; i++) {
                theta[i] *= radius / norm * (1 - 1e-15);
            }
        }
        return theta;
    }

    private double slope(int r, double z) {
        return switch (kinds[r]) {
            case LINEAR -> 1;
            case LOGISTIC -> 1 / (1 + Math.exp(-z)) - (r % 2);
            case SINE -> Math.sin(z);
        };
    }

    double[] step(double[] theta, StepMap map, RecordIds used) {
        double[] sum = new double[dimension];
        for (int k = 0; k < used.size(); k++) {
            int r = (int) used.get(k);
            double z = shift[r];
            for (int i = 0; i < dimension; i++) {
                z += x[r][i] * theta[i];
            }
            double slope = slope(r, z);
            double norm = norm(x[r]) * Math.abs(slope);
            double weight = norm <= clip ? slope : slope * clip / norm;
            for (int i = 0; i < dimension; i++) {
                sum[i] += weight * x[r][i];
            }
        }
        double divisor = map.normaliser() instanceof Normaliser.Fixed fixed ? fixed.divisor() : used.size();
        double[] next = new double[dimension];
        for (int i = 0; i < dimension; i++) {
            next[i] = (1 - map.stepSize() * map.weightDecay()) * theta[i] - map.stepSize() / divisor * sum[i];
        }
        largestNorm = Math.max(largestNorm, norm(next));
        return project(next);
    }

    /**
     * What rounding can add to a distance of two computed trajectories over these steps: each step makes fewer than 30 + n
     * roundings of numbers up to (1 + ηL')·‖θ‖ + ηG' (primes: of the whole step), and later steps expand what is there.
     */
    double rounding(Iterable<LedgerStep> steps) {
        double slack = 0;
        for (LedgerStep step : steps) {
            StepMap map = step.map();
            int n = step.used().size();
            double eta = map.stepSize();
            double l =
                    n == 0 ? 0 : map.normaliser().lipschitz(bounds.lipschitz().value(), n);
            double g = n == 0
                    ? 0
                    : map.normaliser().lipschitz(bounds.gradientBound().value(), n);
            double size = (1 + eta * l) * (largestNorm + 1) + eta * g * 4;
            slack = slack * (Math.abs(1 - eta * map.weightDecay()) + eta * l) + 2 * (30 + n) * 0x1p-53 * size;
        }
        return slack;
    }

    static double norm(double[] v) {
        double sum = 0;
        for (double a : v) {
            sum += a * a;
        }
        return Math.sqrt(sum);
    }

    static double distance(double[] a, double[] b) {
        double[] difference = a.clone();
        for (int i = 0; i < a.length; i++) {
            difference[i] -= b[i];
        }
        return norm(difference);
    }
}
