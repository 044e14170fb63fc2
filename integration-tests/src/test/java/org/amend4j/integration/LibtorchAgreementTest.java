/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
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

    /** Autograd knows nothing of our formulas. */
    @ParameterizedTest(name = "depth {0}, width {1}, rank {2}, batch {3}, seed {4}")
    @CsvSource({"1, 32, 2, 8, 31", "3, 64, 4, 32, 32", "2, 128, 8, 1, 33", "4, 256, 8, 64, 34"})
    void doraAgreesWithAutograd(int depth, int width, int rank, int batch, long seed) {
        LoraShape shape = new LoraShape(depth, width, 10, rank, 2.0 * rank, batch, true).withDora();
        LoraProblem problem = new LoraProblem(shape, seed);
        try (LoraPeer ours = new AmendLora(problem, UpdateRule.SGD, LEARNING_RATE);
                LoraPeer theirs = new TorchLora(problem, UpdateRule.SGD, LEARNING_RATE)) {
            assertAgreement(ours, theirs, Agreement.tolerance(shape));
        }
    }

    /**
     * A step θ - ηg adds η times one gradient's difference to the parameters', and passes on what was there, times
     * 1 + ηL at most (L the loss's smoothness). For so small an ηL that this factor stays near one, the gradient's
     * relative difference grows by no more than one tolerance a step. (Observed: below 2e-6 everywhere, hundreds of
     * times inside the worst case.)
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

    /**
     * Both programs add ε to the root of the uncorrected second moment; the paper's Algorithm 1, which corrects first, is
     * told apart by the entries with small gradients.
     */
    @ParameterizedTest(name = "{0} steps, seed {1}")
    @CsvSource({"1, 21", "5, 22", "10, 23"})
    void stepsOfAdamAgreeAsFarAsTheirGradients(int steps, long seed) {
        double learningRate = 1e-3;
        LoraProblem problem = new LoraProblem(new LoraShape(3, 64, 10, 4, 8, 32, true), seed);
        try (LoraPeer ours = new AmendLora(problem, UpdateRule.ADAM, learningRate);
                LoraPeer theirs = new TorchLora(problem, UpdateRule.ADAM, learningRate)) {
            AdamAgreement peers = new AdamAgreement(learningRate);
            AdamAgreement exact = new AdamAgreement(learningRate);
            PlainAdam uncorrected = new PlainAdam(theirs.parameters(), learningRate, false);
            PlainAdam algorithmOne = new PlainAdam(theirs.parameters(), learningRate, true);
            for (int step = 0; step < steps; step++) {
                Map<String, float[]> gradients = theirs.gradients();
                peers.step(gradients, ours.gradients());
                exact.step(gradients, gradients);
                uncorrected.step(gradients);
                algorithmOne.step(gradients);
                ours.step();
                theirs.step();
            }
            assertEquals(0, peers.excess(theirs.parameters(), ours.parameters()), 1);
            assertEquals(0, exact.excess(theirs.parameters(), uncorrected.parameters()), 1);
            assertTrue(exact.excess(theirs.parameters(), algorithmOne.parameters()) > 1);
        }
    }

    private static void assertAgreement(LoraPeer ours, LoraPeer theirs, double tolerance) {
        Agreement.assertClose("output", theirs.output(), ours.output(), tolerance);
        assertEquals(theirs.loss(), ours.loss(), tolerance * theirs.loss());
        Agreement.assertClose(theirs.gradients(), ours.gradients(), tolerance);
    }
}
