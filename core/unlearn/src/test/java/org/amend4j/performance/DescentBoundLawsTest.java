/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.performance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.amend4j.descent.Assurance;
import org.amend4j.privacy.DiscreteNoise;
import org.amend4j.privacy.GaussianGrid;
import org.amend4j.sensitivity.Constant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Descents on losses of which everything is known, against their bounds; and twins that show that wrong bounds are seen. */
class DescentBoundLawsTest {

    private static final int PROBLEMS = 1000;
    private static final DescentBound.Start START = new DescentBound.Start(1, Double.POSITIVE_INFINITY);

    /** What a twin takes for true though it is not. */
    private enum Fault {
        NONE,
        TWICE_THE_GROWTH,
        HALF_THE_GAP,
        HALF_THE_NOISE
    }

    /** One descent, what it did and what was promised. */
    private static final class Descent {
        final KnownLoss loss;
        final Landscape landscape;
        final Bracket bracket;
        final double radius;
        final double[] steps;
        final double[] start;
        final double[] end;
        final double least;
        final double startNorm;
        final double sigma;
        final DiscreteNoise noise;

        Descent(KnownLoss.Kind kind, long seed, Fault fault) {
            Random random = new Random(seed);
            loss = new KnownLoss(kind, random, random.nextBoolean());
            boolean hostile = fault != Fault.NONE;
            radius = !hostile && random.nextInt(3) == 0 ? 0.2 + 2 * random.nextDouble() : Double.POSITIVE_INFINITY;
            boolean projected = radius < Double.POSITIVE_INFINITY;
            double mu = projected && !loss.stronglyConvex ? 0 : loss.growth;
            landscape = new Landscape(
                    Constant.proved(loss.smoothness, "by construction"),
                    loss.convex,
                    Constant.proved(fault == Fault.TWICE_THE_GROWTH ? 2 * mu : mu, "by construction"),
                    projected ? Domain.SET : Domain.WHOLE_SPACE);
            steps = steps(random, loss.smoothness);
            double[] from = loss.centre();
            double[] easy = hostile
                    ? loss.easiestDirection()
                    : random.doubles(loss.dimension, -1, 1).toArray();
            double far = 3 * random.nextDouble();
            Arrays.setAll(from, i -> from[i] + far * easy[i]);
            start = project(from);
            // sometimes unknown
            startNorm = !hostile && random.nextBoolean() ? criterion(start, firstStep()) : Double.POSITIVE_INFINITY;
            double[] theta = start;
            double smallest = Double.POSITIVE_INFINITY;
            for (double eta : steps) {
                smallest = Math.min(smallest, criterion(theta, eta));
                theta = step(theta, eta);
            }
            end = theta;
            least = Math.min(smallest, criterion(theta, lastStep()));
            double known = loss.value(start);
            double lowest = loss.stronglyConvex && random.nextBoolean()
                    ? strongly(start).lowest()
                    : 0;
            bracket = fault == Fault.HALF_THE_GAP
                    ? new Bracket((known + loss.value(best())) / 2, known)
                    : new Bracket(lowest, known)
                            .with(hostile || random.nextBoolean() ? loss.value(best()) : reachable());
            sigma = 0.01 + random.nextDouble();
            double assumed = fault == Fault.HALF_THE_NOISE ? sigma * Math.sqrt(0.5) : sigma;
            noise = new DiscreteNoise(GaussianGrid.of(assumed, 100), 1, loss.dimension);
        }

        private double reachable() {
            return landscape.reachable(
                    new DescentBound.Start(loss.value(start), criterion(start, firstStep())), firstStep());
        }

        private static double[] steps(Random random, double smoothness) {
            double first = (0.02 + 1.97 * random.nextDouble()) / smoothness;
            double factor = random.nextInt(4) == 0 ? 0.9 : 1;
            double[] steps = new double[random.nextInt(41)];
            Arrays.setAll(steps, j -> first * Math.pow(factor, j));
            return steps;
        }

        private double firstStep() {
            return steps.length == 0 ? 1 / loss.smoothness : steps[0];
        }

        private double lastStep() {
            return steps.length == 0 ? firstStep() : steps[steps.length - 1];
        }

        /** A bracket from one point's value and gradient. */
        private Bracket strongly(double[] theta) {
            double[] gradient = loss.gradient(theta);
            return new Bracket(0, loss.value(theta))
                    .with(loss.value(theta), Math.sqrt(KnownLoss.dot(gradient, gradient)), loss.growth);
        }

        private double[] project(double[] theta) {
            double norm = Math.sqrt(KnownLoss.dot(theta, theta));
            double[] inside = theta.clone();
            Arrays.setAll(inside, i -> norm > radius ? theta[i] * radius / norm : theta[i]);
            return inside;
        }

        private double[] step(double[] theta, double eta) {
            double[] gradient = loss.gradient(theta);
            double[] next = new double[theta.length];
            Arrays.setAll(next, i -> theta[i] - eta * gradient[i]);
            return project(next);
        }

        /** The norm of the gradient, or of the projected step over its size. */
        double criterion(double[] theta, double eta) {
            double[] next = step(theta, eta);
            double squares = 0;
            for (int i = 0; i < theta.length; i++) {
                squares += (theta[i] - next[i]) * (theta[i] - next[i]);
            }
            return Math.sqrt(squares) / eta;
        }

        /** Further down, where the loss is close to least, if not stuck. */
        private double[] best() {
            double[] theta = end;
            for (int j = 0; j < 300; j++) {
                theta = step(theta, 1 / loss.smoothness);
            }
            return theta;
        }

        DescentBound bound() {
            return DescentBound.of(landscape, bracket, new DescentBound.Start(loss.value(start), startNorm), steps);
        }

        double rounding() {
            // 60 operations on numbers of this size, most of them contracted by later steps
            return 1e-13 * (1 + loss.value(start) + loss.smoothness * Math.sqrt(KnownLoss.dot(start, start)));
        }

        boolean keepsLoss() {
            double reached = loss.value(end);
            DescentBound bound = bound();
            return reached <= bound.loss() + rounding() && reached - loss.value(best()) <= bound.excess() + rounding();
        }

        boolean keepsGradient() {
            // a quotient by the step size enlarges what rounding did
            double rounding = rounding() * (1 + 1 / lastStep());
            return least <= bound().leastGradient() + rounding
                    && criterion(end, lastStep()) <= bound().gradient() + rounding;
        }

        boolean keepsNoise() {
            double[] gradient = loss.gradient(end);
            double steepest = Math.sqrt(KnownLoss.dot(gradient, gradient)) * (1 + 1e-14);
            NoisyBound noisy = bound().with(noise, landscape, steepest).orElseThrow();
            return loss.noisyValue(end, sigma) <= noisy.loss() + rounding()
                    && Math.sqrt(loss.noisySquaredGradient(end, sigma)) <= noisy.gradient() + rounding();
        }
    }

    /** 3 kinds × 1,000 problems: with and without decay, ball, geometric step sizes; steps up to 1.99/M. */
    @ParameterizedTest
    @EnumSource(KnownLoss.Kind.class)
    void no_descent_breaks_its_bound_on_loss_gradient_and_noise(KnownLoss.Kind kind) {
        int projected = 0;
        int growing = 0;
        int decaying = 0;
        for (long seed = 0; seed < PROBLEMS; seed++) {
            Descent descent = new Descent(kind, seed, Fault.NONE);
            String place = kind + ", seed " + seed;
            assertTrue(descent.keepsLoss(), place);
            assertTrue(descent.keepsGradient(), place);
            assertTrue(descent.keepsNoise(), place);
            projected += descent.landscape.domain().isProjected() ? 1 : 0;
            growing += descent.landscape.growth().value() > 0 ? 1 : 0;
            decaying += descent.loss.decay > 0 ? 1 : 0;
        }
        assertTrue(projected > 250 && decaying > 400, projected + " projected, " + decaying + " decaying");
        assertTrue(kind == KnownLoss.Kind.SINES ? growing == 0 : growing > 500, growing + " with growth");
    }

    @Test
    void twice_the_growth_is_seen_to_break_the_bound_on_the_loss() {
        int broken = 0;
        for (long seed = 0; seed < 100; seed++) {
            broken += new Descent(KnownLoss.Kind.QUADRATIC, seed, Fault.TWICE_THE_GROWTH).keepsLoss() ? 0 : 1;
        }
        assertTrue(broken > 30, "only " + broken + " of 100 broken");
    }

    @Test
    void half_the_gap_is_seen_to_break_the_bound_on_the_gradient() {
        int broken = 0;
        for (long seed = 0; seed < 400; seed++) {
            broken += new Descent(KnownLoss.Kind.QUADRATIC, seed, Fault.HALF_THE_GAP).keepsGradient() ? 0 : 1;
        }
        assertTrue(broken > 20, "only " + broken + " of 400 broken");
    }

    @ParameterizedTest
    @EnumSource(value = KnownLoss.Kind.class, names = "QUADRATIC")
    void half_the_variance_is_seen_to_break_the_bound_with_noise(KnownLoss.Kind kind) {
        int broken = 0;
        for (long seed = 0; seed < 100; seed++) {
            broken += new Descent(kind, seed, Fault.HALF_THE_NOISE).keepsNoise() ? 0 : 1;
        }
        assertTrue(broken > 30, "only " + broken + " of 100 broken");
    }

    /** The exact averages that the laws compare with, against means of draws. */
    @ParameterizedTest
    @EnumSource(KnownLoss.Kind.class)
    void the_averages_under_noise_are_means_of_draws(KnownLoss.Kind kind) {
        Random random = new Random(11);
        KnownLoss loss = new KnownLoss(kind, random, true);
        double[] theta = random.doubles(loss.dimension, -1, 1).toArray();
        double sigma = 0.4;
        int draws = 200_000;
        double[] sums = new double[4];
        for (int n = 0; n < draws; n++) {
            double[] there = theta.clone();
            Arrays.setAll(there, i -> theta[i] + sigma * random.nextGaussian());
            double value = loss.value(there);
            double[] gradient = loss.gradient(there);
            double square = KnownLoss.dot(gradient, gradient);
            sums[0] += value;
            sums[1] += value * value;
            sums[2] += square;
            sums[3] += square * square;
        }
        requireMean(sums[0], sums[1], draws, loss.noisyValue(theta, sigma));
        requireMean(sums[2], sums[3], draws, loss.noisySquaredGradient(theta, sigma));
    }

    /** Within six standard errors: a false alarm has a chance of 2e-9, the seed is fixed. */
    private static void requireMean(double sum, double squares, int draws, double expected) {
        double mean = sum / draws;
        double error = Math.sqrt((squares / draws - mean * mean) / draws);
        assertEquals(expected, mean, 6 * error);
    }

    @Test
    void the_wave_satisfies_the_inequality_that_its_problems_rest_on() {
        for (double q = 0; q <= 1; q += 0.05) {
            double least = Double.POSITIVE_INFINITY;
            for (double x = 1e-3; x < 30; x += 1e-3) {
                double slope = 2 * (1 + q) * x + 3 * Math.sin(2 * x);
                least = Math.min(least, slope * slope / (2 * ((1 + q) * x * x + 3 * Math.sin(x) * Math.sin(x))));
            }
            assertTrue(least > KnownLoss.WAVY_GROWTH, q + ": " + least);
        }
    }

    /** The rate is the best there is: a quadratic with one curvature attains it, at any step size. */
    @Test
    void a_quadratic_attains_the_bounds() {
        Landscape landscape = new Landscape(Constant.proved(2, ""), true, Constant.proved(2, ""), Domain.WHOLE_SPACE);
        for (double eta : new double[] {0.125, 0.5, 0.75}) {
            DescentBound bound =
                    DescentBound.of(landscape, Bracket.ofNonnegative().with(0), START, new double[] {eta, eta, eta});
            double end = Math.pow(1 - 2 * eta, 6);
            assertEquals(end, bound.loss(), 1e-15, "f = x², from 1");
            assertEquals(2 * Math.sqrt(end), bound.gradient(), 1e-15);
        }
    }

    @Test
    void the_discrete_noise_has_no_more_variance_than_its_parameter_says() {
        for (double sigma : new double[] {0.3, 0.5, 1, 2, 5, 20}) {
            double mass = 0;
            double second = 0;
            for (int n = -400; n <= 400; n++) {
                double weight = Math.exp(-n * n / (2 * sigma * sigma));
                mass += weight;
                second += n * n * weight;
            }
            assertTrue(second / mass <= sigma * sigma * (1 + 1e-14), sigma + ": " + second / mass);
        }
    }

    @Test
    void a_step_of_twice_the_inverse_smoothness_is_promised_nothing() {
        Landscape landscape = new Landscape(Constant.proved(2, ""), true, Landscape.noGrowth(), Domain.WHOLE_SPACE);
        assertTrue(landscape.refusal(0.999).isEmpty());
        assertEquals(
                "the step size 1.00000 is not below 2/M = 1.00000: a step may climb",
                landscape.refusal(1).orElseThrow());
        assertThrows(
                IllegalArgumentException.class,
                () -> DescentBound.of(landscape, Bracket.ofNonnegative(), START, new double[] {0.5, 1}));
        Landscape unknown = new Landscape(Constant.unknown(), true, Landscape.noGrowth(), Domain.SET);
        assertTrue(unknown.refusal(1e-9).isPresent());
    }

    @Test
    void an_estimated_growth_makes_the_bound_an_estimate_and_none_leaves_it_proved() {
        Landscape proved = new Landscape(Constant.proved(2, ""), false, Landscape.noGrowth(), Domain.WHOLE_SPACE);
        Landscape estimated = proved.withGrowth(Constant.estimated(0.1, "seen on the way"));
        assertEquals(Assurance.PROVED, proved.assurance());
        assertEquals(Assurance.ESTIMATED, estimated.assurance());
        DescentBound bound = DescentBound.of(estimated, Bracket.ofNonnegative(), START, new double[] {0.5});
        assertEquals(Assurance.ESTIMATED, bound.assurance());
    }

    @Test
    void noise_that_leaves_a_set_is_promised_something_only_where_the_loss_is_smooth_outside() {
        DiscreteNoise noise = new DiscreteNoise(GaussianGrid.of(0.1, 10), 1, 3);
        for (Domain domain : Domain.values()) {
            Landscape landscape = new Landscape(Constant.proved(1, ""), true, Constant.proved(1, ""), domain);
            DescentBound bound = DescentBound.of(landscape, Bracket.ofNonnegative(), START, new double[] {1});
            assertEquals(
                    domain != Domain.SET_ALONE, bound.with(noise, landscape, 1).isPresent());
            assertFalse(domain == Domain.SET
                    && bound.with(noise, landscape, 1).orElseThrow().gradient() < Double.POSITIVE_INFINITY);
        }
    }
}
