/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.ProximalRewind;
import org.amend4j.unlearn.ProximalRewind.Reconstruction;
import org.amend4j.unlearn.Replay;
import org.amend4j.unlearn.RewindToDelete;
import org.jspecify.annotations.Nullable;

/**
 * Takes over a model with a known end and an unknown start: checkpoints are reconstructed by inverting its last steps.
 * Everything derived from them is EMPIRICAL and never certified.
 */
final class ReconstructJob {

    private static final double TOLERANCE = 1e-13;
    private static final int SHARE = 4;

    private final AdoptJob.Wish wish;
    private final List<String> lines = new ArrayList<>(List.of(Reconstruction.LABEL));
    private final List<Point> points = new ArrayList<>();

    ReconstructJob(AdoptJob.Wish wish) {
        this.wish = wish;
    }

    /** What was reconstructed: the earliest point, and the largest residual. */
    @SuppressWarnings("ArrayRecordComponent") // never leaves the class
    private record Found(double[] earliest, double residual) {}

    /**
     * For JSON.
     *
     * @param exact never
     * @param residual the largest
     */
    private record Facts(
            @JsonUnwrapped ForgettingTrainReport.Facts trained,
            String label,
            boolean exact,
            double residual,
            List<Point> reconstructed) {}

    /**
     * A reconstructed point.
     *
     * @param distance from the known model, where there is one
     */
    private record Point(int step, double residual, OptionalDouble distance) {}

    /**
     * Reconstructs, compares with the points that are known, and makes the folder.
     *
     * @param known the end among them
     * @throws BadInputException if steps cannot be inverted; nothing is written then
     */
    Report run(
            ForgettingSettings settings,
            ForgetfulNetwork end,
            NavigableMap<Integer, double[]> known,
            Adoption adoption,
            Progress progress)
            throws IOException {
        if (wish.head()) {
            throw new BadInputException("--train head needs the start of the training, --checkpoint 0=FILE:"
                    + " steps of a whole network alone are inverted");
        }
        try {
            SubjectTable table = SubjectTable.read(wish.trained().data(), settings.table(), end.configuration());
            ForgettingSettings asked = settings.training(adoption.recipe(), table);
            AdoptJob.requireRows(wish, adoption.recipe(), table);
            Assembly assembly = Assembly.of(asked, end, table, new byte[32], Optional.of(adoption));
            try (MemoryVault trajectory =
                    new MemoryVault(assembly.problem().objective().dimension())) {
                long begin = System.nanoTime();
                Found found = found(assembly.model().run(), known, trajectory, progress);
                double seconds = (System.nanoTime() - begin) / 1e9;
                trajectory.keep(0, found.earliest());
                Adoption made = adoption.reconstructed(known.size() - 1, found.residual());
                ForgetfulNetwork start = ForgetfulNetwork.trainedElsewhere(
                        end.with(assembly.problem(), found.earliest()),
                        wish.trained().model());
                ForgettingSettings settled =
                        asked.adopting(made.what("ALL"), made.facts().model());
                try (ForgetfulFolder folder = ForgetfulFolder.begin(
                        wish.out(), wish.keys(), wish.trained().data(), start, settled, Optional.of(made))) {
                    folder.adopt(
                            trajectory,
                            seconds / AdoptJob.gradients(assembly.model().run()));
                    return report(folder, found);
                }
            }
        } catch (ArithmeticException diverges) {
            throw new BadInputException(
                    "the training cannot be inverted so far: " + diverges.getMessage()
                            + "; a smaller --reconstruct may help",
                    diverges);
        } catch (IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
    }

    private Found found(
            RewindToDelete run, NavigableMap<Integer, double[]> known, MemoryVault trajectory, Progress progress)
            throws IOException {
        int last = run.recipe().steps();
        int first = last - Math.min(last, wish.reconstruct() > 0 ? wish.reconstruct() : (last + SHARE - 1) / SHARE);
        ProximalRewind proximal = new ProximalRewind(run, TOLERANCE);
        double[] theta = Objects.requireNonNull(known.get(last)).clone();
        trajectory.keep(last, theta);
        double residual = Double.MIN_NORMAL;
        int at = last;
        try (Progress.Stage stage = progress.stage("reconstructing", last - first)) {
            for (int step = last - 1; step >= first; step--) {
                double @Nullable [] truth = known.get(step);
                if (step > first && truth == null && !run.recipe().isKept(step)) {
                    continue;
                }
                Reconstruction back = proximal.back(theta, at, at - step);
                theta = back.theta();
                at = step;
                residual = Math.max(residual, back.residual());
                tell(back, truth, theta);
                if (step > 0) {
                    trajectory.keep(step, truth == null ? theta : truth);
                }
                stage.reach(last - step);
            }
        }
        return new Found(theta, residual);
    }

    private void tell(Reconstruction back, double @Nullable [] truth, double[] theta) {
        OptionalDouble distance =
                truth == null ? OptionalDouble.empty() : OptionalDouble.of(Replay.distance(theta, truth));
        String line = String.format(Locale.ROOT, "reconstructed step %d: residual %.3g", back.step(), back.residual());
        if (distance.isPresent()) {
            line += String.format(Locale.ROOT, ", %.6g away from the known model", distance.getAsDouble());
        }
        points.add(new Point(back.step(), back.residual(), distance));
        lines.add(line);
    }

    private Report report(ForgetfulFolder folder, Found found) throws IOException {
        Facts facts =
                new Facts(ForgettingTrainReport.facts(folder), Reconstruction.LABEL, false, found.residual(), points);
        lines.add(ForgettingTrainReport.text(folder));
        return new Report(facts, String.join(System.lineSeparator(), lines));
    }
}
