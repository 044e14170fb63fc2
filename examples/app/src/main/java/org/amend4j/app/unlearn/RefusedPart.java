/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import org.amend4j.app.forget.RandHie;
import org.amend4j.app.forget.RewindStudy;
import org.amend4j.app.forget.VisitModel;
import org.amend4j.app.job.Progress;
import org.amend4j.certificate.Digests;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.unlearn.UnlearningPlan;

/**
 * The same subjects ask a model without weight decay, and are told why any certificate would be worthless.
 *
 * @param plan the refusal
 * @param alone how many of them could be forgotten if no other subject asked
 * @param moved how far training moved the parameters in all, for comparison with the noise
 * @param unchanged whether release and checkpoints are what they were before
 */
record RefusedPart(UnlearningPlan plan, int alone, double moved, boolean unchanged) implements DemoStep {

    private static final String NAME = "refusal";

    static VisitModel model(RandHie data) {
        return VisitModel.fullBatch(data.split(0), 0, CheckpointSchedule.every(CertifiedPart.CHECKPOINTS));
    }

    /** @throws IllegalStateException if it was not refused, or something changed */
    static RefusedPart run(Path folder, RandHie data, Progress progress) throws IOException, InterruptedException {
        VisitModel model = model(data);
        UnlearningPlan plan =
                model.plan(model.split().firstSubjects(CertifiedPart.SUBJECTS), CertifiedPart.policy(), Double.NaN);
        try (DemoService station = DemoService.open(folder, model, CertifiedPart.policy())) {
            station.train(NAME, progress);
            String before = state(station);
            List<String> names = model.split().deletionOrder().subList(0, CertifiedPart.SUBJECTS).stream()
                    .map(String::valueOf)
                    .toList();
            if (plan.isRefused()) {
                station.refuse(names, NAME, progress);
            }
            boolean unchanged = before.equals(state(station));
            if (!unchanged || !plan.isRefused()) {
                throw new IllegalStateException("a refusal must leave everything as it was");
            }
            return new RefusedPart(plan, alone(model), RewindStudy.distance(station.end(), model.start()), unchanged);
        }
    }

    private static int alone(VisitModel model) {
        int admitted = 0;
        for (int person : model.split().deletionOrder().subList(0, CertifiedPart.SUBJECTS)) {
            UnlearningPlan plan = model.plan(model.split().rowsOf(person), CertifiedPart.policy(), Double.NaN);
            admitted += plan.isRefused() ? 0 : 1;
        }
        return admitted;
    }

    /** Release and checkpoints. */
    private static String state(DemoService station) throws IOException {
        StringBuilder state = new StringBuilder(Digests.ofFolder(station.release()));
        NavigableSet<Integer> steps = station.vault().steps();
        for (int step : steps) {
            state.append(' ').append(step).append(' ').append(station.vault().sha256(step));
        }
        return state.toString();
    }

    /** For JSON. */
    record Facts(int persons, Plans.Facts plan, int couldBeForgottenAlone, double moved, boolean unchanged) {}

    Facts facts() {
        return new Facts(CertifiedPart.SUBJECTS, Plans.facts(plan), alone, moved, unchanged);
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "(c) Without weight decay, the same %d subjects together and noise up to %s: refused (%d of them could be"
                        + " forgotten if nobody else asked)%n",
                CertifiedPart.SUBJECTS,
                CertifiedPart.TOLERATED_NOISE,
                alone));
        Plans.refusals(text, plan);
        text.append(String.format(
                Locale.ROOT, "    for comparison: training moved all parameters together by %.3g%n", moved));
        plan.advice()
                .forEach(advice -> text.append("    advice: ").append(advice).append(System.lineSeparator()));
        return text.append(String.format(
                        Locale.ROOT,
                        "    release and checkpoints are as they were, bit for bit; left to do: %s%n",
                        plan.cheapest().name()))
                .toString();
    }
}
