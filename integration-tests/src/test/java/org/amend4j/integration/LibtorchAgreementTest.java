package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An adapted dense network here and in libtorch: same weights, same batch, same numbers. A pre-activation within rounding
 * of zero could pass one ReLU and not the other; seeds are fixed and chosen by nobody, and no such case arose.
 */
class LibtorchAgreementTest {

    private static final double LEARNING_RATE = 0.05;

    @ParameterizedTest(name = "depth {0}, width {1}, rank {2}, batch {3}, output trained {4}, seed {5}")
    @CsvSource({
        "1, 32, 2, 8, false, 1",
        "3, 64, 4, 32, true, 2",
        "3, 64, 4, 32, false, 3",
        "2, 128, 8, 1, true, 4",
        "4, 256, 8, 64, true, 5"
    })
    void forwardLossAndGradientsAgree(int depth, int width, int rank, int batch, boolean trainsOutput, long seed) {
        LoraShape shape = new LoraShape(depth, width, 10, rank, 2.0 * rank, batch, trainsOutput);
        LoraProblem problem = new LoraProblem(shape, seed);
        try (LoraPeer ours = new AmendLora(problem, UpdateRule.SGD, LEARNING_RATE);
                LoraPeer theirs = new TorchLora(problem, UpdateRule.SGD, LEARNING_RATE)) {
            assertAgreement(ours, theirs, Agreement.tolerance(shape));
        }
    }

    /**
     * A step of gradient descent is θ - ηg: with ηL below 1 (L the loss's smoothness, learning rate small) it does not
     * enlarge a difference in θ by more than 1 + ηL < 2, but adds its own gradient's; over {@code steps} steps the
     * differences add up to at most {@code steps} times one gradient's, and the gradient after them differs by as much
     * again for its own rounding.
     */
    @ParameterizedTest(name = "{0} steps, seed {1}")
    @CsvSource({"1, 11", "5, 12", "20, 13"})
    void trainingStepsOfSgdKeepTheAgreement(int steps, long seed) {
        LoraShape shape = new LoraShape(3, 64, 10, 4, 8, 32, true);
        LoraProblem problem = new LoraProblem(shape, seed);
        try (LoraPeer ours = new AmendLora(problem, UpdateRule.SGD, LEARNING_RATE);
                LoraPeer theirs = new TorchLora(problem, UpdateRule.SGD, LEARNING_RATE)) {
            double before = theirs.loss();
            for (int step = 0; step < steps; step++) {
                ours.step();
                theirs.step();
            }
            assertTrue(theirs.loss() < before, "training must lower the loss");
            assertAgreement(ours, theirs, (steps + 1) * Agreement.tolerance(shape));
        }
    }

    private static void assertAgreement(LoraPeer ours, LoraPeer theirs, double tolerance) {
        Agreement.assertClose("output", theirs.output(), ours.output(), tolerance);
        assertEquals(theirs.loss(), ours.loss(), tolerance * theirs.loss());
        Agreement.assertClose(theirs.gradients(), ours.gradients(), tolerance);
    }
}
