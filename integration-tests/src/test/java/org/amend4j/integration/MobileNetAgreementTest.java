/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * MobileNetV2 with adapters here and in libtorch: same weights, same batch, same numbers, however a step is taken. A
 * pre-activation within rounding of 0 or 6 can take another branch, which changes its own gradient entirely; therefore
 * gradients are compared
 * on one or two small pictures (at most 24,576 pre-activations above the cut), the continuous output and loss on larger
 * batches too.
 */
@OneIn(3)
class MobileNetAgreementTest {

    private static final double LEARNING_RATE = 1e-3;

    /**
     * How far two float computations of the same gradient may differ, relative to its norm. A product over k terms whose
     * rounding errors and signs are random errs by some k·u·|y| (√k·u·|x|·|W|, Higham and Mary 2019; |x|·|W| is about √k·|y|),
     * u = 2⁻²⁴, and the layers pass errors on without making them relatively larger. The fan-ins of the 37 convolutions
     * forward sum to 4,432, of the nine above the cut backward to 1,851, and head, pooling and the sum over at most 64
     * pixels add 200: 6,500 in all. Twice, because both computations round.
     */
    private static final double TOLERANCE = 2 * 6_500 * 0x1p-24;

    @ParameterizedTest(name = "batch {0}, {1} pixels, seed {2}")
    @CsvSource({"4, 32, 1", "3, 64, 2", "1, 96, 3"})
    void outputAndLossAgree(int batch, int side, long seed) throws IOException {
        MobileNetProblem problem = new MobileNetProblem(batch, side, seed);
        try (AmendMobileNet ours = new AmendMobileNet(problem, LEARNING_RATE);
                TorchMobileNet theirs = new TorchMobileNet(problem, LEARNING_RATE)) {
            assertSameResult(ours, theirs, TOLERANCE);
        }
    }

    @ParameterizedTest(name = "batch {0}, seed {1}")
    @CsvSource({"1, 1", "2, 2"})
    @Tag("exhaustive")
    void gradientsAgree(int batch, long seed) throws IOException {
        MobileNetProblem problem = new MobileNetProblem(batch, 32, seed);
        try (AmendMobileNet ours = new AmendMobileNet(problem, LEARNING_RATE);
                TorchMobileNet theirs = new TorchMobileNet(problem, LEARNING_RATE)) {
            assertAgreement(ours, theirs, TOLERANCE);
        }
    }

    /** See {@link LibtorchAgreementTest#trainingStepsOfSgdKeepTheAgreement}: one tolerance more a step. */
    @Test
    void stepsFromPicturesAndFromFeaturesKeepTheAgreement() throws IOException {
        MobileNetProblem problem = new MobileNetProblem(2, 32, 3);
        try (AmendMobileNet ours = new AmendMobileNet(problem, LEARNING_RATE);
                TorchMobileNet theirs = new TorchMobileNet(problem, LEARNING_RATE)) {
            double before = theirs.loss();
            ours.step();
            theirs.step();
            assertAgreement(ours, theirs, 2 * TOLERANCE);
            ours.stepFromFeatures();
            theirs.stepFromFeatures();
            assertAgreement(ours, theirs, 3 * TOLERANCE);
            ours.stepThroughPrefix();
            theirs.step();
            assertAgreement(ours, theirs, 4 * TOLERANCE);
            assertTrue(theirs.loss() < before, "training must lower the loss");
        }
    }

    @Test
    @Tag("exhaustive")
    void oneStepMoreDisagrees() throws IOException {
        MobileNetProblem problem = new MobileNetProblem(2, 32, 3);
        try (AmendMobileNet ours = new AmendMobileNet(problem, LEARNING_RATE);
                TorchMobileNet theirs = new TorchMobileNet(problem, LEARNING_RATE)) {
            theirs.step();
            assertThrows(AssertionError.class, () -> assertAgreement(ours, theirs, 4 * TOLERANCE));
        }
    }

    @Test
    void stepsInLibtorchLeakNoArray() throws IOException {
        try (TorchMobileNet net = new TorchMobileNet(new MobileNetProblem(2, 32, 4), LEARNING_RATE)) {
            net.step();
            int arrays = net.liveArrays();
            for (int i = 0; i < 5; i++) {
                net.step();
                net.stepFromFeatures();
            }
            assertEquals(arrays, net.liveArrays());
        }
    }

    private static void assertAgreement(LoraPeer ours, LoraPeer theirs, double tolerance) {
        assertSameResult(ours, theirs, tolerance);
        Agreement.assertClose(theirs.parameters(), ours.parameters(), tolerance);
        Agreement.assertClose(theirs.gradients(), ours.gradients(), tolerance);
    }

    private static void assertSameResult(LoraPeer ours, LoraPeer theirs, double tolerance) {
        Agreement.assertClose("output", theirs.output(), ours.output(), tolerance);
        assertEquals(theirs.loss(), ours.loss(), tolerance * theirs.loss());
    }
}
