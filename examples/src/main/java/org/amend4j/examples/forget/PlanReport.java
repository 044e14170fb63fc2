package org.amend4j.examples.forget;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.job.Report;
import org.amend4j.unlearn.Candidate;
import org.amend4j.unlearn.Plan;
import org.amend4j.unlearn.ReleaseNoise;
import org.amend4j.unlearn.Way;

/** How somebody could be forgotten. */
public final class PlanReport {

    private PlanReport() {}

    /**
     * The ways to forget some subjects and all whose requests are pending; nothing is changed.
     *
     * @throws BadInputException if one is not known, there is nobody, or nobody would be left
     */
    public static Report of(ForgetfulFolder folder, List<String> names) throws IOException {
        folder.requireTrained();
        Plan plan = plan(folder, names);
        Map<String, Object> facts = facts(plan, folder.settings().training().steps());
        String text = text(plan, folder.settings().training().steps());
        double trained = folder.trainedNorm();
        facts.put("trainedNorm", trained);
        Standing standing = new Standing(folder);
        facts.putAll(standing.facts());
        for (Way way : plan.ways()) {
            if (way instanceof Way.NoisyRewind noisy) {
                double norm = folder.norm(noisy.noise());
                facts.put("noiseNorm", norm);
                text += String.format(
                        Locale.ROOT,
                        "%nthe noise of the %s has norm %.4g, the trained parameters have %.4g",
                        way.name(),
                        norm,
                        trained);
            }
        }
        List<String> all = new ArrayList<>(standing.lines());
        all.add(text);
        return new Report(facts, String.join(System.lineSeparator(), all));
    }

    /** The plan itself. */
    static Plan plan(ForgetfulFolder folder, List<String> names) {
        if (folder.service().hasUnfinished()) {
            throw new BadInputException("a deletion was interrupted: unlearn delete finishes it");
        }
        try {
            return folder.service().plan(names);
        } catch (IOException | IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
    }

    private static Map<String, Object> facts(Plan plan, int steps) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("records", plan.deleted().size());
        facts.put("refused", plan.isRefused());
        facts.put("ways", plan.ways().stream().map(PlanReport::facts).toList());
        facts.put(
                "candidates",
                plan.candidates().stream().map(one -> facts(one, steps)).toList());
        facts.put("advice", plan.advice());
        return facts;
    }

    private static Map<String, Object> facts(Way way) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("way", way.name());
        facts.put("steps", way.cost().steps());
        facts.put("recordGradients", way.cost().recordGradients());
        if (!Double.isNaN(way.cost().seconds())) {
            facts.put("seconds", way.cost().seconds());
        }
        noise(way).ifPresent(noise -> facts.put("sigma", noise.noise().sigma()));
        return facts;
    }

    private static Optional<ReleaseNoise> noise(Way way) {
        if (way instanceof Way.NoisyRewind noisy) {
            return Optional.of(noisy.noise());
        }
        return way instanceof Way.DescentToDelete descent ? Optional.of(descent.noise()) : Optional.empty();
    }

    private static Map<String, Object> facts(Candidate candidate, int steps) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("checkpoint", candidate.checkpoint());
        facts.put("redone", steps - candidate.checkpoint());
        facts.put("exact", candidate.drift().isExact());
        facts.put("distance", candidate.drift().computed());
        candidate.noise().ifPresent(noise -> {
            facts.put("sigma", noise.noise().sigma());
            facts.put("noiseOverMovement", noise.relative());
            facts.put("evidence", noise.evidence().name());
        });
        candidate.refusal().ifPresent(why -> facts.put("refusal", why));
        return facts;
    }

    private static String text(Plan plan, int steps) {
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
        lines.add("ways, cheapest first:");
        plan.ways().forEach(way -> lines.add(line(way)));
        if (plan.isRefused()) {
            lines.add("no rewind is admissible; what would help:");
            plan.advice().forEach(advice -> lines.add("  " + advice));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static String line(Candidate candidate, int steps) {
        String noise = candidate
                .noise()
                .map(one ->
                        String.format(Locale.ROOT, "%11.4g %14.4g", one.noise().sigma(), one.relative()))
                .orElse(String.format(
                        Locale.ROOT, "%11s %14s", candidate.drift().isExact() ? "none" : "-", "-"));
        String verdict =
                candidate.drift().isExact() ? "exact" : candidate.refusal().orElse("certified, " + evidence(candidate));
        return String.format(
                Locale.ROOT,
                "  %10d %8d %11.4g %s  %s",
                candidate.checkpoint(),
                steps - candidate.checkpoint(),
                candidate.drift().computed(),
                noise,
                verdict);
    }

    private static String evidence(Candidate candidate) {
        return candidate.noise().map(noise -> noise.evidence().name()).orElse("");
    }

    private static String line(Way way) {
        String time = Double.isNaN(way.cost().seconds())
                ? ""
                : String.format(Locale.ROOT, ", about %.2g s", way.cost().seconds());
        String noise = noise(way)
                .map(one -> String.format(
                        Locale.ROOT, ", noise %.4g per parameter", one.noise().sigma()))
                .orElse(", no noise");
        String only = way instanceof Way.ColdRun || way instanceof Way.DescentToDelete ? " (priced only)" : "";
        return String.format(
                Locale.ROOT,
                "  %s: %d steps, %d record gradients%s%s%s",
                way.name(),
                way.cost().steps(),
                way.cost().recordGradients(),
                time,
                noise,
                only);
    }
}
