package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The peer itself must be right before anything is compared with it. */
class TorchLoraTest {

    private static final LoraProblem SMALL = new LoraProblem(new LoraShape(2, 6, 3, 2, 4, 5, true), 11);

    @Test
    void directionalDerivativeOfTheLossEqualsTheGradientsProjection() {
        double learningRate = 1e-2;
        try (TorchLora net = new TorchLora(SMALL, UpdateRule.SGD, learningRate)) {
            double before = net.loss();
            double squaredNorm = net.gradients().values().stream()
                    .mapToDouble(TorchLoraTest::squaredNorm)
                    .sum();
            net.step();
            double decrease = (before - net.loss()) / learningRate;
            // One step along -g lowers the loss by lr*|g|^2 - lr^2/2 * g'Hg: within 5 % here, where lr*|H| << 0.1.
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
