/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.app.forget.GridCell;
import org.amend4j.app.forget.RewindStudy;

/**
 * What a rewind costs and gains, over the share of steps redone and the number of subjects, compared with the cold run of equal cost.
 *
 * @param cells all of them
 * @param coldSteps by subjects: from which step on a training from the start is as good as the whole one, but for {@link #WITHIN}
 */
record TablePart(List<GridCell> cells, Map<Integer, Integer> coldSteps) implements DemoStep {

    // Every knob.
    static final List<Integer> SUBJECTS = List.of(1, 10, CertifiedPart.SUBJECTS);
    static final List<Double> SHARES = List.of(0.05, 0.1, 0.25, 0.5, 0.75, 0.9);
    static final int DRAWS = 200;
    static final double WITHIN = 0.001;

    /** Every deletion and every share. */
    static TablePart of(List<RewindStudy.Deletion> deletions, int draws) throws IOException, InterruptedException {
        List<GridCell> cells = new ArrayList<>();
        Map<Integer, Integer> cold = new TreeMap<>();
        for (RewindStudy.Deletion deletion : deletions) {
            for (double share : SHARES) {
                GridCell cell = deletion.rewind(share, draws);
                cells.add(cell);
                cold.put(cell.deletion().subjects(), deletion.coldStepsTo(WITHIN));
            }
        }
        return new TablePart(List.copyOf(cells), Map.copyOf(cold));
    }

    /**
     * For JSON.
     *
     * @param coldStepsToRetrainedAucByPersons in their order
     */
    record Facts(
            int draws,
            List<GridCell.Facts> cells,
            double within,
            NavigableMap<Integer, Integer> coldStepsToRetrainedAucByPersons) {}

    Facts facts() {
        return new Facts(DRAWS, cells.stream().map(GridCell::facts).toList(), WITHIN, new TreeMap<>(coldSteps));
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "(d) Over the share of steps redone, lambda %s, epsilon %s, delta %s, means of %d draws of noise%n"
                        + "    %7s %7s %6s %9s %9s %9s %9s %9s %9s  %s%n",
                CertifiedPart.WEIGHT_DECAY,
                RewindStudy.BUDGET.epsilon(),
                RewindStudy.BUDGET.delta(),
                DRAWS,
                "persons",
                "records",
                "K/T",
                "bound",
                "|U - R|",
                "sigma",
                "noise",
                "AUC loss",
                "cold loss",
                "planner"));
        cells.forEach(cell -> text.append(String.format(
                Locale.ROOT,
                "    %7d %7d %6.2f %9.2e %9.2e %9.2e %9.2e %9s %9s  %s%n",
                cell.deletion().subjects(),
                cell.deletion().records(),
                cell.steps().share(),
                cell.bound().delta(),
                cell.distance(),
                cell.noise().sigma(),
                cell.noise().share(),
                loss(cell.auc().loss()),
                loss(cell.auc().coldLoss()),
                cell.noise().refusal().isEmpty() ? "admits" : "refuses")));
        text.append(String.format(
                Locale.ROOT,
                "    noise: its expected norm over what training moved the parameters. Losses are against retraining; the planner%n"
                        + "    refuses K >= 0.9 T, because retraining is hardly dearer and exact.%n"));
        text.append(String.format(
                Locale.ROOT,
                "    A speed-up is one only against retraining to equal accuracy. Steps to within %s of the retrained AUC:%n",
                WITHIN));
        SUBJECTS.forEach(subjects -> text.append(equalAccuracy(subjects)));
        return text.toString();
    }

    private String equalAccuracy(int subjects) {
        int cold = Optional.ofNullable(coldSteps.get(subjects)).orElseThrow();
        OptionalInt rewind = leastRewind(subjects);
        return rewind.isEmpty()
                ? String.format(Locale.ROOT, "    %7d subjects: cold run %d, no rewind of this table%n", subjects, cold)
                : String.format(
                        Locale.ROOT,
                        "    %7d subjects: cold run %d, rewind of this table %d: %.2f times as fast, and %.2f times as fast as the"
                                + " whole retraining%n",
                        subjects,
                        cold,
                        rewind.getAsInt(),
                        (double) cold / rewind.getAsInt(),
                        (double) cells.get(0).steps().all() / rewind.getAsInt());
    }

    /** The fewest redone steps after which the mean loss stays within {@link #WITHIN}. */
    OptionalInt leastRewind(int subjects) {
        int[] tooFew = of(subjects)
                .filter(cell -> !(cell.auc().loss() <= WITHIN))
                .mapToInt(cell -> cell.steps().redone())
                .toArray();
        int most = Arrays.stream(tooFew).max().orElse(-1);
        return of(subjects)
                .mapToInt(cell -> cell.steps().redone())
                .filter(redone -> redone > most)
                .min();
    }

    private Stream<GridCell> of(int subjects) {
        return cells.stream().filter(cell -> cell.deletion().subjects() == subjects);
    }

    /** Without a minus before zeros. */
    private static String loss(double value) {
        return String.format(Locale.ROOT, "%.5f", value).replaceFirst("^-(?=0\\.0*$)", "");
    }
}
