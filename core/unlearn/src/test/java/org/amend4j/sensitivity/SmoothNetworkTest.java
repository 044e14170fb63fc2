/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.amend4j.descent.Assurance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmoothNetworkTest {

    /** tanh 10-16-1, logistic, inputs up to 1, biases up to ½: known to three digits. */
    @ParameterizedTest
    @CsvSource({"1, 3.69", "2, 7.44", "4, 18.7"})
    void theWorkedExample(double w, double known) {
        LossBounds bounds = SmoothNetwork.bounds(
                1,
                List.of(
                        new NetworkLayer(16, SmoothActivation.TANH, w, 0.5, true),
                        new NetworkLayer(1, SmoothActivation.IDENTITY, w, 0.5, true)),
                new LinearHead.Logistic());
        assertEquals(known, bounds.lipschitz().value(), known > 10 ? 0.05 : 0.005);
        assertEquals(Assurance.ENFORCED, bounds.lipschitz().assurance(), "the balls are kept by projection");
        assertEquals(LossCurvature.NONCONVEX, bounds.curvature());
    }

    @Test
    void oneLayerIsALinearHead() {
        NetworkLayer layer = new NetworkLayer(3, SmoothActivation.IDENTITY, 1, 1, true);
        LossBounds bounds = SmoothNetwork.bounds(Math.sqrt(3), List.of(layer), new LinearHead.Softmax());
        LossBounds head = new LinearHead.Softmax().bounds(2);
        assertEquals(head.gradientBound().value(), bounds.gradientBound().value(), 1e-15);
        assertEquals(head.lipschitz().value(), bounds.lipschitz().value(), 1e-15);
    }

    /** On a grid of [-12, 12]: never above the constants, and close to them somewhere. */
    @ParameterizedTest
    @EnumSource(Nets.Bend.class)
    void activationsKeepTheirConstants(Nets.Bend bend) {
        double slope = 0;
        double curve = 0;
        double largest = 0;
        double h = 1e-3;
        for (int i = -12_000; i < 12_000; i++) {
            double x = i * h;
            double here = bend.slope.applyAsDouble(x);
            slope = Math.max(slope, Math.abs(here));
            curve = Math.max(curve, Math.abs(bend.slope.applyAsDouble(x + h) - here) / h);
            largest = Math.max(largest, Math.abs(bend.value.applyAsDouble(x)));
            double difference = (bend.value.applyAsDouble(x + h / 2) - bend.value.applyAsDouble(x - h / 2)) / h;
            assertEquals(difference, bend.slope.applyAsDouble(x), 1e-3, "φ' is the derivative of φ at " + x);
        }
        SmoothActivation constants = bend.constants;
        assertTrue(slope <= constants.slope() * (1 + 1e-12) && slope > 0.9999 * constants.slope(), "a₁ " + slope);
        // the difference quotient of φ' is rounded by about 1e-16/h
        assertTrue(curve <= constants.bend() + 1e-12 && curve > 0.999 * constants.bend() - 1e-12, "a₂ " + curve);
        assertTrue(largest <= constants.largest());
        assertEquals(Math.abs(bend.value.applyAsDouble(0)), constants.atZero(), 1e-14);
    }

    private static NetworkLayer layer(Random random, int width, Nets.Bend bend, boolean trained) {
        return new NetworkLayer(width, bend.constants, 0.2 + 2 * random.nextDouble(), random.nextDouble(), trained);
    }

    private static Nets.Net moved(Random random, Nets.Net from, List<NetworkLayer> layers, double size) {
        double[][][] weights = from.weights().clone();
        double[][] biases = from.biases().clone();
        for (int l = 0; l < weights.length; l++) {
            if (layers.get(l).trained()) {
                weights[l] = Nets.onBall(
                        Nets.near(random, weights[l], size), layers.get(l).weightNorm());
                biases[l] = Nets.onBall(
                        Nets.near(random, new double[][] {biases[l]}, size),
                        layers.get(l).biasNorm())[0];
            }
        }
        return new Nets.Net(weights, biases, from.bends());
    }

    /** 3,000 networks of 1 to 3 layers, some frozen, two points of the balls each. */
    @Test
    void gradientsKeepTheirBoundsAndDifferencesTheirLipschitzConstant() {
        double largest = 0;
        for (int seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            int k = 1 + random.nextInt(3);
            List<NetworkLayer> layers = new ArrayList<>();
            double[][][] weights = new double[k][][];
            double[][] biases = new double[k][];
            Nets.Bend[] bends = new Nets.Bend[k];
            int inputs = 1 + random.nextInt(3);
            double[] x = Nets.onSphere(random, inputs, 1.2);
            for (int l = 0; l < k; l++) {
                bends[l] = List.of(Nets.Bend.values()).get(random.nextInt(8));
                int width = l == k - 1 ? 2 : 1 + random.nextInt(3);
                NetworkLayer layer = layer(random, width, bends[l], l == k - 1 || random.nextInt(3) > 0);
                layers.add(layer);
                weights[l] = Nets.onBall(Nets.matrix(random, inputs, width, 2), layer.weightNorm());
                biases[l] = Nets.onBall(Nets.matrix(random, 1, width, 1), layer.biasNorm())[0];
                inputs = width;
            }
            LossBounds bounds = SmoothNetwork.bounds(1.2, layers, new LinearHead.Softmax());
            Nets.Net one = new Nets.Net(weights, biases, bends);
            Nets.Net other = moved(random, one, layers, Math.pow(10, -random.nextInt(4)));
            double[] label = random.nextBoolean() ? new double[] {1, 0} : new double[] {0, 1};
            List<double[][]> atOne = one.gradient(x, label, layers);
            List<double[][]> atOther = other.gradient(x, label, layers);
            assertTrue(Nets.norm(atOne) <= bounds.gradientBound().value(), "seed " + seed);
            double quotient = Nets.distance(atOne, atOther) / one.distance(other);
            assertTrue(quotient <= bounds.lipschitz().value() * (1 + 1e-9), "seed " + seed);
            largest = Math.max(largest, quotient / bounds.lipschitz().value());
        }
        assertTrue(largest > 0.5, "the bound is not far: " + largest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"relu", "RELU", "leakyrelu", "hardtanh", "selu", "relu6", "hardsigmoid"})
    void kinksAreRefusedByName(String name) {
        String sentence = refused("derivative that jumps, so that no L exists", () -> SmoothActivation.named(name));
        assertTrue(sentence.contains("'" + name + "'"), sentence);
    }

    @Test
    void namesAreFoundOrRefused() {
        assertEquals(SmoothActivation.TANH, SmoothActivation.named("TANH"));
        assertEquals(SmoothActivation.GELU, SmoothActivation.named("gelu"));
        refused("not in the table of proved constants", () -> SmoothActivation.named("mish"));
        refused("unbounded derivative", () -> SmoothActivation.named("cube"));
        refused("half-width of SmeLU must be > 0", () -> SmoothActivation.smelu(0));
    }

    @Test
    void refusesInOneSentence() {
        NetworkLayer frozen = new NetworkLayer(3, SmoothActivation.TANH, 1, 1, false);
        refused(
                "at least one layer must be trained, got none of 1",
                () -> SmoothNetwork.bounds(1, List.of(frozen), new LinearHead.Softmax()));
        NetworkLayer trained = new NetworkLayer(3, SmoothActivation.TANH, 1, 1, true);
        refused(
                "must have a bounded gradient",
                () -> SmoothNetwork.bounds(1, List.of(trained), new LinearHead.SquaredError(1, 1)));
        refused("width of a layer must be >= 1", () -> new NetworkLayer(0, SmoothActivation.TANH, 1, 1, true));
    }

    /** (x + b)²/(4b) at 0, with the second derivative 1/(2b). */
    @Test
    void smeluHasItsConstants() {
        SmoothActivation smelu = SmoothActivation.smelu(2);
        assertEquals(new SmoothActivation("smelu", 1, 0.25, 0.5, Double.POSITIVE_INFINITY), smelu);
    }
}
