/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.algorithm.Gpomdp;
import org.amend4j.algorithm.PracticeConfig;
import org.amend4j.algorithm.Presets;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.Transition;

/**
 * Whether a training got stuck at the lowest return: its episodes all earn the same, and as far as is known, no return is
 * lower. Equal returns do not distinguish good actions from bad ones, so training longer does not help.
 */
final class Floor {

    /** Episodes at the end that are looked at, if there are so many. */
    private static final int EPISODES = 100;

    /** Of means of equal numbers. */
    private static final double ROUNDING = 1e-9;

    private final TrainSettings settings;
    private final List<Metrics.Row> rows;
    private final List<Metrics.Row> last;

    private Floor(TrainSettings settings, List<Metrics.Row> rows) {
        this.settings = settings;
        this.rows = rows;
        this.last = last(rows);
    }

    /**
     * A warning, if there is reason for one.
     *
     * @param all rows of the training's metrics
     */
    static Optional<String> sentence(TrainSettings settings, List<Metrics.Row> all) {
        List<Metrics.Row> rows =
                all.stream().filter(row -> !Double.isNaN(row.value())).toList();
        return rows.isEmpty() ? Optional.empty() : new Floor(settings, rows).sentence();
    }

    private static List<Metrics.Row> last(List<Metrics.Row> rows) {
        int from = rows.size();
        int episodes = 0;
        while (from > 0 && episodes < EPISODES) {
            from--;
            episodes += rows.get(from).episodes();
        }
        return rows.subList(from, rows.size());
    }

    private Optional<String> sentence() {
        double same = last.get(last.size() - 1).value();
        OptionalDouble mark = settings.environment().rewardThreshold();
        boolean good = mark.isPresent() && same >= mark.getAsDouble();
        if (good || !last.stream().allMatch(row -> earnedThe(same, row))) {
            return Optional.empty();
        }
        return why(same)
                .map(why -> why + ": equal returns do not tell good actions from bad ones. What may help: "
                        + String.join(", ", help()) + ".");
    }

    private Optional<String> why(double same) {
        String number = String.format(Locale.ROOT, "%.2f", same);
        if (isLeast(same)) {
            return Optional.of("the last " + episodes(last) + " earned " + number + ", the least that "
                    + settings.environment().id() + " gives");
        }
        OptionalInt limit = settings.trainedOn().timeLimit();
        boolean cutOff = limit.isPresent() && last.stream().allMatch(row -> row.length() == limit.getAsInt());
        if (cutOff && same < 0) {
            return Optional.of("the last " + episodes(last) + " were all cut off after " + limit.getAsInt()
                    + " steps and earned " + number);
        }
        boolean always = rows.stream().allMatch(row -> earnedThe(same, row));
        return always && same <= 0 ? Optional.of("all " + episodes(rows) + " earned " + number) : Optional.empty();
    }

    /** Whether every episode did, as far as is known: a mean of the least is one of the least alone. */
    private boolean earnedThe(double same, Metrics.Row row) {
        double rounding = ROUNDING * Math.max(1, Math.abs(same));
        return Math.abs(row.value() - same) <= rounding && (row.range() <= rounding || isLeast(same));
    }

    private static String episodes(List<Metrics.Row> rows) {
        long count = rows.stream().mapToLong(Metrics.Row::episodes).sum();
        return String.format(Locale.ROOT, "%,d episode%s", count, count == 1 ? "" : "s");
    }

    /** Known where tables have no negative reward: nothing is less than nothing. */
    private boolean isLeast(double same) {
        return same == 0
                && settings.environment()
                        .finite()
                        .filter(tables -> leastReward(tables.get().mdp()) >= 0)
                        .isPresent();
    }

    private static double leastReward(FiniteMdp mdp) {
        double least = Double.POSITIVE_INFINITY;
        for (int state = 0; state < mdp.states(); state++) {
            for (int action = 0; action < mdp.actions(); action++) {
                for (Transition outcome : mdp.outcomes(state, action)) {
                    least = Math.min(least, outcome.reward());
                }
            }
        }
        return least;
    }

    /** Options that exist, with what they are now. */
    private List<String> help() {
        AlgorithmConfig config = settings.config();
        EnvironmentSpec environment = settings.environment();
        List<String> help = new ArrayList<>();
        List<String> presets = Algorithms.NAMES.stream()
                .filter(name -> !name.equals(config.algorithm()))
                .filter(name -> Presets.of(EnvironmentIds.idOfPreset(environment.id()), name)
                        .isPresent())
                .toList();
        if (!presets.isEmpty()) {
            help.add(
                    "the settings that were chosen for this environment (--algo " + String.join(" or ", presets) + ")");
        }
        help.add(String.format(
                Locale.ROOT, "more --steps (now %,d)", settings.stop().mostSteps()));
        help.add("more episodes for an update (--batch)");
        if (config instanceof PracticeConfig<?> practice) {
            help.add("a larger --entropy (now " + practice.terms().entropy() + "), which keeps a policy trying");
        }
        if (config instanceof Gpomdp.Config gpomdp) {
            help.add("a longer --horizon (now " + gpomdp.horizon().steps() + ")");
        }
        help.add("a smaller --learning-rate (now " + config.firstRate() + ") if returns were better before");
        return help;
    }
}
