package org.amend4j.examples.forget;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.job.Progress;
import org.amend4j.examples.job.Report;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.Outcome;
import org.amend4j.unlearn.Candidate;
import org.amend4j.unlearn.Plan;
import org.amend4j.unlearn.Way;

/** Takes requests to be forgotten and answers them. */
public final class ForgetJob {

    /** How subjects are to be forgotten. */
    public enum Choice {
        /** The cheapest rewind, exact or certified. */
        CHEAPEST,
        /** A rewind without noise. */
        EXACT,
        /** Training again from the start. */
        RETRAIN
    }

    private final ForgetfulFolder folder;
    private final Progress progress;
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();

    public ForgetJob(ForgetfulFolder folder, Progress progress) {
        this.folder = folder;
        this.progress = progress;
    }

    /**
     * Finishes what was interrupted, takes requests, and answers them and all that are pending.
     *
     * @param names nobody twice; may be empty
     * @param anyNoise whether noise larger than the trained parameters is taken as well, where the settings set no limit
     * @throws BadInputException if a subject is not known, or there is no such way; nothing was changed then, but for what was
     *     finished
     */
    public Report forget(List<String> names, Choice choice, boolean anyNoise) throws IOException, InterruptedException {
        boolean finished = finish();
        if (names.isEmpty() && folder.service().pending().isEmpty()) {
            if (!finished) {
                throw new BadInputException("nobody is to be forgotten: name somebody with --subject");
            }
            return report();
        }
        if (folder.service().pending().isEmpty() && areForgotten(names)) {
            tell(new Outcome.NothingPending());
            return report();
        }
        Way way = choose(PlanReport.plan(folder, names), choice);
        if (!anyNoise) {
            requireModel(way);
        }
        take(names);
        try (Progress.Stage stage = stage()) {
            tell(folder.service().answer(plan -> Optional.of(choose(plan, choice)), ForgetfulFolder.listener(stage)));
        }
        return report();
    }

    /** Takes requests and leaves them pending. */
    public Report request(List<String> names) throws IOException, InterruptedException {
        finish();
        take(names);
        return report();
    }

    private Report report() {
        return new Report(facts, String.join(System.lineSeparator(), lines));
    }

    private boolean finish() throws IOException, InterruptedException {
        folder.requireTrained();
        if (!folder.service().hasUnfinished()) {
            return false;
        }
        progress.say("a deletion was interrupted and is finished first");
        lines.add("an interrupted deletion was finished first");
        facts.put("finishedFirst", true);
        try (Progress.Stage stage = stage()) {
            folder.service().finish(ForgetfulFolder.listener(stage)).ifPresent(this::tell);
        }
        return true;
    }

    private Progress.Stage stage() {
        return progress.stage("forgetting", folder.settings().training().steps());
    }

    private void take(List<String> names) throws IOException {
        try {
            folder.service().request(names);
        } catch (IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
        List<String> pending = folder.service().pending();
        String sentence = pending.size() + " requests are on the disk and pending: " + String.join(", ", pending);
        progress.say(sentence);
        lines.add(sentence);
        facts.put("pending", pending);
    }

    private boolean areForgotten(List<String> names) {
        try {
            RecordIds deleted = folder.service().deleted();
            return folder.assembly().model().subjects().recordsOf(names).stream()
                    .allMatch(deleted::contains);
        } catch (IllegalArgumentException unknown) {
            throw ForgetfulFolder.badInput(unknown);
        }
    }

    private static Way choose(Plan plan, Choice choice) {
        return switch (choice) {
            case CHEAPEST -> {
                if (plan.isRefused()) {
                    throw refused(plan);
                }
                yield plan.cheapest();
            }
            case EXACT -> first(plan, Way.ExactRewind.class).orElseThrow(() -> noExact(plan));
            case RETRAIN -> first(plan, Way.Retrain.class).orElseThrow();
        };
    }

    /** Where nobody said how much noise the model tolerates, more than there is of the model is taken for too much. */
    private void requireModel(Way way) throws IOException {
        if (!(way instanceof Way.NoisyRewind noisy)
                || folder.settings().promise().largestSigma() > 0) {
            return;
        }
        double noise = folder.norm(noisy.noise());
        double trained = folder.trainedNorm();
        if (noise > trained) {
            throw new BadInputException(String.format(
                    Locale.ROOT,
                    "refused, nothing was changed: the noise of a %s would have norm %.3g, the trained parameters have %.3g;"
                            + " train with --largest-sigma to have less noise planned for, or give --way retrain, or"
                            + " --any-noise",
                    way.name(),
                    noise,
                    trained));
        }
    }

    private static Optional<Way> first(Plan plan, Class<? extends Way> kind) {
        return plan.ways().stream().filter(kind::isInstance).findFirst();
    }

    private static BadInputException noExact(Plan plan) {
        return new BadInputException("refused, nothing was changed: every checkpoint but the start is contaminated ("
                + plan.candidates().size() + " are stored); --way cheapest may find a certified rewind, --way retrain"
                + " trains again");
    }

    private static BadInputException refused(Plan plan) {
        String why = plan.candidates().stream()
                .filter(candidate ->
                        candidate.checkpoint() > 0 && candidate.refusal().isPresent())
                .reduce((later, earlier) -> earlier)
                .or(() -> plan.candidates().stream().findFirst())
                .map(ForgetJob::words)
                .orElse("no checkpoint is stored");
        return new BadInputException("refused, nothing was changed: " + why + "; what would help: "
                + String.join("; ", plan.advice()) + "; or --way retrain");
    }

    private static String words(Candidate candidate) {
        return "a rewind to step " + candidate.checkpoint() + " is not admissible, "
                + candidate.refusal().orElse("it is the start");
    }

    private void tell(Outcome outcome) {
        if (outcome instanceof Outcome.Released released) {
            tell(released);
        } else {
            lines.add("nothing to do: all of them were forgotten before");
            facts.put("released", false);
        }
    }

    private void tell(Outcome.Released released) {
        Certificate certificate = released.certificate();
        facts.put("released", true);
        facts.put("number", released.number());
        facts.put("folder", released.folder().toString());
        facts.put("certificate", released.folder().resolve(CertificateFile.NAME).toString());
        facts.put("title", certificate.title());
        facts.put("verdict", certificate.verdict().name());
        facts.put("level", certificate.level());
        facts.put("way", certificate.algorithm().name());
        facts.put("checkpoint", certificate.algorithm().checkpoint());
        facts.put("redone", certificate.algorithm().redone());
        facts.put("distance", certificate.bound().delta());
        facts.put("sigma", certificate.noise().sigma());
        facts.put("mu", certificate.privacy().mu());
        facts.put("composedMu", certificate.privacy().composedMu());
        facts.put("attackAuc", certificate.privacy().attackAuc());
        facts.put(
                "points",
                certificate.privacy().points().stream()
                        .map(point -> Map.of("epsilon", point.epsilon(), "delta", point.delta()))
                        .toList());
        lines.add(certificate.title());
        lines.add(String.format(
                Locale.ROOT,
                "distance to the retrained model at most %.6g, noise %.6g per parameter, mu %.6g (of all releases %.6g)",
                certificate.bound().delta(),
                certificate.noise().sigma(),
                certificate.privacy().mu(),
                certificate.privacy().composedMu()));
        certificate
                .privacy()
                .points()
                .forEach(point -> lines.add(
                        String.format(Locale.ROOT, "epsilon %.4g at delta %.4g", point.epsilon(), point.delta())));
        lines.add("released as " + released.folder());
        lines.add("certificate " + released.folder().resolve(CertificateFile.NAME));
    }
}
