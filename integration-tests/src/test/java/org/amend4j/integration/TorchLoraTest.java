/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The peer itself must be right before anything is compared with it. */
class TorchLoraTest {

    private static final LoraProblem SMALL = new LoraProblem(new LoraShape(2, 6, 3, 2, 4, 5, true), 11);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void computesWhatDeeplearning4jComputesOnTheMergedWeights(long seed) {
        LoraProblem problem = new LoraProblem(new LoraShape(3, 64, 10, 4, 8, 32, true), seed);
        double tolerance = Agreement.tolerance(problem.shape());
        MergedDl4j merged = new MergedDl4j(problem);
        try (TorchLora net = new TorchLora(problem, UpdateRule.SGD, 0.1)) {
            Agreement.assertClose("output", merged.output(), net.output(), tolerance);
            assertEquals(merged.loss(), net.loss(), tolerance * net.loss());
            Agreement.assertClose(merged.gradients(), net.gradients(), tolerance);
        }
    }

    @Test
    void sgdStepsAlongTheNegativeGradient() {
        LoraProblem frozenOutput = new LoraProblem(new LoraShape(1, 6, 3, 2, 4, 5, false), 11);
        double learningRate = 1e-2;
        try (TorchLora net = new TorchLora(frozenOutput, UpdateRule.SGD, learningRate)) {
            double before = net.loss();
            double squaredNorm = net.gradients().values().stream()
                    .mapToDouble(TorchLoraTest::squaredNorm)
                    .sum();
            net.step();
            double decrease = (before - net.loss()) / learningRate;
            // A step of rate h along -g lowers the loss by h|g|^2 - h^2/2*g'Hg; here h|H| is far below 0.1.
            assertEquals(squaredNorm, decrease, 0.05 * squaredNorm);
        }
    }

    @ParameterizedTest
    @EnumSource(UpdateRule.class)
    void trainingLowersTheLossAndLeaksNoArray(UpdateRule rule) {
        try (TorchLora net = new TorchLora(SMALL, rule, 0.02)) {
            double before = net.loss();
            net.step();
            int arrays = net.liveArrays();
            for (int i = 0; i < 50; i++) {
                net.step();
            }
            assertTrue(net.loss() < 0.8 * before, net.loss() + " from " + before);
            assertEquals(arrays, net.liveArrays());
        }
    }

    private static double squaredNorm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum;
    }
}
