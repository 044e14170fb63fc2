/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.amend4j.app.job.Progress;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.Digests;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.RequestOutcome;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.verify.VerificationReport;

/**
 * A user is removed from an adapter exactly: in one keyed epoch every user has one step, and checkpoints before it never
 * saw them. Then the same for every user in memory, for the mean cost.
 *
 * @param user who asked
 * @param records theirs
 * @param verified the certificate of the release
 * @param test accuracies
 * @param bytes of the adapter's files
 * @param everybody what deletions cost
 */
record ExactClothes(
        int user, int records, Verified verified, Accuracies test, SameBytes bytes, ExactDeletions everybody) {

    /**
     * On the test pictures.
     *
     * @param publicHead of the base, without an adapter
     * @param original of the adapter that was trained on everybody
     * @param unlearned of the released one, which is the retrained one
     */
    record Accuracies(
            @JsonProperty("accuracyPublicHead") double publicHead,
            @JsonProperty("accuracyOriginal") double original,
            @JsonProperty("accuracyUnlearned") double unlearned) {}

    /** Not secret, so that the example repeats. A real one is drawn and kept. */
    static final byte[] KEY = "amend4j clothes, public key of the users' order".getBytes(StandardCharsets.US_ASCII);

    private static final String NAME = "exact rewind";

    /** @throws IllegalStateException if a released byte is not the retrained one, or the certificate is not valid */
    static ExactClothes run(Path folder, ClothesModel model, PrivateClothes clothes, Progress progress)
            throws IOException, InterruptedException {
        int user = clothes.users().middle();
        RecordIds theirs = clothes.records().ownedByAnyOf(user);
        try (ClothesService service = ClothesService.open(folder, model, clothes)) {
            try (Progress.Stage stage = progress.stage(NAME + ", training", model.steps())) {
                service.train((step, of) -> stage.reach(step));
            }
            double[] original = service.at(model.steps());
            service.request(List.of(user));
            Certificate certificate;
            try (Progress.Stage stage = progress.stage(NAME + ", forgetting", model.steps())) {
                RequestOutcome.Released released =
                        service.answer(UnlearningMethod.ExactRewind.class::isInstance, (step, of) -> stage.reach(step));
                certificate = released.certificate();
            }
            Path beside = folder.resolve("retrained");
            model.save(model.run().run(model.problem().start(), model.steps(), theirs), beside);
            SameBytes bytes = new SameBytes(Digests.ofFolder(service.release()), Digests.ofFolder(beside));
            VerificationReport verification = service.verify(theirs);
            ExactDeletions everybody = everybody(model, clothes, progress);
            CertifiedClothes.require(
                    everybody.same() == everybody.users(),
                    "every exact rewind must end at the retrained bytes, got " + everybody);
            CertifiedClothes.require(
                    verification.isValid(), "the certificate must be valid, got " + verification.failed());
            return new ExactClothes(
                    user,
                    theirs.size(),
                    new Verified(certificate, verification),
                    new Accuracies(
                            model.publicAccuracy(clothes.test()),
                            model.accuracy(original, clothes.test()),
                            model.accuracy(service.released(), clothes.test())),
                    bytes,
                    everybody);
        }
    }

    private static ExactDeletions everybody(ClothesModel model, PrivateClothes clothes, Progress progress)
            throws IOException, InterruptedException {
        List<Integer> all = IntStream.range(0, clothes.users().size()).boxed().toList();
        try (Progress.Stage stage = progress.stage(NAME + ", every user in turn", all.size())) {
            return ExactDeletions.of(model, clothes, all, (step, of) -> stage.reach(step));
        }
    }

    /** For JSON. */
    record Facts(
            @JsonUnwrapped Asked asked,
            @JsonUnwrapped Accuracies test,
            @JsonUnwrapped SameBytes bytes,
            @JsonUnwrapped Everybody everybody,
            List<String> verification) {}

    /**
     * Who left, and what was done.
     *
     * @param records the user's
     * @param redone of the steps
     */
    record Asked(int user, int records, int steps, int redone, Certificate.Verdict verdict) {}

    /** {@link ExactDeletions} of all users. */
    record Everybody(
            int usersMeasured, int usersBitIdentical, double meanShareOfSteps, double meanShareOfRecordGradients) {}

    Facts facts() {
        Certificate.Algorithm algorithm = verified.certificate().grounds().algorithm();
        return new Facts(
                new Asked(
                        user,
                        records,
                        algorithm.schedule().steps(),
                        algorithm.redone(),
                        verified.certificate().claim().verdict()),
                test,
                bytes,
                new Everybody(everybody.users(), everybody.same(), everybody.meanSteps(), everybody.meanGradients()),
                verified.report().lines());
    }

    String text() {
        return String.format(
                Locale.ROOT,
                "(b) One epoch, %d steps, a user's pictures all at one of them: user %d asks%n"
                        + "    %s, %d of %d steps redone, no noise%n"
                        + "    test: public head %.1f%%, original %.1f%%, unlearned = retrained %.1f%%%n"
                        + "    released  %s%n    retrained %s%n"
                        + "    every one of %d users in turn: %d bit-identical to retraining; on average %.1f %% of the steps and"
                        + " %.1f %% of the record gradients of a training redone, the latter %.2f times half a training%n"
                        + "    %s%n    %s%n",
                verified.certificate().grounds().algorithm().schedule().steps(),
                user,
                verified.certificate().grounds().algorithm().name(),
                verified.certificate().grounds().algorithm().redone(),
                verified.certificate().grounds().algorithm().schedule().steps(),
                100 * test.publicHead(),
                100 * test.original(),
                100 * test.unlearned(),
                bytes.released(),
                bytes.retrained(),
                everybody.users(),
                everybody.same(),
                100 * everybody.meanSteps(),
                100 * everybody.meanGradients(),
                2 * everybody.meanGradients(),
                verified.certificate().claim().title(),
                verified.report().lines().get(0));
    }
}
