/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.certificate.Certificate;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.RequestOutcome;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.verify.VerificationReport;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users taken out of an adapter, on made-up features. */
class ClothesForgetTest {

    private static final PrivateClothes CLOTHES = MadeUpClothes.create();

    @TempDir
    private static Path folder;

    private static Path file;
    private static byte[] bytes;
    private static BaseModel base;

    @BeforeAll
    static void saveTheBase() throws IOException {
        file = folder.resolve("base.zip");
        ModelSerializer.writeModel(ClothesModel.base(CLOTHES), file.toFile(), false);
        bytes = Files.readAllBytes(file);
        base = BaseModel.open(file);
    }

    private static ClothesModel oneEpoch() {
        return ClothesModel.oneEpoch(
                base, CLOTHES, "a public key of the users' order".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void aUsersCertifiedRewindStaysWithinItsBoundOnProvedConstantsAndLeavesTheBase()
            throws IOException, InterruptedException {
        ClothesModel model = ClothesModel.fullBatch(base, CLOTHES);
        int user = CLOTHES.users().middle();
        RecordIds theirs = CLOTHES.records().ownedByAnyOf(user);
        try (ServiceFolder files = model.service(folder.resolve("certified"), CLOTHES)) {
            files.service().train(StepListener.NONE);
            double[] original = files.vault().read(model.steps());
            files.service().request(List.of(String.valueOf(user)));
            RequestOutcome.Released released = files.answer(UnlearningMethod.NoisyRewind.class, StepListener.NONE);
            Certificate certificate = released.certificate();
            double[] unlearned = files.vault().read(model.steps());
            double[] retrained = model.run().run(model.problem().start(), model.steps(), theirs);
            double distance = ClothesModel.distance(unlearned, retrained);
            assertEquals(Certificate.Verdict.CERTIFIED, certificate.claim().verdict());
            assertTrue(
                    List.of("PROVED", "ENFORCED").contains(certificate.claim().level()),
                    certificate.claim().level());
            assertTrue(
                    distance <= certificate.grounds().bound().delta(),
                    () -> distance + " > " + certificate.grounds().bound());
            assertTrue(distance < ClothesModel.distance(original, retrained));
            VerificationReport report = files.verify(theirs);
            assertTrue(report.isValid(), () -> report.lines().toString());
            assertNoiseOf(certificate.protection().noise().sigma(), unlearned, model.read(files.release()));
        }
        base.verifyUnchanged();
        assertEquals(base.fingerprint(), BaseModel.open(file).fingerprint());
        assertArrayEquals(bytes, Files.readAllBytes(file));
    }

    /** A sum of d squares of standard normals has the mean d and the variance 2d; six standard deviations. */
    private static void assertNoiseOf(double sigma, double[] unlearned, double[] released) {
        double d = unlearned.length;
        double squares = Math.pow(ClothesModel.distance(unlearned, released) / sigma, 2);
        assertEquals(d, squares, 6 * Math.sqrt(2 * d));
    }

    @Test
    void theAdapterOfUsersIsBetterThanThePublicHead() {
        ClothesModel model = ClothesModel.fullBatch(base, CLOTHES);
        double[] b = model.run().run(model.problem().start(), 100, RecordIds.of());
        assertTrue(model.accuracy(b, CLOTHES.test()) > model.publicAccuracy(CLOTHES.test()));
        assertEquals(
                model.publicAccuracy(CLOTHES.test()),
                model.accuracy(new double[b.length], CLOTHES.test()),
                "B = 0 is the base");
    }

    @Test
    @Tag("exhaustive")
    void everyUsersExactRewindIsRetraining() throws IOException, InterruptedException {
        assertMeanCostOfHalfATraining(ExactDeletions.of(
                oneEpoch(),
                CLOTHES,
                IntStream.range(0, MadeUpClothes.USERS).boxed().toList()));
    }

    /**
     * A user's step is uniform on 100, so that the share of redone steps has the mean 0.505 and the standard deviation 0.2887,
     * which 100 users make 0.0289. Of record gradients the mean is nearly certain: of two users of different steps exactly one
     * redoes the other's. What is left is who has more pictures: cv·0.0289, and ties, 0.005 ± 0.0007.
     */
    private static void assertMeanCostOfHalfATraining(ExactDeletions all) {
        assertEquals(MadeUpClothes.USERS, all.users());
        assertEquals(all.users(), all.same());
        double sd = Math.sqrt(1.0 / 12 / all.users());
        assertEquals(0.505, all.meanSteps(), 4 * sd);
        double[] sizes = IntStream.range(0, all.users())
                .mapToDouble(CLOTHES.users()::pictures)
                .toArray();
        double mean = java.util.Arrays.stream(sizes).average().orElseThrow();
        double variance = java.util.Arrays.stream(sizes)
                .map(size -> (size - mean) * (size - mean))
                .average()
                .orElseThrow();
        double ties = 4 * 0.0007;
        assertEquals(0.495 + 0.005, all.meanGradients(), 4 * sd * Math.sqrt(variance) / mean + ties);
    }

    @Test
    void aRewindBehindAUsersOwnStepIsNotTheRetrainedModel() throws IOException, InterruptedException {
        ClothesModel model = oneEpoch();
        RecordIds theirs = CLOTHES.records().ownedByAnyOf(CLOTHES.users().middle());
        int own = model.firstUse(theirs).orElseThrow();
        double[] start = model.problem().start();
        try (MemoryVault vault = new MemoryVault(start.length)) {
            model.run().learn(start, RecordIds.of(), vault, StepListener.NONE);
            double[] tooLate = model.run().rewind(own + 1, theirs, vault, StepListener.NONE);
            assertFalse(ExactDeletions.sameBits(tooLate, model.run().run(start, model.steps(), theirs)));
        }
    }
}
