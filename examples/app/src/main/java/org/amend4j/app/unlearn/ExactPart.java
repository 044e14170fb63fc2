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
import java.util.stream.IntStream;
import org.amend4j.app.forget.ExactDeletions;
import org.amend4j.app.forget.HeldOutRows;
import org.amend4j.app.forget.RandHie;
import org.amend4j.app.forget.RandHieSplit;
import org.amend4j.app.forget.RewindStudy;
import org.amend4j.app.forget.SameBytes;
import org.amend4j.app.forget.Verified;
import org.amend4j.app.forget.VisitModel;
import org.amend4j.app.job.Progress;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Digests;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.objective.RecordIds;
import org.amend4j.unlearn.BatchSchedule;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;

/**
 * A person is forgotten exactly: in one keyed epoch every person has one step, and checkpoints before it never saw them.
 *
 * @param records the person's
 * @param plan the methods there were
 * @param verified the certificate of the release
 * @param auc on the test rows
 * @param coldSteps from which checkpoint on retraining stays within {@link TablePart#WITHIN} of its end
 * @param bytes of the file of parameters
 * @param share of a retraining that is redone
 * @param same of the first who ask, each alone, how many end at the retrained bytes
 */
record ExactPart(
        int records,
        UnlearningPlan plan,
        Verified verified,
        Auc auc,
        int coldSteps,
        SameBytes bytes,
        Share share,
        int same)
        implements DemoStep {

    /**
     * On the test rows.
     *
     * @param before of the model that was trained on everybody
     * @param after of the released one
     * @param cold of as many steps from the start as were redone
     */
    record Auc(
            @JsonProperty("aucBefore") double before,
            @JsonProperty("aucReleased") double after,
            @JsonProperty("aucColdRunOfAsManySteps") double cold) {}

    /**
     * What is redone of a retraining.
     *
     * @param ofAsked record gradients of the rewind over those of retraining
     * @param mean the share of steps for every training person, averaged
     */
    record Share(
            @JsonProperty("costShare") double ofAsked,
            @JsonProperty("meanStepShareOfAllPersons") double mean) {}

    // Every knob.
    static final double WEIGHT_DECAY = 0.01;
    static final double STEP_SIZE = 1;
    static final int STEPS = 200;
    static final int CHECKPOINTS = 5;
    static final double TOLERATED_NOISE = 0.01;
    static final int ASKERS = 11;

    /** Not secret, so that the demo repeats. A real one is drawn and kept. */
    private static final String KEY = "amend4j unlearn demo, public key of batches";

    private static final String NAME = "exact rewind";

    static VisitModel model(RandHieSplit split) {
        return VisitModel.oneEpoch(
                split,
                WEIGHT_DECAY,
                STEP_SIZE,
                STEPS,
                KEY.getBytes(StandardCharsets.US_ASCII),
                CheckpointSchedule.every(CHECKPOINTS));
    }

    static ReleasePolicy policy() {
        return ReleasePolicy.of(RewindStudy.BUDGET).withLargestSigma(TOLERATED_NOISE);
    }

    /** @throws IllegalStateException if the released bytes are not the retrained ones */
    static ExactPart run(Path folder, RandHie data, Progress progress) throws IOException, InterruptedException {
        RandHieSplit split = data.split(0);
        VisitModel model = model(split);
        HeldOutRows test = split.heldOut(VisitModel.LEAST_VISITS);
        int person = middle(model);
        RecordIds asked = split.rowsOf(person);
        UnlearningPlan plan = model.plan(asked, policy(), Double.NaN);
        try (DemoService station = DemoService.open(folder, model, policy())) {
            station.train(NAME, progress);
            station.forget(List.of(String.valueOf(person)), NAME, progress);
            MemoryVault retraining = new MemoryVault(model.run().objective().dimension());
            double[] retrained = model.run().learn(model.start(), asked, retraining, StepListener.NONE);
            String expected = Digests.of(DemoService.text(retrained).getBytes(StandardCharsets.US_ASCII));
            String released = Digests.of(station.release().resolve(DemoService.MODEL));
            SameBytes bytes = new SameBytes(released, expected);
            MemoryVault trained = new MemoryVault(model.run().objective().dimension());
            double[] everybody = model.run().learn(model.start(), RecordIds.of(), trained, StepListener.NONE);
            Certificate certificate = CertificateFile.read(station.certificate());
            return new ExactPart(
                    asked.size(),
                    plan,
                    new Verified(certificate, Verification.of(station, asked)),
                    new Auc(
                            test.auc(everybody),
                            test.auc(station.released()),
                            test.auc(model.run()
                                    .run(
                                            model.start(),
                                            certificate.grounds().algorithm().redone(),
                                            asked))),
                    ColdRuns.steps(retraining, test::auc, TablePart.WITHIN),
                    bytes,
                    new Share(share(plan), meanShare(model)),
                    same(model, trained));
        }
    }

    /** Of the first who ask, the one whose step is in the middle: neither luck nor its opposite. */
    private static int middle(VisitModel model) {
        List<Integer> byStep = askers(model).stream()
                .sorted(Comparator.comparingInt(person -> step(model, person)))
                .toList();
        return byStep.get(ASKERS / 2);
    }

    private static List<Integer> askers(VisitModel model) {
        return model.split().deletionOrder().subList(0, ASKERS);
    }

    /** @throws IllegalStateException if any of them is not forgotten exactly */
    private static int same(VisitModel model, MemoryVault trained) throws IOException, InterruptedException {
        for (int person : askers(model)) {
            RecordIds theirs = model.split().rowsOf(person);
            int checkpoint = ExactDeletions.lastClean(trained, step(model, person));
            double[] rewound = ExactDeletions.rewound(model.run(), trained, checkpoint, theirs);
            if (!ExactDeletions.sameBits(rewound, learn(model, theirs))) {
                throw new IllegalStateException(
                        "every exact rewind must end at the retrained bytes, got others for one");
            }
        }
        return askers(model).size();
    }

    /** The step that uses a person's rows. */
    private static int step(VisitModel model, int person) {
        RecordIds rows = model.split().rowsOf(person);
        BatchSchedule batches = model.run().recipe().batches();
        return IntStream.range(0, model.steps())
                .filter(t -> !batches.at(rows, t).isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private static double[] learn(VisitModel model, RecordIds without) throws IOException, InterruptedException {
        MemoryVault vault = new MemoryVault(model.run().objective().dimension());
        return model.run().learn(model.start(), without, vault, StepListener.NONE);
    }

    private static double share(UnlearningPlan plan) {
        double all = plan.methods().stream()
                .filter(UnlearningMethod.Retrain.class::isInstance)
                .findFirst()
                .orElseThrow()
                .cost()
                .recordGradients();
        return plan.recommended().cost().recordGradients() / all;
    }

    /** Steps after the latest checkpoint that did not know a person, over all steps. */
    static double meanShare(VisitModel model) {
        RecordIds all = model.run().objective().records();
        double sum = 0;
        double counted = 0;
        for (int t = 0; t < model.steps(); t++) {
            long subjects = model.run().recipe().batches().at(all, t).stream()
                    .map(model.split()::person)
                    .distinct()
                    .count();
            int checkpoint = t - t % CHECKPOINTS;
            sum += subjects * (double) (model.steps() - checkpoint) / model.steps();
            counted += subjects;
        }
        return sum / counted;
    }

    /** For JSON. */
    record Facts(
            @JsonUnwrapped Asked asked,
            @JsonUnwrapped ExactDeletion deletion,
            @JsonUnwrapped Auc auc,
            double within,
            int coldStepsToRetrainedAuc,
            int askersBitIdentical,
            @JsonUnwrapped SameBytes bytes,
            @JsonUnwrapped Share share) {}

    /** Who left, with how many records, and the methods there were. */
    record Asked(int persons, int records, Plans.Facts plan) {}

    Facts facts() {
        return new Facts(
                new Asked(1, records, Plans.facts(plan)),
                ExactDeletion.of(verified),
                auc,
                TablePart.WITHIN,
                coldSteps,
                same,
                bytes,
                share);
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "(b) The same for a head on a table: one epoch of %d keyed steps, every person in one of them; 1 person with %d records"
                        + " asks, of the first %d the one whose step is in the middle%n",
                STEPS,
                records,
                ASKERS));
        Plans.methods(text, plan);
        text.append(String.format(
                Locale.ROOT,
                "    test AUC: before %.4f, unlearned and retrained %.4f, no noise (a cold run of the %d steps redone: %.4f, another"
                        + " model)%n    released  %s%n    retrained %s: the same bytes%n"
                        + "    to within %s of that accuracy: cold run %d steps, another model; rewind %d, the same: %.2f times as fast%n"
                        + "    saved at equal accuracy: %.1f %% of retraining; %.1f %% of the steps for a person on average%n"
                        + "    each of the first %d who ask, alone: %d at the retrained bytes%n"
                        + "    certificate: %s%n",
                auc.before(),
                auc.after(),
                verified.certificate().grounds().algorithm().redone(),
                auc.cold(),
                bytes.released(),
                bytes.retrained(),
                TablePart.WITHIN,
                coldSteps,
                verified.certificate().grounds().algorithm().redone(),
                (double) coldSteps
                        / verified.certificate().grounds().algorithm().redone(),
                100 * (1 - share.ofAsked()),
                100 * (1 - share.mean()),
                ASKERS,
                same,
                verified.certificate().claim().title()));
        return text.append("    ").append(Verification.text(verified.report())).toString();
    }
}
