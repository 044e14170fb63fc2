/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** BERT with adapters by plans and in libtorch, whose autograd knows nothing of our formulas. */
class EncoderAgreementTest {

    /**
     * Of outputs, losses and gradients, relative to their norms: chains of two dozen products of up to 256 terms in single precision, each
     * within 256·2⁻²⁴ = 1.5e-5 in the worst case and near the root of that in the mean.
     */
    private static final double TOLERANCE = 5e-5;

    private static final double LEARNING_RATE = 0.05;

    @TempDir
    Path folder;

    private static EncoderProblem problem(int width, int heads, int layers, int texts, int length, long seed) {
        return new EncoderProblem(EncoderProblem.config(50, width, 4 * width, layers, heads), 2, texts, length, seed);
    }

    @ParameterizedTest(name = "width {0}, heads {1}, layers {2}, {3} texts of {4}, seed {5}")
    @CsvSource({"8, 2, 1, 1, 2, 1", "16, 4, 2, 3, 5, 2", "64, 2, 3, 4, 17, 3", "24, 3, 1, 1, 150, 4"})
    void outputs_losses_and_gradients_are_libtorchs(int width, int heads, int layers, int texts, int length, long seed)
            throws IOException {
        EncoderProblem problem = problem(width, heads, layers, texts, length, seed);
        problem.save(folder);
        try (AmendEncoder ours = new AmendEncoder(problem, folder, LEARNING_RATE);
                TorchEncoder theirs = new TorchEncoder(problem, folder, ours.parameters(), LEARNING_RATE)) {
            assertAgreement(ours, theirs);
            assertEquals(12 * layers, theirs.gradients().size());
            Agreement.assertClose("output", theirs.output(), ours.output(), TOLERANCE);
        }
    }

    @Test
    void steps_keep_the_agreement_and_leak_no_array() throws IOException {
        EncoderProblem problem = problem(16, 4, 2, 3, 5, 7);
        problem.save(folder);
        try (AmendEncoder ours = new AmendEncoder(problem, folder, LEARNING_RATE);
                TorchEncoder theirs = new TorchEncoder(problem, folder, ours.parameters(), LEARNING_RATE)) {
            double before = theirs.loss();
            int arrays = theirs.liveArrays();
            for (int step = 0; step < 10; step++) {
                ours.step();
                theirs.step();
            }
            assertTrue(theirs.loss() < before, "training must lower the loss");
            assertEquals(arrays, theirs.liveArrays());
            assertAgreement(ours, theirs);
        }
    }

    private static void assertAgreement(LoraPeer ours, LoraPeer theirs) {
        assertEquals(theirs.loss(), ours.loss(), TOLERANCE * theirs.loss());
        Agreement.assertClose(theirs.gradients(), ours.gradients(), TOLERANCE);
    }
}
