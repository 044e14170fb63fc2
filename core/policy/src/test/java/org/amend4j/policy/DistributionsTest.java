/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.amend4j.environment.Space;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionsTest {

    /** That of the reference values. */
    private static final double GOLDEN = 1e-10;

    private static final double[] NONE = {};

    private static JsonNode golden(String name) throws IOException {
        try (InputStream stream = DistributionsTest.class.getResourceAsStream("distributions.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(stream)).get(name);
        }
    }

    private static double[] numbers(JsonNode node) {
        return IntStream.range(0, node.size())
                .mapToDouble(i -> node.get(i).doubleValue())
                .toArray();
    }

    private static double[] score(ActionDistribution d, double[] outputs, double[] free, double... action) {
        double[] result = new double[outputs.length];
        d.addScore(1, outputs, 0, free, action, 0, new Derivatives(result, new double[free.length], 0));
        return result;
    }

    @Test
    void categoricalEqualsReference() throws IOException {
        JsonNode golden = golden("categorical");
        Categorical d = new Categorical(5);
        double[] logits = numbers(golden.get("logits"));
        double[] logProbabilities = numbers(golden.get("log_probs"));
        for (int i = 0; i < 5; i++) {
            assertEquals(logProbabilities[i], d.logProbability(logits, 0, NONE, new double[] {i}, 0), GOLDEN);
        }
        assertEquals(golden.get("entropy").doubleValue(), d.entropy(logits, 0, NONE), GOLDEN);
        int action = golden.get("action").intValue();
        assertArrayEquals(numbers(golden.get("score_wrt_logits")), score(d, logits, NONE, action), GOLDEN);
        double[] entropyGradient = new double[5];
        d.addEntropyGradient(1, logits, 0, NONE, new Derivatives(entropyGradient, NONE, 0));
        assertArrayEquals(numbers(golden.get("entropy_gradient_wrt_logits")), entropyGradient, GOLDEN);
    }

    @Test
    void maskedCategoricalEqualsReference() throws IOException {
        JsonNode golden = golden("categorical");
        Categorical d = new Categorical(5);
        double[] logits = numbers(golden.get("logits"));
        boolean[] allowed = new boolean[5];
        for (int i = 0; i < 5; i++) {
            allowed[i] = golden.get("mask").get(i).intValue() == 1;
        }
        d.maskInPlace(logits, 0, allowed, 0);
        double[] probabilities = numbers(golden.get("masked_probs"));
        for (int i = 0; i < 5; i++) {
            assertEquals(probabilities[i], Math.exp(d.logProbability(logits, 0, NONE, new double[] {i}, 0)), GOLDEN);
        }
        assertEquals(
                golden.get("masked_log_prob_of_action_2").doubleValue(),
                d.logProbability(logits, 0, NONE, new double[] {2}, 0),
                GOLDEN);
        assertEquals(golden.get("masked_entropy").doubleValue(), d.entropy(logits, 0, NONE), GOLDEN);
        double[] gradient = score(d, logits, NONE, 2);
        d.addEntropyGradient(1, logits, 0, NONE, new Derivatives(gradient, NONE, 0));
        assertEquals(0, gradient[1]);
        assertEquals(0, gradient[4]);
        assertTrue(Arrays.stream(gradient).allMatch(Double::isFinite));
    }

    @Test
    void extremeLogitsStayExact() {
        Categorical d = new Categorical(3);
        double[] logits = {1000, 0, -1000};
        assertEquals(0, d.logProbability(logits, 0, NONE, new double[] {0}, 0));
        assertEquals(-1000, d.logProbability(logits, 0, NONE, new double[] {1}, 0));
        assertEquals(-2000, d.logProbability(logits, 0, NONE, new double[] {2}, 0));
        assertEquals(0, d.entropy(logits, 0, NONE));
        Bernoulli one = new Bernoulli();
        assertEquals(-1000, one.logProbability(new double[] {1000}, 0, NONE, new double[] {0}, 0));
        assertEquals(0, one.logProbability(new double[] {1000}, 0, NONE, new double[] {1}, 0));
        assertEquals(-1000, one.logProbability(new double[] {-1000}, 0, NONE, new double[] {1}, 0));
        assertEquals(0, one.entropy(new double[] {-1000}, 0, NONE));
    }

    @Test
    void gaussianEqualsReference() throws IOException {
        JsonNode golden = golden("gaussian");
        double[] mean = numbers(golden.get("mean"));
        double[] free = numbers(golden.get("log_std"));
        double[] action = numbers(golden.get("action"));
        for (Gaussian d : List.of(new Gaussian(new double[3], true), new Gaussian(free, false))) {
            assertEquals(golden.get("log_prob").doubleValue(), d.logProbability(mean, 0, free, action, 0), GOLDEN);
            assertEquals(golden.get("entropy").doubleValue(), d.entropy(mean, 0, free), GOLDEN);
            assertArrayEquals(numbers(golden.get("score_wrt_mean")), score(d, mean, free, action), GOLDEN);
        }
        double[] freeScore = new double[4];
        new Gaussian(new double[3], true)
                .addScore(1, mean, 0, free, action, 0, new Derivatives(new double[3], freeScore, 1));
        assertArrayEquals(numbers(golden.get("score_wrt_log_std")), Arrays.copyOfRange(freeScore, 1, 4), GOLDEN);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-30, -3, -0.2, 0, 0.7, 5, 30})
    void bernoulliIsCategoricalWithLogitsZeroAndZ(double z) {
        Bernoulli one = new Bernoulli();
        Categorical two = new Categorical(2);
        double[] single = {z};
        double[] pair = {0, z};
        for (double action = 0; action < 2; action++) {
            double[] a = {action};
            assertEquals(two.logProbability(pair, 0, NONE, a, 0), one.logProbability(single, 0, NONE, a, 0), 1e-14);
            assertEquals(score(two, pair, NONE, action)[1], score(one, single, NONE, action)[0], 1e-14);
        }
        assertEquals(two.entropy(pair, 0, NONE), one.entropy(single, 0, NONE), 1e-14);
        double[] expected = new double[2];
        double[] actual = new double[1];
        two.addEntropyGradient(1, pair, 0, NONE, new Derivatives(expected, NONE, 0));
        one.addEntropyGradient(1, single, 0, NONE, new Derivatives(actual, NONE, 0));
        assertEquals(expected[1], actual[0], 1e-14);
    }

    @Test
    void modeIsMostLikelyFirstOfEquals() {
        double[] action = new double[2];
        new Categorical(3).mode(new double[] {1, 2, 2}, 0, NONE, action, 1);
        assertEquals(1, action[1]);
        new Bernoulli().mode(new double[] {0}, 0, NONE, action, 0);
        assertEquals(0, action[0]);
        new Bernoulli().mode(new double[] {1e-9}, 0, NONE, action, 0);
        assertEquals(1, action[0]);
        Gaussian.fixed(1, 1).mode(new double[] {3, 4, 5}, 1, NONE, action, 0);
        assertArrayEquals(new double[] {4, 5}, action);
    }

    @Test
    void spacesThatDoNotFitAreRefused() {
        Space two = new Space.Discrete(2);
        Space box = Space.Box.symmetric(1, 1);
        new Bernoulli().requireFor(two);
        new Categorical(2).requireFor(two);
        Gaussian.fixed(1, 1).requireFor(box);
        assertThrows(IllegalArgumentException.class, () -> new Bernoulli().requireFor(box));
        assertThrows(IllegalArgumentException.class, () -> new Bernoulli().requireFor(new Space.Discrete(3)));
        assertThrows(IllegalArgumentException.class, () -> new Categorical(3).requireFor(two));
        assertThrows(IllegalArgumentException.class, () -> Gaussian.fixed(1).requireFor(box));
        assertThrows(IllegalArgumentException.class, () -> Gaussian.fixed(1, 1).requireFor(two));
        assertThrows(IllegalArgumentException.class, () -> Gaussian.fixed(0));
        assertThrows(IllegalArgumentException.class, () -> Gaussian.fixed());
        assertThrows(IllegalArgumentException.class, () -> new Categorical(1));
        assertEquals(Gaussian.fixed(2), Gaussian.fixed(2));
        assertFalse(Gaussian.fixed(2).equals(Gaussian.trained(2)));
    }
}
