/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.data.WholeFile;
import org.amend4j.app.job.Report;
import org.amend4j.descent.Assurance;
import org.amend4j.service.ForgettingModel;
import org.amend4j.unlearn.ProximalRewind;
import org.amend4j.unlearn.RewindCandidate;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;

/** How somebody could be forgotten. */
public final class PlanReport {

    private PlanReport() {}

    /**
     * The methods to forget some subjects and all whose requests are pending; nothing is changed.
     *
     * @param out where {@code plan.json} and {@code trade-off.png} go; empty if nowhere
     * @throws BadInputException if one is not known, there is nobody, or nobody would be left
     */
    public static Report of(ForgetfulFolder folder, List<String> names, Optional<Path> out) throws IOException {
        out.ifPresent(place -> Places.requireOutsideOfReleases("--out", place, folder.path()));
        folder.requireTrained();
        UnlearningPlan plan = plan(folder, names);
        int steps = folder.settings().training().steps();
        ForgettingModel model = folder.assembly().model();
        Prospects prospects = Prospects.of(model.run(), model.guarantee(), plan, folder.vault());
        MethodTable table = new MethodTable(
                prospects,
                folder.settings().promise().epsilon(),
                folder.settings().promise().delta());
        Map<String, Object> facts = facts(plan, table, steps);
        String text = text(plan, table, steps);
        facts.put("retainedLoss", prospects.facts());
        double trained = folder.trainedNorm();
        facts.put("trainedNorm", trained);
        PlanContext standing = new PlanContext(folder);
        facts.putAll(standing.facts());
        for (UnlearningMethod method : plan.methods()) {
            if (method instanceof UnlearningMethod.NoisyRewind noisy) {
                double norm = folder.norm(noisy.noise());
                facts.put("noiseNorm", norm);
                text += String.format(
                        Locale.ROOT,
                        "%nthe noise of the %s has norm %.4g, the trained parameters have %.4g",
                        method.name(),
                        norm,
                        trained);
            }
        }
        Optional<UnlearningMethod> taken = ForgetJob.rewind(folder, plan);
        taken.ifPresent(method -> facts.put("redone", method.cost().steps()));
        if (!plan.isRefused() && !taken.equals(Optional.of(plan.cheapest()))) {
            text += String.format(
                    Locale.ROOT,
                    "%nthat is above a tenth of the largest movement training can make: unlearn delete %s, unless it is given --any-noise",
                    taken.map(method -> "redoes " + method.cost().steps() + " steps instead")
                            .orElse("takes no rewind"));
        }
        List<String> all = new ArrayList<>(standing.lines());
        if (folder.isEmpirical()) {
            facts.put("label", ProximalRewind.Reconstruction.LABEL);
            all.add(0, ProximalRewind.Reconstruction.LABEL);
        }
        all.add(text);
        Report report = new Report(facts, String.join(System.lineSeparator(), all));
        return out.isPresent() ? written(report, prospects, steps, out.get()) : report;
    }

    private static Report written(Report report, Prospects prospects, int steps, Path out) throws IOException {
        Path json = out.resolve("plan.json");
        Path picture = out.resolve("trade-off.png");
        WholeFile.write(json, (report.json() + "\n").getBytes(StandardCharsets.UTF_8));
        TradeOffChart.write(prospects, steps, picture);
        return new Report(
                report.facts(),
                report.text() + System.lineSeparator() + json + " and " + picture + " were written, "
                        + Prospects.PRIVATE);
    }

    private static UnlearningPlan plan(ForgetfulFolder folder, List<String> names) {
        if (folder.service().hasUnfinished()) {
            throw new BadInputException("a deletion was interrupted: unlearn delete finishes it");
        }
        try {
            return folder.service().plan(names);
        } catch (IOException | IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
    }

    private static Map<String, Object> facts(UnlearningPlan plan, MethodTable table, int steps) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("records", plan.deleted().size());
        facts.put("refused", plan.isRefused());
        facts.put("ways", plan.methods().stream().map(table::facts).toList());
        facts.put(
                "candidates",
                plan.candidates().stream().map(one -> facts(one, steps)).toList());
        facts.put("advice", plan.advice());
        return facts;
    }

    private static Map<String, Object> facts(RewindCandidate candidate, int steps) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("checkpoint", candidate.checkpoint());
        facts.put("redone", steps - candidate.checkpoint());
        facts.put("exact", candidate.drift().isExact());
        facts.put("distance", candidate.drift().computed());
        candidate.noise().ifPresent(noise -> {
            facts.put("sigma", noise.noise().sigma());
            facts.put("noiseOverMovement", noise.relative());
            facts.put("evidence", noise.assurance().name());
        });
        candidate.refusal().ifPresent(why -> facts.put("refusal", why));
        return facts;
    }

    private static String text(UnlearningPlan plan, MethodTable table, int steps) {
        List<String> lines = new ArrayList<>();
        lines.add(plan.deleted().size() + " records to forget, earlier ones among them; every stored checkpoint:");
        lines.add(String.format(
                Locale.ROOT,
                "  %10s %8s %11s %11s %14s",
                "checkpoint",
                "redone",
                "distance",
                "noise",
                "noise/movement"));
        plan.candidates().forEach(candidate -> lines.add(line(candidate, steps)));
        lines.addAll(table.lines());
        if (plan.isRefused()) {
            lines.add("no rewind is admissible; what would help:");
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
