/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;

class OptimizerTest {

    /** By the paper's formulas, written out for two steps of one coordinate. */
    @Test
    void adamIsThePapersAlgorithm() {
        Optimizer.Memory adam = Optimizer.Adam.DEFAULT.begin(1);
        double[] theta = {1};
        adam.ascendInPlace(theta, new double[] {0.5}, 0.1);
        assertEquals(1 + 0.1 * 0.5 / (0.5 + 1e-8), theta[0], 1e-15);
        double before = theta[0];
        adam.ascendInPlace(theta, new double[] {-0.2}, 0.1);
        double m = 0.9 * 0.1 * 0.5 + 0.1 * -0.2;
        double v = 0.999 * 0.001 * 0.25 + 0.001 * 0.04;
        double step = 0.1 * (m / (1 - 0.81)) / (Math.sqrt(v / (1 - 0.998001)) + 1e-8);
        assertEquals(before + step, theta[0], 1e-14);
    }

    /** By {@code torch/make.py}: six steps, each of a sum of two products, a root and a quotient. */
    @Test
    void rmsPropIsTorchs() {
        JsonNode golden = GoldenJson.read(OptimizerTest.class, "torch/rmsprop.json");
        Optimizer.Memory rmsProp = new Optimizer.RmsProp(
                        golden.get("alpha").doubleValue(), golden.get("epsilon").doubleValue())
                .begin(4);
        double[] theta = GoldenJson.numbers(golden.get("begin"));
        double[] rates = GoldenJson.numbers(golden.get("rates"));
        double[][] after = GoldenJson.matrix(golden.get("after"));
        for (int step = 0; step < rates.length; step++) {
            double[] downhill = GoldenJson.numbers(golden.get("gradients").get(step));
            rmsProp.ascendInPlace(theta, Arrays.stream(downhill).map(g -> -g).toArray(), rates[step]);
            assertArrayEquals(after[step], theta, (step + 1) * 16 * 0x1p-52, "step " + step);
        }
    }

    @Test
    void sgdAddsAVelocity() {
        Optimizer.Memory sgd = new Optimizer.Sgd(0.5).begin(2);
        double[] theta = {0, 0};
        sgd.ascendInPlace(theta, new double[] {1, -2}, 0.25);
        sgd.ascendInPlace(theta, new double[] {1, 0}, 0.25);
        assertArrayEquals(new double[] {0.25 + 0.375, -0.5 - 0.25}, theta, 0);
    }

    @Test
    void schedulesAndStepSizesAreTheirFormulas() {
        Schedule linear = new Schedule.Linear(1, 0.5, 100);
        assertEquals(1, linear.at(0));
        assertEquals(0.75, linear.at(50));
        assertEquals(0.5, linear.at(100));
        assertEquals(0.5, linear.at(1_000));
        assertEquals(0.25, new StepSize.FromSmoothness(4).at(9));
        assertEquals(1.0, new StepSize.Decreasing(2, 0.5).at(3));
    }
}
