/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.evaluation;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Arrays;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * Percentile intervals from stratified bootstrap resamples: runs are drawn with replacement, independently in each task; the
 * tasks are fixed. The interval is about other seeds on the same tasks. With few runs it is too short (below about 5 it
 * says little), and it never extends beyond the observed scores.
 *
 * @param resamples at least 100
 * @param level of confidence, in (0, 1)
 * @param seed of the draws; the same seed draws the same runs
 */
@RecordBuilder
public record Bootstrap(int resamples, double level, long seed) implements BootstrapBuilder.With {

    /** @throws IllegalArgumentException if a number is out of its range */
    public Bootstrap {
        Checks.atLeast(100, "the number of resamples", resamples);
        Checks.insideUnit("the level of an interval", level);
    }

    /** 50,000 resamples, level 95 %. */
    public static Bootstrap usual(long seed) {
        return new Bootstrap(50_000, 0.95, seed);
    }

    /**
     * A statistic of scores, for example {@code Scores::interquartileMean}.
     *
     * @throws IllegalArgumentException if there is only one run
     */
    public Estimate estimate(Scores scores, ToDoubleFunction<Scores> statistic) {
        requireRuns(scores);
        SplitMix64 random = new SplitMix64(seed);
        double[] values = new double[resamples];
        for (int i = 0; i < resamples; i++) {
            values[i] = statistic.applyAsDouble(draw(scores, random));
        }
        return between(statistic.applyAsDouble(scores), values);
    }

    /**
     * A statistic of two sets of scores, for example {@code Scores::probabilityOfImprovementOver}; both are resampled.
     *
     * @throws IllegalArgumentException if one of them has only one run
     */
    public Estimate estimate(Scores ours, Scores theirs, ToDoubleBiFunction<Scores, Scores> statistic) {
        requireRuns(ours);
        requireRuns(theirs);
        SplitMix64 random = new SplitMix64(seed);
        double[] values = new double[resamples];
        for (int i = 0; i < resamples; i++) {
            values[i] = statistic.applyAsDouble(draw(ours, random), draw(theirs, random));
        }
        return between(statistic.applyAsDouble(ours, theirs), values);
    }

    private static Scores draw(Scores scores, SplitMix64 random) {
        return scores.resampled((task, i) -> random.nextInt(scores.runs()));
    }

    private static void requireRuns(Scores scores) {
        Checks.atLeast(2, "the number of runs for an interval", scores.runs());
    }

    private Estimate between(double value, double[] values) {
        Arrays.sort(values);
        return new Estimate(value, quantile(values, (1 - level) / 2), quantile(values, (1 + level) / 2), level);
    }

    /** Linear between neighbours, as NumPy. */
    static double quantile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
