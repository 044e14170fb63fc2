/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.performance;

import java.util.Random;

/**
 * Losses of which everything is known: M, μ, a lower bound, and the exact averages of value and squared gradient under
 * Gaussian noise. All are rotated by a random orthogonal matrix, so that no coordinate is special, and have a weight decay.
 */
final class KnownLoss {

    enum Kind {
        /** {@code ½·Σ h·(z - c)²}, some h zero. Convex. */
        QUADRATIC,
        /** {@code Σ c·(z²s² + 3·sin²(sz))}: satisfies the Polyak-Łojasiewicz inequality and is not convex (Karimi et al. 2016). */
        WAVY,
        /** {@code Σ c·(1 + sin(a·θ + b))}. Not convex, many stationary points. */
        SINES
    }

    /** The least of {@code h'²/2h}, h = (1 + q)x² + 3·sin²x, for q in [0, 1]; at q = 0 it is 0.0949. Checked by a test. */
    static final double WAVY_GROWTH = 0.09;

    final Kind kind;
    final int dimension;
    final double decay;
    final double smoothness;
    /** μ of the loss without projection; 0 if there is none. */
    final double growth;

    final boolean convex;
    final boolean stronglyConvex;
    private final double[][] rotation;
    private final double[] weight;
    private final double[] shift;
    private final double[] scale;
    private final double[][] direction;

    KnownLoss(Kind kind, Random random, boolean decaying) {
        this.kind = kind;
        this.dimension = 1 + random.nextInt(4);
        this.rotation = rotation(random, dimension);
        int terms = kind == Kind.SINES ? 1 + random.nextInt(6) : dimension;
        this.weight = new double[terms];
        this.shift = new double[terms];
        this.scale = new double[terms];
        this.direction = new double[terms][];
        // not above half of every wave's weight, for the growth of WAVY
        this.decay = decaying ? 0.01 + 0.3 * random.nextDouble() : 0;
        boolean flat = kind == Kind.QUADRATIC && random.nextInt(3) == 0;
        for (int i = 0; i < terms; i++) {
            weight[i] = flat && i > 0 ? 0 : 0.5 + 2 * random.nextDouble();
            shift[i] = random.nextGaussian();
            scale[i] = 0.8 + random.nextDouble();
            direction[i] = random.doubles(dimension, -1, 1).toArray();
        }
        double most = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < terms; i++) {
            double curvature = switch (kind) {
                case QUADRATIC -> weight[i];
                case WAVY -> 8 * weight[i] * scale[i] * scale[i];
                case SINES -> weight[i] * dot(direction[i], direction[i]);
            };
            most = kind == Kind.SINES ? most + curvature : Math.max(most, curvature);
            if (curvature > 0) {
                double mu = kind == Kind.WAVY ? WAVY_GROWTH * weight[i] * scale[i] * scale[i] : curvature;
                least = Math.min(least, mu);
            }
        }
        this.smoothness = (most + decay) * (1 + 1e-14);
        this.convex = kind == Kind.QUADRATIC;
        this.stronglyConvex = convex && (decay > 0 || !flat || dimension == 1);
        // with a decay nothing is flat; where a quadratic was, the decay is the curvature
        this.growth = switch (kind) {
            case QUADRATIC -> flat && dimension > 1 && decay > 0 ? decay : least + decay;
            case WAVY -> least;
            case SINES -> 0;
        };
    }

    private static double[][] rotation(Random random, int n) {
        double[][] q = new double[n][n];
        for (int i = 0; i < n; i++) {
            q[i] = random.doubles(n, -1, 1).toArray();
            for (int j = 0; j < i; j++) {
                double along = dot(q[i], q[j]);
                for (int k = 0; k < n; k++) {
                    q[i][k] -= along * q[j][k];
                }
            }
            double norm = Math.sqrt(dot(q[i], q[i]));
            for (int k = 0; k < n; k++) {
                q[i][k] /= norm;
            }
        }
        return q;
    }

    /** The direction in which the loss is least curved, or any. */
    double[] easiestDirection() {
        int best = 0;
        for (int i = 1; i < dimension && kind != Kind.SINES; i++) {
            best = weight[i] > 0 && weight[i] < weight[best] ? i : best;
        }
        return rotation[best].clone();
    }

    /** The minimum of a quadratic without decay. */
    double[] centre() {
        double[] centre = new double[dimension];
        for (int i = 0; i < dimension; i++) {
            for (int k = 0; k < dimension; k++) {
                centre[k] += kind == Kind.QUADRATIC ? shift[i] * rotation[i][k] : 0;
            }
        }
        return centre;
    }

    double value(double[] theta) {
        return noisyValue(theta, 0);
    }

    double[] gradient(double[] theta) {
        double[] gradient = new double[dimension];
        for (int i = 0; i < weight.length; i++) {
            double z = place(i, theta);
            double slope = switch (kind) {
                case QUADRATIC -> weight[i] * (z - shift[i]);
                case WAVY -> weight[i] * scale[i] * (2 * scale[i] * z + 3 * Math.sin(2 * scale[i] * z));
                case SINES -> weight[i] * Math.cos(z + shift[i]);
            };
            add(gradient, slope, axis(i));
        }
        add(gradient, decay, theta);
        return gradient;
    }

    private double[] axis(int i) {
        return kind == Kind.SINES ? direction[i] : rotation[i];
    }

    private double place(int i, double[] theta) {
        return dot(axis(i), theta);
    }

    /** E f(θ + ξ), ξ ~ N(0, σ²I). */
    double noisyValue(double[] theta, double sigma) {
        double variance = sigma * sigma;
        double sum = decay / 2 * (dot(theta, theta) + dimension * variance);
        for (int i = 0; i < weight.length; i++) {
            double z = place(i, theta);
            sum += switch (kind) {
                case QUADRATIC -> weight[i] / 2 * ((z - shift[i]) * (z - shift[i]) + variance);
                case WAVY -> weight[i] * wave(scale[i] * z, scale[i] * scale[i] * variance);
                case SINES ->
                    weight[i] * (1 + damping(dot(direction[i], direction[i]) * variance) * Math.sin(z + shift[i]));
            };
        }
        return sum;
    }

    /** E (x² + 3·sin²x) for x with this mean and variance. */
    private static double wave(double x, double variance) {
        return variance == 0
                ? x * x + 3 * Math.sin(x) * Math.sin(x)
                : x * x + variance + 1.5 - 1.5 * damping(4 * variance) * Math.cos(2 * x);
    }

    private static double damping(double variance) {
        return Math.exp(-variance / 2);
    }

    /** E ‖∇f(θ + ξ)‖². */
    double noisySquaredGradient(double[] theta, double sigma) {
        return kind == Kind.SINES ? sinesSquared(theta, sigma * sigma) : separableSquared(theta, sigma * sigma);
    }

    private double separableSquared(double[] theta, double variance) {
        double sum = 0;
        for (int i = 0; i < dimension; i++) {
            double z = dot(rotation[i], theta);
            double linear = decay + (kind == Kind.QUADRATIC ? weight[i] : 2 * weight[i] * scale[i] * scale[i]);
            double constant = kind == Kind.QUADRATIC ? -weight[i] * shift[i] : 0;
            double wave = kind == Kind.WAVY ? 3 * weight[i] * scale[i] : 0;
            double k = 2 * scale[i];
            double e = damping(k * k * variance);
            double mean = linear * z + constant;
            sum += mean * mean + linear * linear * variance;
            // E sin²(kx) and E (linear·x + constant)·sin(kx)
            sum += wave * wave * (1 - damping(4 * k * k * variance) * Math.cos(2 * k * z)) / 2;
            sum += 2 * wave * (mean * e * Math.sin(k * z) + linear * variance * k * e * Math.cos(k * z));
        }
        return sum;
    }

    private double sinesSquared(double[] theta, double variance) {
        double sum = decay * decay * (dot(theta, theta) + dimension * variance);
        for (int i = 0; i < weight.length; i++) {
            double z = place(i, theta) + shift[i];
            double length = dot(direction[i], direction[i]);
            double e = damping(length * variance);
            sum += 2
                    * decay
                    * weight[i]
                    * (e * Math.cos(z) * dot(direction[i], theta) - variance * length * e * Math.sin(z));
            for (int j = 0; j < weight.length; j++) {
                double y = place(j, theta) + shift[j];
                double product = dot(direction[i], direction[j]);
                double both = dot(direction[j], direction[j]) + length;
                double cosines = (damping((both + 2 * product) * variance) * Math.cos(z + y)
                                + damping((both - 2 * product) * variance) * Math.cos(z - y))
                        / 2;
                sum += weight[i] * weight[j] * product * cosines;
            }
        }
        return sum;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void add(double[] sum, double factor, double[] vector) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * vector[i];
        }
    }
}
