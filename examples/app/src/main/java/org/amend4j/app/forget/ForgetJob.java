/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.data.Reasons;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.service.Answer;
import org.amend4j.service.Refusal;
import org.amend4j.service.RequestOutcome;
import org.amend4j.transparency.TreeHead;
import org.amend4j.unlearn.ProximalRewind;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;

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

    /** The largest share of the movement that training can make, that noise may have where nobody set a limit. */
    private static final double UNASKED_NOISE = 0.1;

    /** Refusals, and names, that are told one by one. */
    private static final int MOST_LINES = 20;

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
     * @param anyNoise whether noise above a tenth of the largest movement that training can make is taken as well, where the
     *     settings set no limit
     * @throws BadInputException if a subject is not known, or there is no such method; nothing was changed then, but for what was
     *     finished
     */
    public Report forget(List<String> names, Choice choice, boolean anyNoise) throws IOException, InterruptedException {
        requireStart(choice);
        boolean finished = finish();
        if (names.isEmpty() && folder.service().pending().isEmpty()) {
            if (!finished) {
                throw new BadInputException("nobody is to be forgotten: name somebody with --subject");
            }
            return report();
        }
        if (folder.service().pending().isEmpty() && areForgotten(names)) {
            tellForgotten(finished);
            return report();
        }
        beginAnother();
        Answer answer = prepare(names, choice, anyNoise);
        if (folder.service().pending().isEmpty() && answer.isRefusal()) {
            // they may be asked for with another method
            String changed = finished
                    ? "refused, only an interrupted deletion was finished: "
                    : "refused, nothing was changed: ";
            throw new BadInputException(
                    changed + obstacle(answer, choice) + "; what would help: " + help(answer.plan(), choice));
        }
        take(names);
        give(answer, choice);
        return report();
    }

    private void requireStart(Choice choice) {
        if (choice == Choice.RETRAIN && folder.isEmpirical()) {
            throw new BadInputException(
                    "refused, nothing was changed: nobody knows where the adopted model's training began;"
                            + " unlearn train trains a new one, without the rows of those who are to be forgotten");
        }
    }

    private Answer prepare(List<String> names, Choice choice, boolean anyNoise) throws IOException {
        try {
            return folder.service().prepare(names, plan -> method(plan, choice, anyNoise));
        } catch (IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
    }

    /** Takes requests and leaves them pending. */
    public Report request(List<String> names) throws IOException, InterruptedException {
        boolean finished = finish();
        if (folder.service().pending().isEmpty() && areForgotten(names)) {
            tellForgotten(finished);
        } else {
            beginAnother();
            take(names);
        }
        return report();
    }

    /** Also the pages of certificates that a killed process left without one. */
    private Report report() {
        TreeHead head = folder.service().head();
        facts.put("head", HeadJob.facts(head));
        lines.add(HeadJob.sentence(head));
        try {
            Pages.ofReleases(folder).ifPresent(newest -> {
                facts.put("page", newest.toString());
                lines.add("the newest certificate for people: " + newest);
            });
        } catch (IOException failed) {
            lines.add("a page of a certificate could not be written, which the certificate does not need: "
                    + Reasons.of(failed));
        }
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
        progress.say("the interrupted deletion is finished: released as " + facts.get("folder"));
        return true;
    }

    /** Who gave the same command again has the answer already: what was finished. */
    private void tellForgotten(boolean finished) {
        if (finished) {
            lines.add("nothing else to do: all of them are forgotten");
        } else {
            tell(new RequestOutcome.NothingPending());
        }
    }

    /** What is answered now has facts of the same names as what was finished first. */
    private void beginAnother() {
        if (facts.containsKey("finishedFirst")) {
            Map<String, Object> finished = new LinkedHashMap<>(facts);
            finished.remove("finishedFirst");
            facts.clear();
            facts.put("finishedFirst", true);
            facts.put("finished", finished);
        }
    }

    private Progress.Stage stage() {
        return progress.stage("forgetting", folder.settings().training().steps());
    }

    private void take(List<String> names) throws IOException {
        List<String> forgotten =
                names.stream().filter(folder.service()::wasForgotten).toList();
        try {
            folder.service().request(names);
        } catch (IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
        List<String> pending = folder.service().pending();
        String sentence = counted(pending.size()) + " on the disk and pending: " + String.join(", ", pending);
        progress.say(sentence);
        lines.add(sentence);
        facts.put("pending", pending);
        if (!forgotten.isEmpty()) {
            facts.put("forgottenBefore", forgotten);
            lines.add("forgotten before, so nothing to do for: " + first(forgotten));
        }
    }

    private static String first(List<String> names) {
        String listed = names.stream().limit(MOST_LINES).collect(Collectors.joining(", "));
        return names.size() > MOST_LINES ? listed + " and " + (names.size() - MOST_LINES) + " more" : listed;
    }

    private boolean areForgotten(List<String> names) {
        return names.stream().allMatch(folder.service()::wasForgotten);
    }

    private Optional<UnlearningMethod> method(UnlearningPlan plan, Choice choice, boolean anyNoise) {
        return switch (choice) {
            case CHEAPEST -> anyNoise ? rewind(plan) : rewind(folder, plan);
            case EXACT -> first(plan, UnlearningMethod.ExactRewind.class);
            case RETRAIN -> first(plan, UnlearningMethod.Retrain.class);
        };
    }

    private static Optional<UnlearningMethod> rewind(UnlearningPlan plan) {
        return Optional.of(plan.cheapest()).filter(method -> !plan.isRefused());
    }

    /**
     * The rewind that is taken if nobody asks for another: the cheapest that nobody has to be asked for before a release gets its
     * noise. What the trained parameters are must not decide that: it would tell of the forgotten.
     */
    static Optional<UnlearningMethod> rewind(ForgetfulFolder folder, UnlearningPlan plan) {
        return folder.settings().promise().largestSigma() > 0 ? rewind(plan) : plan.cheapestRewind(UNASKED_NOISE);
    }

    private static Optional<UnlearningMethod> first(UnlearningPlan plan, Class<? extends UnlearningMethod> kind) {
        return plan.methods().stream().filter(kind::isInstance).findFirst();
    }

    private static String obstacle(Answer answer, Choice choice) {
        boolean noneIsExact = answer.plan().candidates().stream()
                .noneMatch(candidate ->
                        candidate.checkpoint() > 0 && candidate.drift().isExact());
        return choice == Choice.EXACT && noneIsExact
                ? "every stored checkpoint after step 0 has used their records, so no rewind is exact"
                : answer.refusals().get(0).reason();
    }

    /** What would help. */
    private static String help(UnlearningPlan plan, Choice choice) {
        if (choice == Choice.EXACT) {
            return "--method cheapest may find a certified rewind, --method retrain trains again";
        }
        if (!plan.isRefused()) {
            return "train with --largest-sigma, which is planned for, or give --method retrain, or --any-noise";
        }
        return String.join("; ", plan.advice()) + "; or --method retrain";
    }

    private void tell(RequestOutcome outcome) {
        if (outcome instanceof RequestOutcome.Released released) {
            tell(released);
        } else {
            lines.add("nothing to do: all of them were forgotten before");
            facts.put("released", false);
        }
    }

    private void give(Answer answer, Choice choice) throws IOException, InterruptedException {
        try (Progress.Stage stage = stage()) {
            RequestOutcome outcome = folder.service().answer(answer, ForgetfulFolder.listener(stage));
            if (outcome instanceof RequestOutcome.Refused none) {
                throw new BadInputException("refused, and the ledger says so: "
                        + none.refused().stream().map(ForgetJob::words).collect(Collectors.joining("; "))
                        + "; what would help: " + help(none.plan(), choice) + "; then ask again");
            }
            tell(outcome);
        }
    }

    private static String words(Refusal refusal) {
        return "request " + refusal.ticket() + " (" + refusal.name() + "), " + refusal.reason();
    }

    private void tell(List<Refusal> refused) {
        facts.put(
                "refused",
                refused.stream()
                        .map(refusal -> Map.of(
                                "ticket", refusal.ticket(),
                                "subject", refusal.name(),
                                "alone", refusal.alone(),
                                "reason", refusal.reason()))
                        .toList());
        if (refused.isEmpty()) {
            return;
        }
        lines.add(counted(refused.size()) + " refused, and may be made again, with --method retrain for example:");
        refused.stream().limit(MOST_LINES).forEach(refusal -> lines.add("  " + words(refusal)));
        if (refused.size() > MOST_LINES) {
            lines.add("  and " + (refused.size() - MOST_LINES) + " more: --json has all of them");
        }
    }

    private static String counted(int requests) {
        return requests + (requests == 1 ? " request is" : " requests are");
    }

    private void tell(RequestOutcome.Released released) {
        Certificate certificate = released.certificate();
        facts.put("released", true);
        if (certificate.claim().verdict() == Certificate.Verdict.EMPIRICAL) {
            facts.put("label", ProximalRewind.Reconstruction.LABEL);
            lines.add(ProximalRewind.Reconstruction.LABEL);
        }
        facts.put("number", released.number());
        facts.put("folder", released.folder().toString());
        facts.put("certificate", released.folder().resolve(CertificateFile.NAME).toString());
        facts.put("title", certificate.claim().title());
        facts.put("verdict", certificate.claim().verdict().name());
        facts.put("level", certificate.claim().level());
        facts.put("way", certificate.grounds().algorithm().name());
        facts.put("checkpoint", certificate.grounds().algorithm().checkpoint());
        facts.put("redone", certificate.grounds().algorithm().redone());
        facts.put("distance", certificate.grounds().bound().delta());
        facts.put("sigma", certificate.protection().noise().sigma());
        facts.put("mu", certificate.protection().privacy().mu());
        facts.put("composedMu", certificate.protection().privacy().composedMu());
        facts.put("attackAuc", certificate.protection().privacy().attackAuc());
        facts.put(
                "points",
                certificate.protection().privacy().points().stream()
                        .map(point -> Map.of("epsilon", point.epsilon(), "delta", point.delta()))
                        .toList());
        lines.add(certificate.claim().title());
        lines.add(String.format(
                Locale.ROOT,
                "distance to the retrained model at most %.6g, noise %.6g per parameter, mu %.6g (of all releases %.6g)",
                certificate.grounds().bound().delta(),
                certificate.protection().noise().sigma(),
                certificate.protection().privacy().mu(),
                certificate.protection().privacy().composedMu()));
        certificate
                .protection()
                .privacy()
                .points()
                .forEach(point -> lines.add(
                        String.format(Locale.ROOT, "epsilon %.4g at delta %.4g", point.epsilon(), point.delta())));
        lines.add("released as " + released.folder());
        tell(released.refused());
        lines.add("certificate " + released.folder().resolve(CertificateFile.NAME));
    }
}
