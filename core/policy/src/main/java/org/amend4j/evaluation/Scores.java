/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.evaluation;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.amend4j.internal.validation.Checks;

/**
 * Scores of n runs on m tasks; larger is better. Where tasks have different units, {@link #normalised} comes first. Immutable.
 */
public final class Scores {

    private final double[][] ofTask;

    private Scores(double[][] ofTask) {
        this.ofTask = ofTask;
    }

    /**
     * From a matrix, which is copied.
     *
     * @param scores [runs][tasks], finite, at least one of each
     * @throws IllegalArgumentException if runs have different numbers of tasks, or a score is not finite
     */
    public static Scores of(double[][] scores) {
        Checks.atLeast(1, "the number of runs", scores.length);
        int tasks = Checks.atLeast(1, "the number of tasks", scores[0].length);
        double[][] ofTask = new double[tasks][scores.length];
        for (int run = 0; run < scores.length; run++) {
            if (scores[run].length != tasks) {
                throw new IllegalArgumentException(
                        "every run must have " + tasks + " tasks, got " + scores[run].length + " (run " + run + ")");
            }
            for (int task = 0; task < tasks; task++) {
                ofTask[task][run] = Checks.finite("a score (run " + run + ", task " + task + ")", scores[run][task]);
            }
        }
        return new Scores(ofTask);
    }

    /**
     * Runs on a single task.
     *
     * @param scores one a run, finite, at least one
     */
    public static Scores ofOneTask(double... scores) {
        return of(Arrays.stream(scores).mapToObj(s -> new double[] {s}).toArray(double[][]::new));
    }

    /** The same runs in other numbers: run {@code of.run(task, i)} of the task as its i-th; not checked. */
    Scores resampled(RunChoice of) {
        double[][] result = new double[tasks()][runs()];
        for (int task = 0; task < tasks(); task++) {
            for (int i = 0; i < runs(); i++) {
                result[task][i] = ofTask[task][of.run(task, i)];
            }
        }
        return new Scores(result);
    }

    @FunctionalInterface
    interface RunChoice {
        int run(int task, int i);
    }

    /** n. */
    public int runs() {
        return ofTask[0].length;
    }

    /** m. */
    public int tasks() {
        return ofTask.length;
    }

    /**
     * (score - zero)/(one - zero) per task, so that 0 and 1 mean the same everywhere: a random policy and the solved mark, say.
     *
     * @param zero [tasks], the scores that become 0
     * @param one [tasks], the scores that become 1
     */
    public Scores normalised(double[] zero, double[] one) {
        if (zero.length != tasks() || one.length != tasks()) {
            throw new IllegalArgumentException("normalisation must have two scores for each of " + tasks()
                    + " tasks, got " + zero.length + " and " + one.length);
        }
        double[][] result = new double[tasks()][];
        for (int task = 0; task < tasks(); task++) {
            double low = Checks.finite("the score that becomes 0", zero[task]);
            double span = Checks.finite("the score that becomes 1", one[task]) - low;
            if (span == 0) {
                throw new IllegalArgumentException(
                        "the scores that become 0 and 1 must differ, got " + low + " for both (task " + task + ")");
            }
            result[task] =
                    Arrays.stream(ofTask[task]).map(s -> (s - low) / span).toArray();
        }
        return new Scores(result);
    }

    /** Mean of all scores. */
    public double mean() {
        return Arrays.stream(ofTask).mapToDouble(BoundedMean::mean).sum() / tasks();
    }

    /** Median over tasks of the mean over runs. */
    public double median() {
        double[] means =
                Arrays.stream(ofTask).mapToDouble(BoundedMean::mean).sorted().toArray();
        return (means[(tasks() - 1) / 2] + means[tasks() / 2]) / 2;
    }

    /**
     * The interquartile mean: all n·m scores pooled and sorted, floor(n·m/4) dropped at each end, the mean of the rest. Harder to
     * upset by single runs than the mean, and less wasteful than the median.
     */
    public double interquartileMean() {
        double[] pooled = pooled();
        Arrays.sort(pooled);
        int dropped = pooled.length / 4;
        return BoundedMean.mean(Arrays.copyOfRange(pooled, dropped, pooled.length - dropped));
    }

    /** How far scores stay below the target on average, mean max(0, target - score); smaller is better. */
    public double optimalityGap(double target) {
        Checks.finite("the target", target);
        return Arrays.stream(pooled())
                .map(s -> Math.max(0, target - s))
                .average()
                .orElseThrow();
    }

    /** The share of scores above a threshold. */
    public double shareAbove(double threshold) {
        return (double) Arrays.stream(pooled()).filter(s -> s > threshold).count() / (runs() * tasks());
    }

    /** The performance profile: {@link #shareAbove} for each threshold. */
    public double[] profile(double[] thresholds) {
        return Arrays.stream(thresholds).map(this::shareAbove).toArray();
    }

    /**
     * The chance that a run of these beats one of the others on the same task, ties as one half, averaged over tasks: the mean of
     * P(X > Y) + P(X = Y)/2.
     *
     * @param others the same tasks in the same order, any number of runs
     */
    public double probabilityOfImprovementOver(Scores others) {
        if (others.tasks() != tasks()) {
            throw new IllegalArgumentException(
                    "both must have the same tasks, got " + tasks() + " and " + others.tasks() + " of them");
        }
        return IntStream.range(0, tasks())
                .mapToDouble(task -> chanceToBeat(ofTask[task], others.ofTask[task]))
                .average()
                .orElseThrow();
    }

    private static double chanceToBeat(double[] ours, double[] theirs) {
        double won = 0;
        for (double x : ours) {
            for (double y : theirs) {
                won += x > y ? 1 : x == y ? 0.5 : 0;
            }
        }
        return won / ours.length / theirs.length;
    }

    private double[] pooled() {
        double[] result = new double[runs() * tasks()];
        for (int task = 0; task < tasks(); task++) {
            System.arraycopy(ofTask[task], 0, result, task * runs(), runs());
        }
        return result;
    }
}
