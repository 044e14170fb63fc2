/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.descent.Assurance;
import org.amend4j.service.ForgettingModel;
import org.amend4j.unlearn.ProximalRewind;
import org.amend4j.unlearn.RewindCandidate;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;

/** Reports how subjects could be forgotten. */
public final class PlanReport {

    private PlanReport() {}

    /**
     * The methods to forget some subjects and all with pending requests; nothing is changed.
     *
     * @param out where {@code plan.json} and {@code trade-off.png} go; empty if nowhere
     * @throws BadInputException if one is not known, there is none, or none would be left
     */
    public static Report of(ForgetfulFolder folder, List<String> names, Optional<Path> out) throws IOException {
        out.ifPresent(place -> Places.requireOutsideOfReleases("--out", place, folder.path()));
        folder.requireTrained();
        UnlearningPlan plan = plan(folder, names);
        int steps = folder.settings().training().steps();
        Prospects prospects = prospects(folder, plan);
        Optional<UnlearningMethod> taken = ForgetJob.byDefault(folder, plan);
        MethodTable table = new MethodTable(
                prospects,
                folder.settings().promise().epsilon(),
                folder.settings().promise().delta(),
                taken);
        double trained = trainedNorm(folder);
        String text = text(plan, table, steps)
                + System.lineSeparator()
                + taken.map(method -> "unlearn delete takes: " + TakenMethod.words(method, steps, plan.largestNorm())
                                + "; " + prospects.sentence(method))
                        .orElse("unlearn delete takes none of them: nobody knows where the training began")
                + System.lineSeparator()
                + String.format(Locale.ROOT, "the trained parameters have norm %.4g", trained);
        PlanContext standing = new PlanContext(folder);
        Optional<String> label =
                Optional.of(ProximalRewind.Reconstruction.LABEL).filter(any -> folder.isEmpirical());
        List<String> all = new ArrayList<>(standing.lines());
        label.ifPresent(empirical -> all.add(0, empirical));
        all.add(text);
        Facts facts = new Facts(
                methods(plan, table, steps),
                prospects.facts(),
                trained,
                standing.facts(),
                plan.largestNorm(),
                taken.map(method -> method instanceof UnlearningMethod.Converge
                        ? 0
                        : method.cost().steps()),
                label);
        Report report = new Report(facts, String.join(System.lineSeparator(), all));
        return out.isPresent() ? written(report, prospects, steps, out.get()) : report;
    }

    private static Report written(Report report, Prospects prospects, int steps, Path out) throws IOException {
        Path json = out.resolve("plan.json");
        Path picture = out.resolve("trade-off.png");
        TradeOffChart.write(prospects, steps, picture);
        return new Report(
                        report.facts(),
                        report.text() + System.lineSeparator() + json + ", its page and " + picture + " were written, "
                                + Prospects.PRIVATE)
                .keep(json, "Methods to forget", List.of());
    }

    /** A checkpoint that is damaged or missing is named. */
    private static Prospects prospects(ForgetfulFolder folder, UnlearningPlan plan) {
        ForgettingModel model = folder.assembly().model();
        try {
            return Prospects.of(model.run(), model.guarantee(), plan, folder.vault());
        } catch (IOException unreadable) {
            throw ForgetfulFolder.badInput(unreadable);
        }
    }

    private static double trainedNorm(ForgetfulFolder folder) {
        try {
            return folder.trainedNorm();
        } catch (IOException unreadable) {
            throw ForgetfulFolder.badInput(unreadable);
        }
    }

    private static UnlearningPlan plan(ForgetfulFolder folder, List<String> names) {
        folder.requireFinished();
        try {
            return folder.service().plan(names);
        } catch (IOException | IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
    }

    /**
     * For JSON.
     *
     * @param trainedNorm of the trained parameters
     * @param largestNorm the most that the norm of the parameters can be, whatever the records are
     * @param redone steps of the trajectory that the method taken by default makes again
     * @param label of what is not certified
     */
    private record Facts(
            @JsonUnwrapped Methods methods,
            Prospects.Facts retainedLoss,
            double trainedNorm,
            @JsonUnwrapped PlanContext.Facts context,
            double largestNorm,
            Optional<Integer> redone,
            Optional<String> label) {}

    /**
     * What there is to choose from.
     *
     * @param records to be forgotten
     * @param refused whether no rewind is admissible
     */
    private record Methods(
            int records,
            boolean refused,
            List<MethodTable.Way> ways,
            List<Candidate> candidates,
            List<String> advice) {}

    /**
     * A stored checkpoint.
     *
     * @param redone steps of a rewind to it
     * @param distance from retraining, at most
     * @param refusal why no rewind to it is admissible
     */
    private record Candidate(
            int checkpoint,
            int redone,
            boolean exact,
            double distance,
            @JsonUnwrapped Optional<Noise> noise,
            Optional<String> refusal) {

        private static Candidate of(RewindCandidate candidate, int steps) {
            return new Candidate(
                    candidate.checkpoint(),
                    steps - candidate.checkpoint(),
                    candidate.drift().isExact(),
                    candidate.drift().computed(),
                    candidate
                            .noise()
                            .map(noise -> new Noise(noise.noise().sigma(), noise.relative(), noise.assurance())),
                    candidate.refusal());
        }
    }

    /**
     * Noise that hides a distance.
     *
     * @param sigma per parameter
     * @param noiseOverParameters its norm over the most that the norm of the parameters can be
     */
    private record Noise(double sigma, double noiseOverParameters, Assurance evidence) {}

    private static Methods methods(UnlearningPlan plan, MethodTable table, int steps) {
        return new Methods(
                plan.deleted().size(),
                plan.isRefused(),
                plan.methods().stream().map(table::facts).toList(),
                plan.candidates().stream().map(one -> Candidate.of(one, steps)).toList(),
                plan.advice());
    }

    private static String text(UnlearningPlan plan, MethodTable table, int steps) {
        List<String> lines = new ArrayList<>();
        lines.add(plan.deleted().size() + " records to forget, earlier ones among them; every stored checkpoint:");
        lines.add(String.format(
                Locale.ROOT, "  %10s %8s %11s %11s %14s", "checkpoint", "redone", "distance", "noise", "noise/norm"));
        plan.candidates().forEach(candidate -> lines.add(line(candidate, steps)));
        lines.addAll(table.lines());
        if (plan.isRefused()) {
            lines.add("no rewind is admissible; what would help besides retraining:");
            plan.advice().forEach(advice -> lines.add("  " + advice));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static String line(RewindCandidate candidate, int steps) {
        String noise = candidate
                .noise()
                .map(one ->
                        String.format(Locale.ROOT, "%11.4g %14.4g", one.noise().sigma(), one.relative()))
                .orElse(String.format(
                        Locale.ROOT, "%11s %14s", candidate.drift().isExact() ? "none" : "-", "-"));
        String verdict =
                candidate.drift().isExact() ? "exact" : candidate.refusal().orElse(verdict(candidate));
        return String.format(
                Locale.ROOT,
                "  %10d %8d %11.4g %s  %s",
                candidate.checkpoint(),
                steps - candidate.checkpoint(),
                candidate.drift().computed(),
                noise,
                verdict);
    }

    private static String verdict(RewindCandidate candidate) {
        String assurance = assurance(candidate);
        return assurance.equals(Assurance.ESTIMATED.name()) ? "EMPIRICAL, not certified" : "certified, " + assurance;
    }

    private static String assurance(RewindCandidate candidate) {
        return candidate.noise().map(noise -> noise.assurance().name()).orElse("");
    }
}
