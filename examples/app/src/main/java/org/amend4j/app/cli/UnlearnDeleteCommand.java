/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.util.Optional;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.forget.ForgetJob;
import org.amend4j.app.forget.ForgetfulFolder;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Forgets. */
@Command(
        name = "delete",
        description =
                "Makes the model forget somebody and releases it anew, with a certificate. What is forgotten cannot be had"
                        + " back: checkpoints that saw it are destroyed, and earlier releases removed. If interrupted, the next call resumes where it stopped. Requests that cannot be met are refused with"
                        + " the reason and hold up nobody else's: exit code 4 if some were met, 2 if none was.")
final class UnlearnDeleteCommand extends Job {

    @Mixin
    private ForgetfulOptions model = new ForgetfulOptions();

    @Mixin
    private SubjectOptions subjects = new SubjectOptions();

    @Option(
            names = "--method",
            description =
                    "${COMPLETION-CANDIDATES}: the cheapest that leaves a model as good as training does, which is"
                            + " convergence (convex losses with weight decay), an exact rewind, a certified one with noise of"
                            + " at most a hundredth of the norm that parameters can have, or training again; only a rewind;"
                            + " only an exact rewind, without noise; only steps until the gradient is small; or training again"
                            + " from the start (default: cheapest).")
    private ForgetJob.@Nullable Choice method;

    /** What {@code --method} was called before. */
    @Option(names = "--way", hidden = true)
    private ForgetJob.@Nullable Choice way;

    @Option(
            names = "--any-noise",
            description = "With cheapest and rewind: also take noise above that hundredth, up to --largest-sigma of the"
                    + " training if it had one, which is a second limit and never lifts the first. The model may then be"
                    + " worth less, or nothing: unlearn plan shows the noise, --holdout what is left.")
    private boolean anyNoise;

    @Option(
            names = "--request-only",
            description = "Only take the requests; the next call without it answers all that are pending at once.")
    private boolean requestOnly;

    @Mixin
    private HoldoutOptions holdout = new HoldoutOptions();

    @Mixin
    private MasterOption master = new MasterOption();

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        var names = subjects.names();
        if (requestOnly && names.isEmpty()) {
            throw new BadInputException("--request-only needs somebody, named with --subject");
        }
        ForgetJob.Choice choice = choice();
        Optional<ForgetJob.Evaluation> evaluation =
                holdout.holdout().map(rows -> new ForgetJob.Evaluation(rows, holdout.retrained()));
        if (requestOnly && evaluation.isPresent()) {
            throw new BadInputException(
                    "--request-only only takes requests: give --holdout to the delete that answers them");
        }
        if (requestOnly && (method != null || way != null)) {
            throw new BadInputException(
                    "--request-only only takes requests: give --method to the delete that answers them");
        }
        try (Cluster cluster = requestOnly // nothing is computed
                        ? Cluster.here()
                        : master.open("amend4j unlearn delete", device(), progress);
                ForgetfulFolder folder = model.open(cluster, progress)) {
            ForgetJob job = new ForgetJob(folder, progress).evaluating(evaluation);
            return requestOnly ? job.request(names) : job.forget(names, choice, anyNoise);
        }
    }

    private ForgetJob.Choice choice() {
        if (method != null && way != null) {
            throw new BadInputException("--way is what --method was called before: give only one of them");
        }
        if (method != null) {
            return method;
        }
        return way != null ? way : ForgetJob.Choice.CHEAPEST;
    }

    @Override
    int exitCode(Report report) {
        return report.tree().path("refused").isEmpty() ? 0 : Amend4j.PARTLY_REFUSED;
    }
}
