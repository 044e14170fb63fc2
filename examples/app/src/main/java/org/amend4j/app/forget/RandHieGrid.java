/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.unlearn.StepListener;

/**
 * Rewinding on ten splits of {@link RandHie}: every weight decay × number of subjects × share of steps redone, the cells that
 * are useless or refused among them, beside the cold run of equal cost.
 */
public final class RandHieGrid {

    // The whole grid.
    static final int SPLITS = 10;
    static final int DRAWS = 20;
    static final List<Double> DECAYS = List.of(0.0, 0.001, 0.01, 0.03);
    static final List<Integer> SUBJECTS = List.of(1, 10, 42);
    static final List<Double> SHARES = List.of(0.1, 0.25, 0.5, 0.9);

    private static final String LEGEND = """

            Mean over splits of the test AUC lost against retraining, noise included, and in brackets the worst split's mean.
            "- (n of 10)": on n splits rounding alone may be more than the bound, so no noise is proved to do.  *: a planner would
            refuse the certificate, mostly because it refuses to redo 9/10 of the steps and more: retraining is hardly dearer.
            cold: what as many steps from the start, without noise, lose. noise / trained: its expected norm over that of the
            retrained parameters. loss, gradient: of the unlearned model on the retained records, before noise and on average over
            it, each above what was promised of it from the checkpoint's loss alone.
            Subjects are inferred from equal covariates in neighbouring rows; the data has no column that says who is who.""";

    private RandHieGrid() {}

    /**
     * For JSON.
     *
     * @param draws of noise, in every cell
     */
    private record Facts(
            String data,
            int splits,
            int draws,
            double epsilon,
            double delta,
            List<GridCell.Facts> cells,
            double seconds) {}

    /**
     * Runs the whole grid and writes {@code grid.json}.
     *
     * @param out a folder, made if it is missing
     */
    public static Report run(Path out, Progress progress) throws IOException {
        long begin = System.nanoTime();
        RandHie data = RandHie.read();
        List<GridCell> cells;
        long steps = (long) SPLITS * DECAYS.size() * RewindStudy.steps(SUBJECTS.size(), SHARES);
        try (Progress.Stage stage = progress.stage("grid of " + SPLITS + " splits", steps)) {
            cells = cells(data, DECAYS, SUBJECTS, SHARES, DRAWS, (step, of) -> {
                synchronized (stage) {
                    stage.step(1);
                }
            });
        }
        return report(cells, out, (System.nanoTime() - begin) / 1e9);
    }

    /** Of some cells, in a folder. */
    static Report report(List<GridCell> cells, Path out, double seconds) throws IOException {
        Facts facts = new Facts(
                "RAND HIE, subjects inferred",
                SPLITS,
                DRAWS,
                RewindStudy.BUDGET.epsilon(),
                RewindStudy.BUDGET.delta(),
                cells.stream().map(GridCell::facts).toList(),
                seconds);
        Report report = new Report(facts, text(cells, out, seconds));
        return report.keep(out.resolve("grid.json"), "Rewinds on RAND HIE", new GridChart(cells).write(out));
    }

    /**
     * Cells of all splits, several at a time.
     *
     * @param progress told of every step by several threads
     */
    static List<GridCell> cells(
            RandHie data,
            List<Double> decays,
            List<Integer> subjects,
            List<Double> shares,
            int draws,
            StepListener progress) {
        return IntStream.range(0, SPLITS * decays.size())
                .parallel()
                .mapToObj(k -> {
                    double decay = decays.get(k / SPLITS);
                    return ofSplit(k % SPLITS, data, decay, subjects, shares, draws, progress);
                })
                .flatMap(List::stream)
                .toList();
    }

    private static List<GridCell> ofSplit(
            int split,
            RandHie data,
            double decay,
            List<Integer> subjects,
            List<Double> shares,
            int draws,
            StepListener progress) {
        try {
            RewindStudy study = RewindStudy.of(split, data, decay, shares, progress);
            List<GridCell> cells = new ArrayList<>();
            for (int count : subjects) {
                RewindStudy.Deletion deletion = study.without(count);
                for (double share : shares) {
                    cells.add(deletion.rewind(share, draws));
                }
            }
            return cells;
        } catch (IOException memoryOnly) {
            throw new UncheckedIOException(memoryOnly);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", stopped);
        }
    }

    static String text(List<GridCell> cells, Path out, double seconds) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "RAND HIE, T = %d, epsilon %s, delta %s, N0 = %,.0f, step 1/(1/4 + lambda), %d splits x %d draws%n%n%-24s",
                VisitModel.STEPS,
                RewindStudy.BUDGET.epsilon(),
                RewindStudy.BUDGET.delta(),
                VisitModel.NORMALISER,
                SPLITS,
                DRAWS,
                "lambda, subjects"));
        SHARES.forEach(share -> text.append(String.format(Locale.ROOT, "%18s", "K/T = " + share)));
        text.append(System.lineSeparator());
        for (double decay : DECAYS) {
            for (int subjects : SUBJECTS) {
                lines(text, of(cells, decay, subjects), decay, subjects);
            }
        }
        long above = cells.stream()
                .filter(cell -> cell.distance() > cell.bound().delta() + 1e-12)
                .count();
        long broken = cells.stream().filter(RandHieGrid::isAbovePromise).count();
        return text.append(LEGEND)
                .append(String.format(
                        Locale.ROOT,
                        "%n|U - R| was above the bound + 1e-12 in %d of %,d runs, loss or gradient before noise"
                                + " above what was promised in %d.%nThe whole job took %.0f s. All cells are in"
                                + " %s.",
                        above,
                        cells.size(),
                        broken,
                        seconds,
                        out.resolve("grid.json")))
                .toString();
    }

    /** Before noise; after it, promises are about averages. */
    static boolean isAbovePromise(GridCell cell) {
        Utility utility = cell.utility();
        return utility.loss().measured() > utility.loss().bound() * (1 + 1e-12)
                || utility.gradient().measured() > utility.gradient().bound() + 1e-12;
    }

    private static List<GridCell> of(List<GridCell> cells, double decay, int subjects) {
        return cells.stream()
                .filter(cell -> cell.deletion().weightDecay() == decay
                        && cell.deletion().subjects() == subjects)
                .toList();
    }

    private static void lines(StringBuilder text, List<GridCell> cells, double decay, int subjects) {
        row(
                text,
                String.format(
                        Locale.ROOT,
                        "%s, %d (AUC %.4f)",
                        decay,
                        subjects,
                        mean(cells, cell -> cell.auc().retrained())));
        for (double share : SHARES) {
            text.append(String.format(Locale.ROOT, "%18s", loss(at(cells, share))));
        }
        numbers(text, "  cold", cells, "%.4f", cell -> cell.auc().coldLoss());
        numbers(text, "  bound", cells, "%.2e", cell -> cell.bound().delta());
        numbers(text, "  sigma", cells, "%.2e", cell -> cell.noise().sigma());
        numbers(text, "  noise / trained", cells, "%.3g", cell -> cell.noise().share());
        numbers(text, "  |U - R|", cells, "%.2e", GridCell::distance);
        utility(text, cells, "  loss", "%.6f", Utility::loss);
        utility(text, cells, "  loss, noise", "%.6f", Utility::releasedLoss);
        utility(text, cells, "  gradient", "%.2e", Utility::gradient);
        utility(text, cells, "  gradient, noise", "%.2e", Utility::releasedGradient);
        text.append(System.lineSeparator());
    }

    private static void utility(
            StringBuilder text,
            List<GridCell> cells,
            String name,
            String format,
            Function<Utility, Utility.Bounded> which) {
        numbers(text, name, cells, format, cell -> which.apply(cell.utility()).measured());
        numbers(
                text,
                "    at most",
                cells,
                format,
                cell -> which.apply(cell.utility()).bound());
    }

    private static void row(StringBuilder text, String name) {
        text.append(String.format(Locale.ROOT, "%-24s", name));
    }

    private static void numbers(
            StringBuilder text, String name, List<GridCell> cells, String format, ToDoubleFunction<GridCell> value) {
        text.append(System.lineSeparator());
        row(text, name);
        for (double share : SHARES) {
            double mean = mean(at(cells, share), value);
            text.append(String.format(
                    Locale.ROOT, "%18s", Double.isNaN(mean) ? "-" : String.format(Locale.ROOT, format, mean)));
        }
    }

    private static List<GridCell> at(List<GridCell> cells, double share) {
        return cells.stream()
                .filter(cell -> Math.abs(cell.steps().share() - share) < 1e-9)
                .toList();
    }

    /** NaN if it is for one of them. */
    static double mean(List<GridCell> cells, ToDoubleFunction<GridCell> value) {
        return cells.stream().mapToDouble(value).average().orElse(Double.NaN);
    }

    private static String loss(List<GridCell> cells) {
        List<GridCell> released =
                cells.stream().filter(cell -> !cell.auc().released().isEmpty()).toList();
        if (released.size() < cells.size()) {
            return "- (" + (cells.size() - released.size()) + " of " + cells.size() + ") ";
        }
        double worst =
                released.stream().mapToDouble(cell -> cell.auc().loss()).max().orElse(Double.NaN);
        boolean refused =
                released.stream().anyMatch(cell -> cell.noise().refusal().isPresent());
        return String.format(
                Locale.ROOT, "%.4f (%.4f)%s", mean(released, cell -> cell.auc().loss()), worst, refused ? "*" : " ");
    }
}
