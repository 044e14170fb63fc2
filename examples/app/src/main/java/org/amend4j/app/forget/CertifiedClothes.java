/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.amend4j.app.job.Progress;
import org.amend4j.certificate.Certificate;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.RequestOutcome;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.amend4j.verify.VerificationReport;

/**
 * A user is removed from an adapter by a rewind with noise, with a certificate.
 *
 * @param user who asked
 * @param records theirs
 * @param plan the methods there were
 * @param verified the certificate of the release
 * @param test accuracies
 * @param distance ‖U - R‖ before noise
 * @param norm ‖R‖
 * @param seconds how long things took
 */
record CertifiedClothes(
        int user,
        int records,
        UnlearningPlan plan,
        Verified verified,
        Accuracies test,
        double distance,
        double norm,
        Seconds seconds) {

    /**
     * On the test pictures.
     *
     * @param publicHead of the base, without an adapter
     * @param original of the adapter that was trained on everybody
     * @param unlearned of the released one
     * @param withoutNoise of the same before its noise
     * @param retrained without the user
     * @param cold of as many steps from the start as were redone, without the user
     */
    record Accuracies(
            @JsonProperty("accuracyPublicHead") double publicHead,
            @JsonProperty("accuracyOriginal") double original,
            @JsonProperty("accuracyUnlearned") double unlearned,
            @JsonProperty("accuracyUnlearnedWithoutNoise") double withoutNoise,
            @JsonProperty("accuracyRetrained") double retrained,
            @JsonProperty("accuracyCold") double cold) {}

    /** What took how long. */
    record Seconds(
            @JsonProperty("trainingSeconds") double training,
            @JsonProperty("forgettingSeconds") double forgetting,
            @JsonProperty("retrainingSeconds") double retraining) {}

    private static final String NAME = "certified rewind";

    /** @throws IllegalStateException if the bound does not hold, or the certificate is not valid */
    static CertifiedClothes run(Path folder, ClothesModel model, PrivateClothes clothes, Progress progress)
            throws IOException, InterruptedException {
        int user = clothes.users().middle();
        RecordIds theirs = clothes.records().ownedByAnyOf(user);
        try (ClothesService service = ClothesService.open(folder, model, clothes)) {
            long begin = System.nanoTime();
            try (Progress.Stage stage = progress.stage(NAME + ", training", model.steps())) {
                service.train((step, of) -> stage.reach(step));
            }
            double training = since(begin);
            double[] original = service.at(model.steps());
            service.request(List.of(user));
            UnlearningPlan plan = service.plan();
            begin = System.nanoTime();
            Certificate certificate;
            try (Progress.Stage stage = progress.stage(NAME + ", forgetting", model.steps())) {
                RequestOutcome.Released released =
                        service.answer(UnlearningMethod.NoisyRewind.class::isInstance, (step, of) -> stage.reach(step));
                certificate = released.certificate();
            }
            double forgetting = since(begin);
            begin = System.nanoTime();
            double[] retrained;
            try (Progress.Stage stage = progress.stage(NAME + ", retraining to compare with", 1)) {
                retrained = model.run().run(model.problem().start(), model.steps(), theirs);
                stage.step(1);
            }
            double retraining = since(begin);
            double[] unlearned = service.at(model.steps());
            double[] cold = model.run()
                    .run(
                            model.problem().start(),
                            certificate.grounds().algorithm().redone(),
                            theirs);
            double distance = ClothesModel.distance(unlearned, retrained);
            VerificationReport verification = service.verify(theirs);
            require(
                    distance <= certificate.grounds().bound().delta(),
                    "the bound must hold, got a distance of " + distance);
            require(verification.isValid(), "the certificate must be valid, got " + verification.failed());
            return new CertifiedClothes(
                    user,
                    theirs.size(),
                    plan,
                    new Verified(certificate, verification),
                    new Accuracies(
                            model.publicAccuracy(clothes.test()),
                            model.accuracy(original, clothes.test()),
                            model.accuracy(service.released(), clothes.test()),
                            model.accuracy(unlearned, clothes.test()),
                            model.accuracy(retrained, clothes.test()),
                            model.accuracy(cold, clothes.test())),
                    distance,
                    Vectors.normInOrder(retrained),
                    new Seconds(training, forgetting, retraining));
        }
    }

    private static double since(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    /** For JSON. */
    record Facts(
            @JsonUnwrapped Asked asked,
            @JsonUnwrapped Rewound rewound,
            @JsonUnwrapped Bound bound,
            @JsonUnwrapped Hidden noise,
            @JsonUnwrapped Accuracies test,
            @JsonUnwrapped Seconds seconds,
            List<String> verification) {}

    /**
     * Who left what, and under what budget.
     *
     * @param records the user's
     * @param recordsBefore everybody's
     * @param parameters of the adapter
     */
    record Asked(int user, int records, int recordsBefore, int parameters, double epsilon, double delta) {}

    /**
     * What was done.
     *
     * @param redone of the steps
     * @param level of the evidence
     */
    record Rewound(int steps, int redone, Certificate.Verdict verdict, String level) {}

    /**
     * How far from the retrained adapter it ended.
     *
     * @param bound of the distance
     * @param rounding what of the bound is rounding
     * @param distance ‖U - R‖ before noise
     */
    record Bound(double gradientBound, double lipschitz, double bound, double rounding, double distance) {}

    /**
     * The noise that hides it.
     *
     * @param sigma per parameter
     * @param noiseNorm expected
     * @param attackAuc the most that any attack can reach
     */
    record Hidden(double sigma, double noiseNorm, double retrainedNorm, double mu, double attackAuc) {}

    Facts facts() {
        Certificate certificate = verified.certificate();
        Certificate.Protection protection = certificate.protection();
        Certificate.Grounds grounds = certificate.grounds();
        return new Facts(
                new Asked(
                        user,
                        records,
                        certificate.deletion().recordsBefore(),
                        protection.noise().dimension(),
                        protection.privacy().budget().epsilon(),
                        protection.privacy().budget().delta()),
                new Rewound(
                        grounds.algorithm().schedule().steps(),
                        grounds.algorithm().redone(),
                        certificate.claim().verdict(),
                        certificate.claim().level()),
                new Bound(
                        grounds.constants().gradientBound().value(),
                        grounds.constants().lipschitz().value(),
                        grounds.bound().delta(),
                        grounds.bound().rounding(),
                        distance),
                new Hidden(
                        protection.noise().sigma(),
                        noiseNorm(),
                        norm,
                        protection.privacy().mu(),
                        protection.privacy().attackAuc()),
                test,
                seconds,
                verified.report().lines());
    }

    private double noiseNorm() {
        return verified.certificate().protection().noise().sigma()
                * Math.sqrt(verified.certificate().protection().noise().dimension());
    }

    String text() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "(a) Full batch, %d steps: user %d with %d of %,d pictures asks, at (%s, %s)%n",
                verified.certificate().grounds().algorithm().schedule().steps(),
                user,
                records,
                verified.certificate().deletion().recordsBefore(),
                verified.certificate().protection().privacy().budget().epsilon(),
                verified.certificate().protection().privacy().budget().delta()));
        for (UnlearningMethod method : plan.methods()) {
            text.append(String.format(
                    Locale.ROOT,
                    "    %-40s %,11d record gradients%s%n",
                    method.name(),
                    method.cost().recordGradients(),
                    method instanceof UnlearningMethod.NoisyRewind ? "  <- chosen" : ""));
        }
        text.append(String.format(
                Locale.ROOT,
                "    %d parameters; G = %.4f, L = %.4f, level %s%n"
                        + "    |U - R| = %.3g, bound %.4g, of which rounding %.1g; noise %.4g per parameter, in all about %.3g,"
                        + " |R| = %.3g%n",
                verified.certificate().protection().noise().dimension(),
                verified.certificate().grounds().constants().gradientBound().value(),
                verified.certificate().grounds().constants().lipschitz().value(),
                verified.certificate().claim().level(),
                distance,
                verified.certificate().grounds().bound().delta(),
                verified.certificate().grounds().bound().rounding(),
                verified.certificate().protection().noise().sigma(),
                noiseNorm(),
                norm));
        text.append(String.format(
                Locale.ROOT,
                "    %-46s %7s%n    %-46s %6.1f%%%n    %-46s %6.1f%%%n    %-46s %6.1f%%%n    %-46s %6.1f%%%n    %-46s %6.1f%%%n"
                        + "    %-46s %6.1f%%%n",
                "",
                "test",
                "public head, no adapter",
                100 * test.publicHead(),
                "original, trained on everybody",
                100 * test.original(),
                "unlearned, released with noise",
                100 * test.unlearned(),
                "the same before its noise",
                100 * test.withoutNoise(),
                "retrained without the user",
                100 * test.retrained(),
                "cold run of " + verified.certificate().grounds().algorithm().redone() + " steps, exact, no noise",
                100 * test.cold()));
        return text.append(String.format(
                        Locale.ROOT,
                        "    trained in %.2f s, forgotten in %.2f s, retrained in %.2f s%n    %s%n    %s%n",
                        seconds.training(),
                        seconds.forgetting(),
                        seconds.retraining(),
                        verified.certificate().claim().title(),
                        verified.report().lines().get(0)))
                .toString();
    }
}
