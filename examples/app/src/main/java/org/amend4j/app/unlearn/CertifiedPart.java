/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.amend4j.app.forget.RandHie;
import org.amend4j.app.forget.RewindStudy;
import org.amend4j.app.forget.Verified;
import org.amend4j.app.forget.VisitModel;
import org.amend4j.app.job.Progress;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.UnlearningPlan;

/**
 * Subjects are forgotten by a rewind with noise, under a certificate.
 *
 * @param subjects who asked
 * @param records theirs
 * @param plan the methods there were
 * @param verified the certificate of the release
 * @param auc on the test rows
 * @param distance ‖U - R‖ before noise
 * @param seconds how long things took
 * @param released parameters
 */
@SuppressWarnings("ArrayRecordComponent") // handed on to the audit, inside of the demo
record CertifiedPart(
        int subjects,
        int records,
        UnlearningPlan plan,
        Verified verified,
        Auc auc,
        double distance,
        Seconds seconds,
        double[] released)
        implements DemoStep {

    /**
     * On the test rows.
     *
     * @param before of the model that was trained on everybody
     * @param after of the released one
     * @param withoutNoise of the same without noise
     * @param retrained of the retrained one
     * @param cold of as many steps from the start as were redone
     */
    record Auc(
            @JsonProperty("aucBefore") double before,
            @JsonProperty("aucReleased") double after,
            @JsonProperty("aucUnlearnedWithoutNoise") double withoutNoise,
            @JsonProperty("aucRetrained") double retrained,
            @JsonProperty("aucCold") double cold) {}

    /** What took how long; NaN if an interrupted demo did it. */
    record Seconds(double training, double forgetting) {}

    // Every knob.
    static final int SUBJECTS = 42;
    static final double WEIGHT_DECAY = 0.01;
    static final int CHECKPOINTS = 20;
    static final double TOLERATED_NOISE = 0.1;

    private static final String NAME = "certified rewind";

    static ReleasePolicy policy() {
        return ReleasePolicy.of(RewindStudy.BUDGET).withLargestSigma(TOLERATED_NOISE);
    }

    /**
     * Trains, forgets, and compares with what a study of the same model found.
     *
     * @param study of the same split and weight decay
     * @param deletion of the same subjects
     */
    static CertifiedPart run(
            Path folder, RandHie data, RewindStudy study, RewindStudy.Deletion deletion, Progress progress)
            throws IOException, InterruptedException {
        VisitModel model = VisitModel.fullBatch(data.split(0), WEIGHT_DECAY, CheckpointSchedule.every(CHECKPOINTS));
        try (DemoService station = DemoService.open(folder, model, policy())) {
            double training = station.train(NAME, progress);
            List<String> names = model.split().deletionOrder().subList(0, SUBJECTS).stream()
                    .map(String::valueOf)
                    .toList();
            double forgetting = station.forget(names, NAME, progress);
            Certificate certificate = CertificateFile.read(station.certificate());
            return new CertifiedPart(
                    SUBJECTS,
                    deletion.records().size(),
                    model.plan(deletion.records(), policy(), Double.NaN),
                    new Verified(certificate, Verification.of(station, deletion.records())),
                    new Auc(
                            study.test().auc(study.learned()),
                            study.test().auc(station.released()),
                            study.test().auc(station.end()),
                            study.test().auc(deletion.retrained()),
                            study.test()
                                    .auc(deletion.cold(
                                            certificate.grounds().algorithm().redone()))),
                    RewindStudy.distance(station.end(), deletion.retrained()),
                    new Seconds(training, forgetting),
                    station.released());
        }
    }

    /** For JSON. */
    record Facts(
            @JsonUnwrapped Asked asked,
            @JsonUnwrapped Rewound rewound,
            @JsonUnwrapped Protection protection,
            List<Verification.Facts> verification,
            @JsonUnwrapped Auc auc,
            OptionalDouble trainingSeconds,
            OptionalDouble forgettingSeconds) {}

    /**
     * Who left, and under what budget.
     *
     * @param records theirs
     * @param toleratedSigma the largest noise, per parameter
     * @param plan the methods there were
     */
    record Asked(int persons, int records, double epsilon, double delta, double toleratedSigma, Plans.Facts plan) {}

    /**
     * What was done, and how far from the retrained model it ended.
     *
     * @param redone of the steps
     * @param bound of the distance
     * @param rounding what of the bound is rounding
     * @param distance ‖U - R‖ before noise
     */
    record Rewound(String algorithm, int redone, int steps, double bound, double rounding, double distance) {}

    /**
     * What the noise protects.
     *
     * @param sigma per parameter
     * @param attackAuc the most that any attack can reach
     * @param level of the evidence
     */
    record Protection(double sigma, double mu, double attackAuc, String level) {}

    Facts facts() {
        Certificate certificate = verified.certificate();
        Certificate.Point budget = certificate.protection().privacy().budget();
        Certificate.Algorithm algorithm = certificate.grounds().algorithm();
        return new Facts(
                new Asked(subjects, records, budget.epsilon(), budget.delta(), TOLERATED_NOISE, Plans.facts(plan)),
                new Rewound(
                        algorithm.name(),
                        algorithm.redone(),
                        algorithm.schedule().steps(),
                        certificate.grounds().bound().delta(),
                        certificate.grounds().bound().rounding(),
                        distance),
                new Protection(
                        certificate.protection().noise().sigma(),
                        certificate.protection().privacy().mu(),
                        certificate.protection().privacy().attackAuc(),
                        certificate.claim().level()),
                Verification.facts(verified.report()),
                auc,
                known(seconds.training()),
                known(seconds.forgetting()));
    }

    private static OptionalDouble known(double seconds) {
        return Double.isNaN(seconds) ? OptionalDouble.empty() : OptionalDouble.of(seconds);
    }

    private static String inWords(double seconds) {
        return Double.isNaN(seconds) ? "an earlier, interrupted demo" : String.format(Locale.ROOT, "%.2f s", seconds);
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "(b) Every record in every step: %d subjects with %d records ask, at (%s, %s), noise up to %s per parameter%n",
                subjects,
                records,
                verified.certificate().protection().privacy().budget().epsilon(),
                verified.certificate().protection().privacy().budget().delta(),
                TOLERATED_NOISE));
        Plans.methods(text, plan);
        text.append(String.format(
                Locale.ROOT,
                "    chosen as by default: the cheapest with noise of norm at most %.0f %% of what parameters can have, here %.3g%n",
                100 * UnlearningPlan.LITTLE_NOISE,
                plan.largestNorm()));
        text.append(String.format(
                Locale.ROOT,
                "    test AUC: before %.4f, unlearned %.4f in this draw of noise (%.4f without), retrained %.4f, cold run of %d steps"
                        + " %.4f%n    |U - R| = %.3g before noise, bound %.4g, of which rounding %.1g; level %s%n",
                auc.before(),
                auc.after(),
                auc.withoutNoise(),
                auc.retrained(),
                verified.certificate().grounds().algorithm().redone(),
                auc.cold(),
                distance,
                verified.certificate().grounds().bound().delta(),
                verified.certificate().grounds().bound().rounding(),
                verified.certificate().claim().level()));
        text.append(String.format(
                Locale.ROOT,
                "    trained in %s, forgotten in %s%n    certificate: %s%n",
                inWords(seconds.training()),
                inWords(seconds.forgetting()),
                verified.certificate().claim().title()));
        return text.append("    ").append(Verification.text(verified.report())).toString();
    }
}
