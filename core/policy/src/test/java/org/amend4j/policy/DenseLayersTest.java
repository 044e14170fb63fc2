/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DenseLayersTest {

    private static Approximator network(DenseActivation activation, long seed) {
        Approximator network = Approximators.random(
                List.of(
                        new DenseShape(3, 10, true, activation),
                        new DenseShape(10, 5, false, activation),
                        new DenseShape(5, 2, true, DenseActivation.IDENTITY)),
                1,
                seed);
        ApproximatorLaws.shake(network, 0.1, seed);
        return network;
    }

    @ParameterizedTest
    @EnumSource(DenseActivation.class)
    void gradientIsNumericalGradient(DenseActivation activation) {
        ApproximatorLaws.gradientIsNumericalGradient(network(activation, 1), new int[] {2, 5}, 11);
    }

    /** More rows than a block has, and not a multiple of it. */
    @Test
    void gradientOfManyRowsIsNumericalGradient() {
        ApproximatorLaws.gradientIsNumericalGradient(network(DenseActivation.TANH, 2), new int[] {131}, 12);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void rowsAreIndependent(long seed) {
        ApproximatorLaws.rowsAreIndependent(network(DenseActivation.TANH, seed), 67, 0, seed);
        ApproximatorLaws.stepperAgreesWithForward(network(DenseActivation.RELU, seed), new int[] {3, 1, 4}, 0, seed);
    }

    @Test
    void contractHolds() {
        ApproximatorLaws.contractHolds(network(DenseActivation.TANH, 5), 6);
    }

    @Test
    void aGradientThatOverflowsIsRefusedAndNothingAdded() {
        Approximator network = Approximators.zero(List.of(new DenseShape(1, 1, true, DenseActivation.IDENTITY)));
        double[] gradient = {1, 2};
        double[] huge = {Double.MAX_VALUE, Double.MAX_VALUE};
        assertThrows(
                ArithmeticException.class,
                () -> network.forward(new double[2], new int[] {2}).backward(huge, gradient));
        assertArrayEquals(new double[] {1, 2}, gradient);
    }

    @Test
    void parametersAreLaidOutColumnByColumnThenBiases() {
        Approximator network = Approximators.zero(List.of(new DenseShape(2, 3, true, DenseActivation.IDENTITY)));
        network.setParameters(new double[] {1, 2, 3, 4, 5, 6, 100, 200, 300});
        assertArrayEquals(
                new double[] {100 + 1 * 7 + 2 * 11, 200 + 3 * 7 + 4 * 11, 300 + 5 * 7 + 6 * 11},
                network.forward(new double[] {7, 11}, new int[] {1}).outputs());
    }

    @Test
    void sameSeedSameParametersAndLastLayerIsSmall() {
        List<DenseShape> layers = List.of(
                new DenseShape(4, 64, true, DenseActivation.TANH),
                new DenseShape(64, 2, true, DenseActivation.IDENTITY));
        double[] a = Approximators.random(layers, 0.01, 7).parameters();
        assertArrayEquals(a, Approximators.random(layers, 0.01, 7).parameters());
        assertTrue(a[0] != Approximators.random(layers, 0.01, 8).parameters()[0]);
        double sum = 0;
        for (int i = 0; i < 128; i++) {
            sum += a[4 * 64 + 64 + i] * a[4 * 64 + 64 + i];
        }
        // variance 1e-4 · 2/66; the mean of 128 squares is within 5 · sqrt(2/128) of it
        assertEquals(1, sum / 128 / (1e-4 * 2 / 66), 5 * Math.sqrt(2.0 / 128));
    }

    @Test
    void layersThatDoNotFitAreRefused() {
        DenseShape layer = new DenseShape(2, 3, true, DenseActivation.TANH);
        assertEquals(
                "inputs must be the outputs of the layer before, 3, got 2 (layer 1)",
                assertThrows(IllegalArgumentException.class, () -> Approximators.zero(List.of(layer, layer)))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> Approximators.zero(List.of()));
        assertThrows(IllegalArgumentException.class, () -> new DenseShape(0, 1, true, DenseActivation.TANH));
    }
}
