/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.amend4j.policy.PolicyGraphs.Mlp;
import org.amend4j.random.SplitMix64;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks with a perceptron for the actions and another one for the value. */
class ActorAndCriticTest {

    /** Sums of at most 64 products of numbers below 1 in size. */
    private static final double ROUNDING = 1e-13;

    private static final Mlp SHAPE = Mlp.of(3, 2).withHidden(5, 4);

    private static final double[] OBSERVATION = {0.3, -1, 2};

    @ParameterizedTest
    @CsvSource({"11, 64, 1.5", "64, 64, 1", "64, 3, 0.01", "5, 1, 1"})
    void vectorsOfTheShorterSideAreOrthogonalAndAsLongAsTheGain(int inputs, int outputs, double gain) {
        double[] weights = OrthogonalWeights.of(inputs, outputs, gain, new SplitMix64(7));
        boolean wide = inputs <= outputs;
        int count = Math.min(inputs, outputs);
        for (int a = 0; a < count; a++) {
            for (int b = 0; b < count; b++) {
                double sum = 0;
                for (int j = 0; j < Math.max(inputs, outputs); j++) {
                    sum += wide
                            ? weights[j * inputs + a] * weights[j * inputs + b]
                            : weights[a * inputs + j] * weights[b * inputs + j];
                }
                assertEquals(a == b ? gain * gain : 0, sum, ROUNDING);
            }
        }
    }

    @Test
    void only_the_values_own_layers_are_of_the_value() {
        for (String name : List.of("value", "value0", "value12")) {
            assertTrue(PolicyGraphs.isOfValue(name), name);
        }
        for (String name :
                List.of("values", "value.dense", "value_proj", "layer.0.attention.value", "hidden0", "action")) {
            assertFalse(PolicyGraphs.isOfValue(name), name);
        }
    }

    @Test
    void layersHaveTheirOwnGainsAndBiasesAreZero() {
        ComputationGraph graph = PolicyGraphs.actorAndCritic(SHAPE.withValue(), 7);
        assertEquals(List.of("action", "value"), graph.getConfiguration().getNetworkOutputs());
        assertEquals(Math.sqrt(2 * 3), norm(graph, "hidden0_W"), ROUNDING); // three rows of the length √2
        assertEquals(Math.sqrt(2 * 4), norm(graph, "hidden1_W"), ROUNDING);
        assertEquals(Math.sqrt(2 * 3), norm(graph, "value0_W"), ROUNDING);
        assertEquals(Math.sqrt(2 * 4), norm(graph, "value1_W"), ROUNDING);
        assertEquals(0.01 * Math.sqrt(2), norm(graph, "action_W"), ROUNDING);
        assertEquals(1, norm(graph, "value_W"), ROUNDING);
        for (String bias : List.of("hidden0_b", "hidden1_b", "value0_b", "value1_b", "action_b", "value_b")) {
            assertEquals(0, norm(graph, bias), 0);
        }
    }

    private static double norm(ComputationGraph graph, String name) {
        double[] numbers = graph.getParam(name).dup().data().asDouble();
        return Math.sqrt(DoubleStream.of(numbers).map(x -> x * x).sum());
    }

    @Test
    void actionsAndTheValueHaveNoParameterInCommon() {
        double[] ofActions = gradient(new double[] {1, 1, 0});
        double[] ofValue = gradient(new double[] {0, 0, 1});
        for (int i = 0; i < ofActions.length; i++) {
            assertEquals(0, ofActions[i] * ofValue[i], 0);
        }
        // the biases of all layers have a gradient
        assertTrue(Arrays.stream(ofActions).filter(g -> g != 0).count() >= 5 + 4 + 2);
        assertTrue(Arrays.stream(ofValue).filter(g -> g != 0).count() >= 5 + 4 + 1);
    }

    private static double[] gradient(double[] derivatives) {
        Approximator network = Approximators.of(PolicyGraphs.actorAndCritic(SHAPE.withValue(), 7));
        double[] gradient = new double[network.dimension()];
        network.forward(OBSERVATION, new int[] {1}).backward(derivatives, gradient);
        return gradient;
    }

    @Test
    void aSeedDecidesTheBytesAndTheActionsDoNotDependOnWhetherThereIsAValue() {
        double[] one = outputs(SHAPE.withValue(), 7);
        assertArrayEquals(one, outputs(SHAPE.withValue(), 7), 0);
        assertArrayEquals(Arrays.copyOf(one, 2), outputs(SHAPE, 7), 0);
        assertFalse(Arrays.equals(one, outputs(SHAPE.withValue(), 8)));
    }

    private static double[] outputs(Mlp shape, long seed) {
        return Approximators.of(PolicyGraphs.actorAndCritic(shape, seed))
                .forward(OBSERVATION, new int[] {1})
                .outputs();
    }
}
