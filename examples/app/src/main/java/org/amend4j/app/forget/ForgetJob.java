/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.service.DeletionDecision;
import org.amend4j.service.Refusal;
import org.amend4j.service.RequestOutcome;
import org.amend4j.transparency.TreeHead;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;

/** Takes requests to be forgotten and answers them. */
public final class ForgetJob {

    /** How subjects are to be forgotten. */
    public enum Choice {
        /** The cheapest that keeps the model as good as its own training: convergence, a rewind, exact or with little noise, or retraining. */
        CHEAPEST,
        /** A rewind, exact or with little noise; refused where there is none. */
        REWIND,
        /** A rewind without noise. */
        EXACT,
        /** Further steps until the gradient is small; refused where that proves nothing. */
        CONVERGE,
        /** Training again from the start. */
        RETRAIN
    }

    /** Refusals, and names, that are told one by one. */
    private static final int MOST_LINES = 20;

    private final ForgetfulFolder folder;
    private final Progress progress;
    private final List<String> lines = new ArrayList<>();
    private boolean finishedFirst;
    private Optional<Answered> finished = Optional.empty();
    private Optional<Asked> asked = Optional.empty();
    private Optional<Answered> answered = Optional.empty();
    private Optional<Evaluation> evaluation = Optional.empty();
    private Optional<Evaluated> evaluated = Optional.empty();

    /**
     * What is to be evaluated.
     *
     * @param holdout rows that no model was trained on
     * @param retrained whether a model is retrained in memory to be compared with
     */
    public record Evaluation(Path holdout, boolean retrained) {}

    /** How well the models do that were there before and after, and one retrained without the forgotten. */
    private record Evaluated(
            HoldoutTable.Score before, HoldoutTable.Score after, Optional<HoldoutTable.Score> retrained) {

        List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add("of " + before.rows() + " rows held out:");
            lines.add("  before     " + before);
            lines.add("  after      " + after);
            retrained.ifPresent(score -> lines.add("  retrained  " + score));
            return lines;
        }
    }

    /**
     * For JSON.
     *
     * @param finishedFirst whether an interrupted deletion was finished first; no field if there was none
     * @param finished what came of it, if something else was answered then
     * @param asked what was taken
     * @param answered the outcome of all pending requests, or of the interrupted deletion if nothing else was to do
     * @param holdout how well the models do; no field unless it was asked for
     * @param page of the newest certificate, for people
     */
    private record Facts(
            Optional<Boolean> finishedFirst,
            Optional<Answered> finished,
            @JsonUnwrapped Optional<Asked> asked,
            @JsonUnwrapped Optional<Answered> answered,
            Optional<Evaluated> holdout,
            HeadJob.Head head,
            Optional<String> page) {}

    /**
     * Requests that were taken.
     *
     * @param forgottenBefore the names that were forgotten before; no field if there are none
     */
    private record Asked(List<String> pending, Optional<List<String>> forgottenBefore) {}

    /** What was answered: a release, or that there was nothing to do. */
    private record Answered(boolean released, @JsonUnwrapped Optional<ReleaseFacts> release) {}

    public ForgetJob(ForgetfulFolder folder, Progress progress) {
        this.folder = folder;
        this.progress = progress;
    }

    /** The same job, which evaluates the models before and after a release as well. */
    public ForgetJob evaluating(Optional<Evaluation> wanted) {
        evaluation = wanted;
        return this;
    }

    /**
     * Finishes an interrupted deletion, takes requests, and answers them and all that are pending.
     *
     * @param names all different; may be empty
     * @param anyNoise whether noise that is not little is taken as well, up to what the settings tolerate
     * @throws BadInputException if a subject is not known, or there is no such method; nothing was changed then, except that an interrupted
     *     deletion was finished
     */
    public Report forget(List<String> names, Choice choice, boolean anyNoise) throws IOException, InterruptedException {
        requireStart(choice);
        Optional<HoldoutTable> holdout = evaluation.map(wanted -> HoldoutTable.read(folder, wanted.holdout()));
        requireStart();
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
        DeletionDecision answer = prepare(names, choice, anyNoise);
        String taken = take(names);
        if (!answer.isRefusal()) {
            progress.say(taken);
        }
        Optional<HoldoutTable.Score> before = holdout.map(HoldoutTable::released);
        give(answer, choice);
        holdout.ifPresent(rows ->
                evaluate(rows, before.orElseThrow(), evaluation.orElseThrow().retrained()));
        return report();
    }

    private void evaluate(HoldoutTable rows, HoldoutTable.Score before, boolean retrained) {
        evaluated = Optional.of(new Evaluated(
                before, rows.released(), retrained ? Optional.of(rows.retrained(progress)) : Optional.empty()));
        lines.addAll(evaluated.get().lines());
    }

    private void requireStart() {
        if (folder.isEmpirical() && evaluation.filter(Evaluation::retrained).isPresent()) {
            throw new BadInputException("--retrained: nobody knows where the adopted model's training began");
        }
    }

    private void requireStart(Choice choice) {
        if (choice == Choice.RETRAIN && folder.isEmpirical()) {
            throw new BadInputException(
                    "refused, nothing was changed: nobody knows where the adopted model's training began;"
                            + " unlearn train trains a new one, without the rows of those who are to be forgotten");
        }
    }

    private DeletionDecision prepare(List<String> names, Choice choice, boolean anyNoise) throws IOException {
        try {
            return folder.service().prepare(names, plan -> method(plan, choice, anyNoise));
        } catch (IOException | IllegalArgumentException refused) {
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
            lines.add(take(names));
        }
        return report();
    }

    /** Also the pages of certificates that a killed process left without one. */
    private Report report() {
        TreeHead head = folder.service().head();
        lines.add(HeadJob.sentence(head));
        Facts facts = new Facts(
                Optional.of(true).filter(first -> finishedFirst),
                finished,
                asked,
                answered,
                evaluated,
                HeadJob.Head.of(head),
                page().map(Path::toString));
        return new Report(facts, String.join(System.lineSeparator(), lines));
    }

    private Optional<Path> page() {
        try {
            Optional<Path> newest = Pages.ofReleases(folder);
            newest.ifPresent(page -> lines.add("the newest certificate for people: " + page));
            return newest;
        } catch (IOException failed) {
            lines.add("a page of a certificate could not be written, which the certificate does not need: "
                    + Reasons.of(failed));
            return Optional.empty();
        }
    }

    private boolean finish() throws IOException, InterruptedException {
        folder.requireTrained();
        if (!folder.service().hasUnfinished()) {
            return false;
        }
        progress.say("a deletion was interrupted and is finished first");
        lines.add("an interrupted deletion was finished first");
        finishedFirst = true;
        try (Progress.Stage stage = stage()) {
            folder.service().finish(ForgetfulFolder.listener(stage)).ifPresent(this::tell);
        }
        answered.flatMap(Answered::release)
                .ifPresent(release -> progress.say("the interrupted deletion is finished: released as "
                        + release.place().folder()));
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

    /** What is answered now has fields of the same names as what was finished first. */
    private void beginAnother() {
        finished = answered;
        answered = Optional.empty();
    }

    private Progress.Stage stage() {
        return progress.stage("forgetting", folder.settings().training().steps());
    }

    /** Says who is pending. */
    private String take(List<String> names) throws IOException {
        List<String> forgotten =
                names.stream().filter(folder.service()::wasForgotten).toList();
        try {
            folder.service().request(names);
        } catch (IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
        List<String> pending = folder.service().pending();
        asked = Optional.of(new Asked(pending, Optional.of(forgotten).filter(before -> !before.isEmpty())));
        if (!forgotten.isEmpty()) {
            lines.add("forgotten before, so nothing to do for: " + first(forgotten));
        }
        return counted(pending.size()) + " on the disk and pending: " + String.join(", ", pending);
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
            case CHEAPEST -> anyNoise ? repeatable(folder, plan.cheapest()) : byDefault(folder, plan);
            case REWIND -> plan.cheapestRewind(anyNoise ? Double.POSITIVE_INFINITY : UnlearningPlan.LITTLE_NOISE);
            case CONVERGE -> first(plan, UnlearningMethod.Converge.class);
            case EXACT -> first(plan, UnlearningMethod.ExactRewind.class);
            case RETRAIN -> first(plan, UnlearningMethod.Retrain.class);
        };
    }

    /** The default method; empty if that is retraining and the model cannot be retrained. */
    static Optional<UnlearningMethod> byDefault(ForgetfulFolder folder, UnlearningPlan plan) {
        return repeatable(folder, plan.recommended());
    }

    private static Optional<UnlearningMethod> repeatable(ForgetfulFolder folder, UnlearningMethod method) {
        return Optional.of(method).filter(one -> !folder.isEmpirical() || !(one instanceof UnlearningMethod.Retrain));
    }

    private static Optional<UnlearningMethod> first(UnlearningPlan plan, Class<? extends UnlearningMethod> kind) {
        return plan.methods().stream().filter(kind::isInstance).findFirst();
    }

    private String reasons(DeletionDecision answer, RequestOutcome.Refused none, Choice choice) {
        if (choice == Choice.CONVERGE) {
            return folder.assembly()
                    .problem()
                    .convergenceRefusal()
                    .orElse("the policy does not admit the noise of a deletion by convergence");
        }
        boolean noneIsExact = answer.plan().candidates().stream()
                .noneMatch(candidate ->
                        candidate.checkpoint() > 0 && candidate.drift().isExact());
        return choice == Choice.EXACT && noneIsExact
                ? "every stored checkpoint after step 0 has used their records, so no rewind is exact"
                : none.refused().stream().map(ForgetJob::words).collect(Collectors.joining("; "));
    }

    /** What would help. */
    private String help(UnlearningPlan plan, Choice choice) {
        if (choice == Choice.EXACT || choice == Choice.CONVERGE) {
            return "--method cheapest takes a certified rewind, or trains again, as --method retrain does";
        }
        if (folder.isEmpirical()) {
            return "--any-noise, after which the model may be worth less, or unlearn train without their rows";
        }
        if (plan.methods().stream().anyMatch(UnlearningMethod.Converge.class::isInstance)) {
            return "--method converge, with hardly any noise, or --method retrain, which is exact";
        }
        if (!plan.isRefused()) {
            return "--method retrain, which is exact, or --any-noise, after which the model may be worth less";
        }
        return String.join("; ", plan.advice()) + "; or --method retrain";
    }

    private void tell(RequestOutcome outcome) {
        if (outcome instanceof RequestOutcome.Released released) {
            tell(released);
        } else {
            lines.add("nothing to do: all of them were forgotten before");
            answered = Optional.of(new Answered(false, Optional.empty()));
        }
    }

    private void give(DeletionDecision answer, Choice choice) throws IOException, InterruptedException {
        answer.method().ifPresent(method -> {
            int steps = folder.settings().training().steps();
            progress.say(TakenMethod.words(method, steps, answer.plan().largestNorm()) + ". "
                    + TakenMethod.warning(method, folder.latestRelease()));
        });
        boolean converges = answer.method()
                .filter(UnlearningMethod.Converge.class::isInstance)
                .isPresent();
        try (Progress.Stage stage = converges ? progress.stage("forgetting", 1) : stage()) {
            RequestOutcome outcome = folder.service().answer(answer, ForgetfulFolder.listener(stage));
            if (converges) {
                stage.reach(1);
            }
            if (outcome instanceof RequestOutcome.Refused none) {
                throw new BadInputException("refused, and the ledger says so: "
                        + reasons(answer, none, choice)
                        + "; what would help: " + help(none.plan(), choice) + "; then ask again");
            }
            tell(outcome);
        }
    }

    private static String words(Refusal refusal) {
        return "request " + refusal.ticket() + " (" + refusal.name() + "), " + refusal.reason();
    }

    private void tell(List<Refusal> refused) {
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
        ReleaseFacts release = ReleaseFacts.of(released);
        answered = Optional.of(new Answered(true, Optional.of(release)));
        lines.addAll(release.lines());
        tell(released.refused());
        lines.add("certificate " + release.place().certificate());
    }
}
