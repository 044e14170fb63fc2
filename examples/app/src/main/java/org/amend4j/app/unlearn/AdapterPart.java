/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.amend4j.app.forget.ClothesModel;
import org.amend4j.app.forget.ExactDeletions;
import org.amend4j.app.forget.PrivateClothes;
import org.amend4j.app.forget.ServiceFolder;
import org.amend4j.app.forget.Verified;
import org.amend4j.app.job.Progress;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Digests;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;

/**
 * A user is removed from an adapter exactly: in one keyed epoch every user has one step, and checkpoints before it never
 * saw them.
 *
 * @param user who asked: the one in the middle, by the steps that users are in
 * @param records theirs
 * @param verified the certificate of the release
 * @param accuracy on the test pictures
 * @param coldSteps of how many steps a training without the user stays within {@link #WITHIN} of its end from then on
 * @param bytes of the adapter's files
 * @param askers what it costs for each of some, the first user to the last by their steps, alone
 */
record AdapterPart(
        int user,
        int records,
        Verified verified,
        Accuracy accuracy,
        int coldSteps,
        SameBytes bytes,
        ExactDeletions askers)
        implements DemoStep {

    /**
     * On the test pictures.
     *
     * @param base without the adapter
     * @param before of the adapter that was trained on everybody
     * @param after of the released one
     */
    record Accuracy(
            @JsonProperty("accuracyBase") double base,
            @JsonProperty("accuracyBefore") double before,
            @JsonProperty("accuracyReleased") double after) {}

    /**
     * A released model, compared with the retrained one.
     *
     * @param released SHA-256 of what was released
     * @param retrained of the retrained model, written alike
     */
    record SameBytes(
            @JsonProperty("releasedSha256") String released,
            @JsonProperty("retrainedSha256") String retrained) {

        SameBytes {
            if (!released.equals(retrained)) {
                throw new IllegalStateException(
                        "an exact rewind must end at the retrained bytes, got " + released + " for " + retrained);
            }
        }
    }

    static final int ASKERS = 11;

    /** Five of the thousand test pictures. */
    static final double WITHIN = 0.005;

    /** Not secret, so that the demo repeats. A real one is drawn and kept. */
    private static final byte[] KEY = "amend4j unlearn demo, public key of users".getBytes(StandardCharsets.US_ASCII);

    private static final String NAME = "exact rewind of an adapter";

    /** @throws IllegalStateException if the released bytes are not the retrained ones */
    static AdapterPart run(Path folder, PrivateClothes clothes, Progress progress)
            throws IOException, InterruptedException {
        BaseModel base = BaseModel.of(ClothesModel.base(clothes));
        ClothesModel model = ClothesModel.oneEpoch(base, clothes, KEY);
        List<Integer> askers = spread(model, clothes);
        int user = askers.get(ASKERS / 2);
        RecordIds theirs = clothes.records().ownedByAnyOf(user);
        try (ServiceFolder files = model.service(folder, clothes)) {
            try (Progress.Stage stage = progress.stage(NAME + ", training", model.steps())) {
                files.service().train((step, of) -> stage.reach(step));
            }
            try (Progress.Stage stage = progress.stage(NAME + ", forgetting", model.steps())) {
                files.service().finish((step, of) -> stage.reach(step));
                if (files.service().latestRelease() == 0) {
                    files.service().request(List.of(String.valueOf(user)));
                    files.answer(UnlearningMethod.ExactRewind.class, (step, of) -> stage.reach(step));
                }
            }
            try (MemoryVault retraining =
                    new MemoryVault(model.run().objective().dimension())) {
                double[] retrained = model.run().learn(model.problem().start(), theirs, retraining, StepListener.NONE);
                Path beside = folder.resolve("retrained");
                model.save(retrained, beside);
                AdapterPart part = new AdapterPart(
                        user,
                        theirs.size(),
                        new Verified(CertificateFile.read(files.certificate()), files.verify(theirs)),
                        new Accuracy(
                                model.publicAccuracy(clothes.test()),
                                model.accuracy(
                                        model.run().run(model.problem().start(), model.steps(), RecordIds.of()),
                                        clothes.test()),
                                model.accuracy(model.read(files.release()), clothes.test())),
                        coldSteps(retraining, b -> model.accuracy(b, clothes.test())),
                        new SameBytes(Digests.ofFolder(files.release()), Digests.ofFolder(beside)),
                        ExactDeletions.of(model, clothes, askers));
                base.verifyUnchanged();
                return part.required();
            }
        }
    }

    /** Spread evenly over the steps that users are in: neither luck nor its opposite. */
    private static List<Integer> spread(ClothesModel model, PrivateClothes clothes) {
        int users = clothes.users().size();
        List<Integer> byStep = IntStream.range(0, users)
                .boxed()
                .sorted(Comparator.comparingInt(user ->
                        model.firstUse(clothes.records().ownedByAnyOf(user)).orElseThrow()))
                .toList();
        return IntStream.range(0, ASKERS)
                .mapToObj(k -> byStep.get(k * (users - 1) / (ASKERS - 1)))
                .toList();
    }

    /** The first checkpoint from which on a training stays within {@link #WITHIN} of its end. */
    private static int coldSteps(MemoryVault training, ToDoubleFunction<double[]> quality) throws IOException {
        int first = training.steps().last();
        double end = quality.applyAsDouble(training.read(first));
        for (int step : training.steps().descendingSet()) {
            if (end - quality.applyAsDouble(training.read(step)) > WITHIN) {
                break;
            }
            first = step;
        }
        return first;
    }

    private AdapterPart required() {
        if (askers.same() != ASKERS) {
            throw new IllegalStateException("every exact rewind must end at the retrained bytes, got " + askers);
        }
        if (!verified.report().isValid()) {
            throw new IllegalStateException("the certificate must hold, got "
                    + String.join("; ", verified.report().lines()));
        }
        return this;
    }

    /** For JSON. */
    record Facts(
            @JsonUnwrapped Asked asked,
            @JsonUnwrapped Rewound rewound,
            @JsonUnwrapped Accuracy accuracy,
            double within,
            int coldStepsToRetrainedAccuracy,
            @JsonUnwrapped SameBytes bytes,
            @JsonUnwrapped Askers askers) {}

    /** What its certificate says, and what was checked. */
    record Rewound(
            String algorithm,
            int redone,
            int steps,
            Certificate.Verdict verdict,
            List<Verification.Facts> verification) {

        static Rewound of(Verified verified) {
            Certificate.Algorithm algorithm = verified.certificate().grounds().algorithm();
            return new Rewound(
                    algorithm.name(),
                    algorithm.redone(),
                    algorithm.schedule().steps(),
                    verified.certificate().claim().verdict(),
                    Verification.facts(verified.report()));
        }
    }

    /** Who left, with how many pictures, and the adapter's rank. */
    record Asked(int user, int records, int rank) {}

    /** {@link ExactDeletions} of some users. */
    record Askers(
            @JsonProperty("askers") int users,
            int askersBitIdentical,
            double meanShareOfSteps,
            double meanShareOfRecordGradients) {}

    Facts facts() {
        return new Facts(
                new Asked(user, records, ClothesModel.RANK),
                Rewound.of(verified),
                accuracy,
                WITHIN,
                coldSteps,
                bytes,
                new Askers(askers.users(), askers.same(), askers.meanSteps(), askers.meanGradients()));
    }

    @Override
    public String text() {
        int redone = verified.certificate().grounds().algorithm().redone();
        int steps = verified.certificate().grounds().algorithm().schedule().steps();
        return String.format(
                Locale.ROOT,
                "(a) Where forgetting pays: a LoRA adapter of rank %d on MobileNetV2's view of clothes, one epoch of %d keyed steps, every"
                        + " user in one of them;%n    1 user of %d asks, with %d pictures, whose step is in the middle of all users'%n"
                        + "    %s: %d of %d steps redone, no noise: %.0f %% of a retraining saved, at equal accuracy, as it is the same"
                        + " adapter%n    released  %s%n    retrained %s: the same bytes%n"
                        + "    test accuracy: base %.1f %%, before %.1f %%, unlearned and retrained %.1f %%; to within %.1f points of"
                        + " that a cold run takes %d steps (%.2f times the rewind's) and is another adapter%n"
                        + "    each of %d users from the first step to the last, alone: %d at the retrained bytes, for %.1f %% of the steps on average%n"
                        + "    certificate: %s%n    %s",
                ClothesModel.RANK,
                steps,
                PrivateClothes.USERS,
                records,
                verified.certificate().grounds().algorithm().name(),
                redone,
                steps,
                100 * (1 - (double) redone / steps),
                bytes.released(),
                bytes.retrained(),
                100 * accuracy.base(),
                100 * accuracy.before(),
                100 * accuracy.after(),
                100 * WITHIN,
                coldSteps,
                (double) coldSteps / redone,
                askers.users(),
                askers.same(),
                100 * askers.meanSteps(),
                verified.certificate().claim().title(),
                Verification.text(verified.report()));
    }
}
