/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.Space;
import org.amend4j.random.SplitMix64;
import org.apache.commons.numbers.gamma.RegularizedGamma;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ActionDistribution} promises, to be extended by a test of yours: name the distribution and its space. For
 * continuous actions the integrals are sums over cells of a box, one or two numbers of an action wide.
 */
public abstract class ActionDistributionLaws {

    /** Step of the central difference. Its error is h²·f'''/6 + ε·f/h, about 1e-10 for functions of order 1. */
    private static final double STEP = 1e-5;

    private static final double TOLERANCE = 1e-8;
    private static final int DRAWS = 40_000;
    private static final long[] SEEDS = {1, 2, 3};

    protected abstract ActionDistribution distribution();

    protected abstract Space space();

    /** Outputs in general position. */
    protected double[] outputs(long seed) {
        return ApproximatorLaws.normal(distribution().outputs(), seed);
    }

    /** Free parameters in general position. */
    protected double[] free(long seed) {
        double[] free = distribution().initialFree();
        double[] noise = ApproximatorLaws.normal(free.length, seed + 100);
        Arrays.setAll(free, i -> free[i] + 0.2 * noise[i]);
        return free;
    }

    /**
     * One number of a continuous action, for shares from 0 to 1: smooth, ascending, and such that practically all of the
     * probability lies between, spread without peaks.
     */
    protected double coordinate(int number, double share) {
        Space.Box box = (Space.Box) space();
        return box.low()[number] + (box.high()[number] - box.low()[number]) * share;
    }

    /** Whether {@link ActionDistribution#mode} says nothing else. */
    protected boolean modeIsMostLikely() {
        return true;
    }

    private boolean continuous() {
        return space() instanceof Space.Box;
    }

    /** The midpoint rule is nearly exact for what is smooth and vanishes at both ends; slopes are differences. */
    private double tolerance() {
        return continuous() ? 1e-7 : 1e-12;
    }

    /** One action each, with the volume that it stands for. */
    private List<double[]> points(List<Double> volumes) {
        List<double[]> points = List.of(new double[0]);
        List<Double> sizes = List.of(1.0);
        int numbers = space().size();
        for (int i = 0; i < numbers; i++) {
            int cells = continuous() ? (numbers == 1 ? 2_000 : 300) : indices(i).length - 1;
            List<double[]> more = new ArrayList<>();
            List<Double> larger = new ArrayList<>();
            for (int k = 0; k < points.size(); k++) {
                for (int cell = 0; cell < cells; cell++) {
                    double share = (cell + 0.5) / cells;
                    double[] point = Arrays.copyOf(points.get(k), i + 1);
                    point[i] = continuous() ? coordinate(i, share) : cell;
                    more.add(point);
                    larger.add(sizes.get(k) * (continuous() ? slope(i, share) / cells : 1));
                }
            }
            points = more;
            sizes = larger;
        }
        volumes.addAll(sizes);
        return points;
    }

    private double slope(int number, double share) {
        return (coordinate(number, share + STEP) - coordinate(number, share - STEP)) / (2 * STEP);
    }

    private double[] indices(int number) {
        int count = space() instanceof Space.Discrete discrete
                ? discrete.count()
                : ((Space.MultiDiscrete) space()).counts()[number];
        double[] indices = new double[count + 1];
        Arrays.setAll(indices, i -> i);
        return indices;
    }

    @Test
    void itFitsItsSpaceAndSaysWhatItIs() {
        ActionDistribution d = distribution();
        d.requireFor(space());
        assertThrows(IllegalArgumentException.class, () -> d.requireFor(Space.Box.symmetric(new double[9])));
        assertEquals(space().size(), d.actionSize());
        assertEquals(d.freeParameters(), d.initialFree().length);
        assertTrue(d.outputs() >= 1);
        assertTrue(d.flags() == 0 || d.flags() == space().flags(), "flags " + d.flags());
        assertEquals(d, distribution());
        assertEquals(d.facts().text(), distribution().facts().text());
        assertFalse(d.facts().text().contains("@"), d.facts().text());
    }

    @Test
    void scoreIsTheNumericalGradientOfTheLogProbability() {
        for (long seed : SEEDS) {
            ActionDistribution d = distribution();
            double[] action = new double[d.actionSize() + 1];
            d.sample(outputs(seed), 0, free(seed), new SplitMix64(seed), action, 1);
            requireGradient(
                    seed,
                    (outputs, free) -> d.logProbability(outputs, 1, free, action, 1),
                    (outputs, free, derivatives, ofFree) ->
                            d.addScore(-2, outputs, 1, free, action, 1, new Derivatives(derivatives, ofFree, 1)));
        }
    }

    @Test
    void entropyGradientIsTheNumericalGradientOfTheEntropy() {
        for (long seed : SEEDS) {
            ActionDistribution d = distribution();
            requireGradient(
                    seed,
                    (outputs, free) -> d.entropy(outputs, 1, free),
                    (outputs, free, derivatives, ofFree) ->
                            d.addEntropyGradient(-2, outputs, 1, free, new Derivatives(derivatives, ofFree, 1)));
        }
    }

    private interface Value {
        double of(double[] outputs, double[] free);
    }

    private interface Adding {
        void to(double[] outputs, double[] free, double[] derivatives, double[] ofFree);
    }

    /** Of -2 times a function; added to what is there, and to nothing beside it. */
    private void requireGradient(long seed, Value value, Adding gradient) {
        double[] own = outputs(seed);
        double[] outputs = new double[own.length + 2];
        System.arraycopy(own, 0, outputs, 1, own.length);
        double[] free = free(seed);
        double[] derivatives = new double[outputs.length];
        double[] ofFree = new double[free.length + 2];
        Arrays.fill(derivatives, 3);
        Arrays.fill(ofFree, 5);
        double[] before = outputs.clone();
        gradient.to(outputs, free, derivatives, ofFree);
        assertArrayEquals(before, outputs, "outputs are only read");
        for (int i = 0; i < outputs.length; i++) {
            double slope = slope(value, outputs, free, outputs, i);
            assertEquals(3 - 2 * slope, derivatives[i], TOLERANCE, "output " + (i - 1) + ", seed " + seed);
        }
        for (int i = 0; i < free.length; i++) {
            double slope = slope(value, outputs, free, free, i);
            assertEquals(5 - 2 * slope, ofFree[i + 1], TOLERANCE, "free parameter " + i + ", seed " + seed);
        }
        assertEquals(5, ofFree[0]);
        assertEquals(5, ofFree[ofFree.length - 1]);
    }

    private static double slope(Value value, double[] outputs, double[] free, double[] moved, int i) {
        double here = moved[i];
        moved[i] = here + STEP;
        double up = value.of(outputs, free);
        moved[i] = here - STEP;
        double down = value.of(outputs, free);
        moved[i] = here;
        return (up - down) / (2 * STEP);
    }

    @Test
    void probabilitiesSumToOneAndTheirMeanLogarithmIsTheEntropy() {
        List<Double> volumes = new ArrayList<>();
        List<double[]> points = points(volumes);
        for (long seed : SEEDS) {
            double[] outputs = outputs(seed);
            double[] free = free(seed);
            double sum = 0;
            double entropy = 0;
            for (int k = 0; k < points.size(); k++) {
                double log = distribution().logProbability(outputs, 0, free, points.get(k), 0);
                double probability = Math.exp(log) * volumes.get(k);
                sum += probability;
                entropy -= probability > 0 ? probability * log : 0;
            }
            assertEquals(1, sum, tolerance(), "seed " + seed);
            assertEquals(entropy, distribution().entropy(outputs, 0, free), 10 * tolerance(), "seed " + seed);
        }
    }

    @Test
    void samplesFollowTheirProbabilitiesAndNoOthers() {
        for (long seed : SEEDS) {
            double[] outputs = outputs(seed);
            double[] others = outputs.clone();
            others[0] += 0.3;
            assertTrue(chance(outputs, outputs, seed) > 1e-6, "a right sampler fails once in 10^6, seed " + seed);
            assertTrue(chance(outputs, others, seed) < 1e-6, "outputs moved by 0.3 must be noticed, seed " + seed);
        }
    }

    /** Of draws this far off or farther (χ²), if the law is that of other outputs. */
    private double chance(double[] drawn, double[] law, long seed) {
        int[] bins = new int[space().size()];
        int all = 1;
        for (int i = 0; i < bins.length; i++) {
            bins[i] = continuous() ? (bins.length == 1 ? 40 : 10) : indices(i).length - 1;
            all *= bins[i];
        }
        double[][] borders = new double[bins.length][];
        Arrays.setAll(borders, i -> continuous() ? borders(i, bins[i]) : indices(i));
        ActionDistribution distribution = distribution();
        double[] free = free(seed);
        double[] expected = expected(borders, all, law, free);
        double[] counted = new double[all + 1];
        SplitMix64 random = new SplitMix64(seed + 17);
        double[] action = new double[bins.length];
        for (int i = 0; i < DRAWS; i++) {
            distribution.sample(drawn, 0, free, random, action, 0);
            counted[bin(action, borders, all)]++;
        }
        double restExpected = 0;
        double restCounted = 0;
        double distance = 0;
        int compared = 0;
        for (int bin = 0; bin <= all; bin++) {
            if (expected[bin] < 10) {
                restExpected += expected[bin];
                restCounted += counted[bin];
            } else {
                distance += (counted[bin] - expected[bin]) * (counted[bin] - expected[bin]) / expected[bin];
                compared++;
            }
        }
        double rest = Math.max(restExpected, 1);
        distance += (restCounted - restExpected) * (restCounted - restExpected) / rest;
        return RegularizedGamma.Q.value(compared / 2.0, distance / 2);
    }

    private double[] expected(double[][] borders, int all, double[] outputs, double[] free) {
        ActionDistribution distribution = distribution();
        List<Double> volumes = new ArrayList<>();
        List<double[]> points = points(volumes);
        double[] expected = new double[all + 1];
        double inside = 0;
        for (int k = 0; k < points.size(); k++) {
            double mass =
                    DRAWS * volumes.get(k) * Math.exp(distribution.logProbability(outputs, 0, free, points.get(k), 0));
            expected[bin(points.get(k), borders, all)] += mass;
            inside += mass;
        }
        expected[all] = Math.max(0, DRAWS - inside);
        return expected;
    }

    private double[] borders(int number, int bins) {
        double[] borders = new double[bins + 1];
        Arrays.setAll(borders, i -> coordinate(number, (double) i / bins));
        return borders;
    }

    /** Bins are as wide as many cells; what is in none of them is in the last one. */
    private static int bin(double[] action, double[][] borders, int all) {
        int bin = 0;
        for (int i = 0; i < borders.length; i++) {
            int bins = borders[i].length - 1;
            int at = Arrays.binarySearch(borders[i], action[i]);
            int cell = at >= 0 ? at : -at - 2;
            if (cell < 0 || cell >= bins) {
                return all;
            }
            bin = bin * bins + cell;
        }
        return bin;
    }

    @Test
    void modeIsTheMostLikelyAction() {
        if (!modeIsMostLikely()) {
            return;
        }
        List<double[]> points = points(new ArrayList<>());
        for (long seed : SEEDS) {
            double[] outputs = outputs(seed);
            double[] free = free(seed);
            double[] mode = new double[distribution().actionSize()];
            distribution().mode(outputs, 0, free, mode, 0);
            double most = distribution().logProbability(outputs, 0, free, mode, 0);
            for (double[] point : points) {
                assertTrue(distribution().logProbability(outputs, 0, free, point, 0) <= most, "seed " + seed);
            }
        }
    }

    @Test
    void whatIsDrawnDependsOnTheGeneratorAlone() {
        double[] outputs = outputs(1);
        double[] first = new double[distribution().actionSize()];
        double[] again = new double[first.length];
        SplitMix64 random = new SplitMix64(5);
        ActionDistribution other = distribution();
        for (int i = 0; i < 100; i++) {
            SplitMix64 copy = new SplitMix64(i);
            distribution().sample(outputs, 0, free(1), new SplitMix64(i), first, 0);
            other.sample(outputs, 0, free(2), random, again, 0);
            other.sample(outputs, 0, free(1), copy, again, 0);
            assertArrayEquals(first, again);
        }
    }

    @Test
    void outputsThatAreNoNumbersAreRefused() {
        double[] outputs = new double[distribution().outputs()];
        Arrays.fill(outputs, Double.NaN);
        double[] action = new double[distribution().actionSize()];
        assertThrows(
                ArithmeticException.class,
                () -> distribution().sample(outputs, 0, free(1), new SplitMix64(1), action, 0));
    }

    @Test
    void whatIsMaskedHasNoProbabilityAndNoDerivative() {
        ActionDistribution d = distribution();
        boolean[] allowed = new boolean[d.flags() + 1];
        if (d.flags() == 0) {
            assertThrows(UnsupportedOperationException.class, () -> d.maskInPlace(outputs(1), 0, allowed, 0));
            return;
        }
        assertThrows(IllegalArgumentException.class, () -> d.maskInPlace(outputs(1), 0, allowed, 1));
        Arrays.fill(allowed, true);
        allowed[1] = false; // the first value of the first number
        double[] outputs = outputs(1);
        d.maskInPlace(outputs, 0, allowed, 1);
        double sum = 0;
        for (double[] point : points(new ArrayList<>())) {
            double probability = Math.exp(d.logProbability(outputs, 0, free(1), point, 0));
            sum += probability;
            assertEquals(point[0] == 0, probability == 0);
        }
        assertEquals(1, sum, tolerance());
        double[] gradient = new double[outputs.length];
        double[] action = new double[d.actionSize()];
        for (int i = 0; i < 1_000; i++) {
            d.sample(outputs, 0, free(1), new SplitMix64(i), action, 0);
            assertTrue(action[0] > 0);
        }
        d.addScore(1, outputs, 0, free(1), action, 0, new Derivatives(gradient, new double[d.freeParameters()], 0));
        d.addEntropyGradient(1, outputs, 0, free(1), new Derivatives(gradient, new double[d.freeParameters()], 0));
        assertEquals(0, gradient[0]);
        assertTrue(Arrays.stream(gradient).allMatch(Double::isFinite));
    }
}
