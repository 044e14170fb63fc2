/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.random.SplitMix64;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

class PolicyTest {

    private static Policy policy(Approximator network, ActionDistribution distribution) {
        Policy policy = new Policy(network, distribution, new ObservationEncoder.AsIs(network.inputs()));
        ApproximatorLaws.shake(network, 0.2, 77);
        return policy;
    }

    private static Approximator dense(int outputs) {
        return Approximators.random(
                List.of(
                        new DenseShape(3, 8, true, DenseActivation.TANH),
                        new DenseShape(8, outputs, true, DenseActivation.IDENTITY)),
                1,
                5);
    }

    private static Arguments of(String name, Policy policy) {
        return Arguments.of(Named.of(name, policy));
    }

    static Stream<Arguments> all() {
        return Stream.of(
                of("dense, categorical with value", policy(dense(4), new Categorical(3))),
                of("dense, Bernoulli", policy(dense(1), new Bernoulli())),
                of("dense, fixed Gaussian", policy(dense(2), Gaussian.fixed(0.5, 2))),
                of("dense, trained Gaussian with value", policy(dense(3), Gaussian.trained(0.5, 2))),
                of(
                        "graph with two heads, trained Gaussian",
                        policy(
                                GraphApproximator.of(Networks.twoHeads(DataType.DOUBLE, 1), new InputShape.Row(3)),
                                Gaussian.trained(0.5, 2))),
                of(
                        "convolutional, categorical",
                        policy(
                                GraphApproximator.of(Networks.convolutional(DataType.DOUBLE, 2), Networks.IMAGE),
                                new Categorical(3))),
                of(
                        "recurrent, categorical with value",
                        policy(Approximators.of(Networks.recurrent(DataType.DOUBLE, 3)), new Categorical(2))),
                of(
                        "adapted perceptron, categorical with value",
                        policy(
                                Approximators.of(
                                        Networks.adapted(Networks.twoHeads(DataType.DOUBLE, 4), 5, "hidden0", "action")
                                                .graph()),
                                new Categorical(2))),
                of(
                        "adapted convolutional, categorical",
                        policy(
                                Approximators.of(
                                        Networks.adapted(Networks.convolutional(DataType.DOUBLE, 6), 7, "conv")
                                                .graph(),
                                        Networks.IMAGE),
                                new Categorical(3))));
    }

    private static final int[] LENGTHS = {3, 1, 4};
    private static final int ROWS = 8;

    /** What a rollout with the policy sees and does, sequences side by side; log-probabilities into {@code taken}. */
    private static Decisions rollout(Policy policy, long seed, double[] taken) {
        int width = policy.network().inputs();
        int size = policy.distribution().actionSize();
        double[] inputs = ApproximatorLaws.normal(ROWS * width, seed);
        double[] actions = new double[ROWS * size];
        SplitMix64 random = new SplitMix64(seed);
        Approximator.Stepper stepper = policy.network().stepper(LENGTHS.length);
        for (int t = 0; t < 4; t++) {
            int time = t;
            int[] going = IntStream.range(0, LENGTHS.length)
                    .filter(i -> LENGTHS[i] > time)
                    .toArray();
            boolean[] begins = new boolean[going.length];
            Arrays.fill(begins, t == 0);
            double[] rows = new double[going.length * width];
            for (int k = 0; k < going.length; k++) {
                System.arraycopy(inputs, row(going[k], t) * width, rows, k * width, width);
            }
            Policy.Chosen chosen = policy.choose(stepper.step(rows, going, begins), new boolean[0], false, random);
            for (int k = 0; k < going.length; k++) {
                System.arraycopy(chosen.actions()[k], 0, actions, row(going[k], t) * size, size);
                taken[row(going[k], t)] = chosen.logProbabilities()[k];
            }
        }
        return new Decisions(ROWS, inputs, actions, new boolean[0], LENGTHS);
    }

    private static int row(int sequence, int time) {
        return Arrays.stream(LENGTHS, 0, sequence).sum() + time;
    }

    @ParameterizedTest
    @MethodSource("all")
    void theLearnersLogProbabilitiesAreTheRollouts(Policy policy) {
        double[] taken = new double[ROWS];
        Decisions decisions = rollout(policy, 3, taken);
        assertArrayEquals(taken, policy.evaluate(decisions).logProbabilities(), 1e-12);
    }

    /** Central differences in double: about 1e-10 off for functions of order 1, see {@link ApproximatorLaws}. */
    @ParameterizedTest
    @MethodSource("all")
    @OneIn(2)
    void gradientIsNumericalGradient(Policy policy) {
        Decisions decisions = rollout(policy, 4, new double[ROWS]);
        double[] scores = ApproximatorLaws.normal(ROWS, 5);
        double[] entropies = ApproximatorLaws.normal(ROWS, 6);
        double[] values = policy.hasValue() ? ApproximatorLaws.normal(ROWS, 7) : new double[0];
        double[] theta = policy.parameters();
        double[] gradient = policy.evaluate(decisions).gradient(scores, entropies, values);
        double h = 1e-5;
        for (int i = 0; i < theta.length; i++) {
            double[] moved = theta.clone();
            moved[i] += h;
            policy.setParameters(moved);
            double up = sum(policy.evaluate(decisions), scores, entropies, values);
            moved[i] -= 2 * h;
            policy.setParameters(moved);
            double down = sum(policy.evaluate(decisions), scores, entropies, values);
            double numerical = (up - down) / (2 * h);
            assertEquals(
                    numerical,
                    gradient[i],
                    ApproximatorLaws.TOLERANCE * Math.max(1, Math.abs(numerical)),
                    "element " + i);
        }
        policy.setParameters(theta);
        assertTrue(Arrays.stream(gradient).anyMatch(g -> Math.abs(g) > 1e-3));
    }

    private static double sum(Policy.Evaluation at, double[] scores, double[] entropies, double[] values) {
        double[] logProbabilities = at.logProbabilities();
        double[] entropy = at.entropies();
        double[] value = values.length > 0 ? at.values() : values;
        double sum = 0;
        for (int row = 0; row < ROWS; row++) {
            sum += scores[row] * logProbabilities[row] + entropies[row] * entropy[row];
            sum += values.length > 0 ? values[row] * value[row] : 0;
        }
        return sum;
    }

    @Test
    void maskedActionsAreNeverTakenAndGiveNoGradientThroughTheirLogits() {
        Approximator logits = Approximators.zero(List.of(new DenseShape(1, 3, true, DenseActivation.IDENTITY)));
        logits.setParameters(new double[] {1, 2, 3, 0.5, 9, 0.25});
        Policy policy = new Policy(logits, new Categorical(3), new ObservationEncoder.AsIs(1));
        int rows = 500;
        double[] inputs = ApproximatorLaws.normal(rows, 1);
        boolean[] allowed = new boolean[3 * rows];
        for (int row = 0; row < rows; row++) {
            allowed[3 * row] = true;
            allowed[3 * row + 2] = true;
        }
        double[] outputs = logits.forward(inputs, new int[] {rows}).outputs();
        Policy.Chosen chosen = policy.choose(outputs, allowed, false, new SplitMix64(1));
        double[] actions = flat(chosen.actions());
        assertTrue(Arrays.stream(actions).noneMatch(action -> action == 1));
        assertTrue(Arrays.stream(actions).anyMatch(action -> action == 0));
        Decisions decisions = new Decisions(rows, inputs, actions, allowed, new int[] {rows});
        assertArrayEquals(chosen.logProbabilities(), policy.evaluate(decisions).logProbabilities());
        double[] ones = new double[rows];
        Arrays.fill(ones, 1);
        double[] gradient = policy.evaluate(decisions).gradient(ones, ones, new double[0]);
        assertEquals(0, gradient[1], "weight of the masked logit");
        assertEquals(0, gradient[4], "bias of the masked logit");
        assertTrue(Math.abs(gradient[0]) > 1e-3);
        Policy.Chosen greedy =
                policy.choose(logits.forward(inputs, new int[] {rows}).outputs(), allowed, true, new SplitMix64(1));
        assertTrue(Arrays.stream(flat(greedy.actions())).noneMatch(action -> action == 1));
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    @Test
    void aMaskThatAllowsNothingIsRefused() {
        Policy policy = policy(dense(3), new Categorical(3));
        assertThrows(
                IllegalArgumentException.class,
                () -> policy.choose(new double[3], new boolean[3], false, new SplitMix64(1)));
        Policy gaussian = policy(dense(3), Gaussian.fixed(1, 1, 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> gaussian.choose(new double[3], new boolean[3], false, new SplitMix64(1)));
    }

    @Test
    void parametersAreTheNetworksAndThenTheFreeOnes() {
        Policy policy = policy(dense(2), Gaussian.trained(0.5, 2));
        double[] theta = policy.parameters();
        assertEquals(policy.network().dimension() + 2, theta.length);
        assertEquals(Math.log(2), theta[theta.length - 1]);
        theta[0] = 7;
        theta[theta.length - 1] = 0.25;
        policy.setParameters(theta);
        assertArrayEquals(theta, policy.parameters());
        assertEquals(7, policy.network().parameters()[0]);
        double[] nan = theta.clone();
        nan[theta.length - 1] = Double.NaN;
        nan[0] = 8;
        assertThrows(IllegalArgumentException.class, () -> policy.setParameters(nan));
        assertArrayEquals(theta, policy.parameters());
    }

    @Test
    void networksThatDoNotFitAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Policy(dense(2), new Categorical(4), new ObservationEncoder.AsIs(3)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Policy(dense(6), new Categorical(4), new ObservationEncoder.AsIs(3)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Policy(dense(4), new Categorical(4), new ObservationEncoder.AsIs(2)));
        Policy without = policy(dense(4), new Categorical(4));
        assertFalse(without.hasValue());
        Decisions one = new Decisions(1, new double[3], new double[1], new boolean[0], new int[] {1});
        assertThrows(IllegalStateException.class, () -> without.evaluate(one).values());
    }

    /** Equal seeds give equal bytes, and the policy begins nearly uniform: logits of order 0.01. */
    @Test
    void builtPerceptronsAreRepeatableAndBeginNearlyUniform() {
        PolicyGraphs.Mlp shape = PolicyGraphs.Mlp.of(4, 3).withValue();
        Approximator a = Approximators.of(PolicyGraphs.mlp(shape, 1));
        Approximator b = Approximators.of(PolicyGraphs.mlp(shape, 1));
        assertArrayEquals(a.parameters(), b.parameters());
        assertFalse(Arrays.equals(
                a.parameters(), Approximators.of(PolicyGraphs.mlp(shape, 2)).parameters()));
        assertEquals(4 * 64 + 64 + 64 * 64 + 64 + 64 * 4 + 4, a.dimension());
        Policy policy = new Policy(a, new Categorical(3), new ObservationEncoder.AsIs(4));
        double[] outputs =
                a.forward(ApproximatorLaws.normal(40, 1), new int[] {10}).outputs();
        for (int row = 0; row < 10; row++) {
            assertEquals(Math.log(3), policy.distribution().entropy(outputs, 4 * row, new double[0]), 0.01);
        }
        assertEquals(
                10, PolicyGraphs.mlp(PolicyGraphs.Mlp.of(4, 2).withHidden(), 1).numParams());
    }
}
