/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.amend4j.internal.validation.Checks;

/**
 * Measures how well a {@link LogisticRegression} separates two classes of subjects that it was not fitted on. Stratified folds are
 * repeated; in each repeat the larger class is undersampled to the size of the smaller one. The whole procedure is repeated with permuted
 * classes, because folds share subjects: areas from uninformative features then spread more than the formula of Mann and Whitney says.
 * Repeatable: everything is drawn from the seed.
 *
 * @param folds at least 2; each class needs as many subjects
 * @param repeats at least 1
 * @param permutations at least 10; the null deviation is known to one part in the square root of twice their number
 * @param ridge of the regressions, above 0, so that each has a solution
 * @param seed any
 */
public record CrossValidation(int folds, int repeats, int permutations, double ridge, long seed)
        implements Serializable {

    /** @throws IllegalArgumentException if a component is out of its range */
    public CrossValidation {
        Checks.atLeast(2, "the number of folds", folds);
        Checks.atLeast(1, "the number of repeats", repeats);
        Checks.atLeast(10, "the number of permutations", permutations);
        Checks.positive("ridge", ridge);
    }

    /** 5 folds, 10 repeats, 50 permutations, ridge 1: a standard normal prior for the weights of standardised columns. */
    public static CrossValidation usual(long seed) {
        return new CrossValidation(5, 10, 50, 1, seed);
    }

    /**
     * The mean area under the curve on held-out folds, and its interval.
     *
     * <p>The variance is DeLong's, from each subject's share of held-out comparisons won, averaged over the repeats; subjects
     * are its unit. It is too small where regressions disagree about the sign, so the null deviation is taken where that
     * is larger: the root mean square of {@code area - 1/2} over the permutations, or the formula if that is larger. The
     * true positive rate is that of each subject's mean held-out log odds. Subjects that no repeat drew do not count.
     *
     * @param members one row per subject
     * @param others one row per subject, as long
     * @param level of the interval, in (0, 1)
     * @throws ArithmeticException if a regression does not converge
     */
    public AttackScore score(SubjectScores members, SubjectScores others, double level) {
        return score(members, others, level, Permutations.HERE);
    }

    /**
     * As {@link #score(SubjectScores, SubjectScores, double)}, with permutations that the caller computes.
     *
     * @throws E what they fail of
     */
    public <E extends Exception> AttackScore score(
            SubjectScores members, SubjectScores others, double level, Permutations<E> permuted) throws E {
        PermutedClasses classes = new PermutedClasses(this, members, others);
        Checks.insideUnit("the level of an interval", level);
        return run(members.rows(), others.rows(), random().split()).score(spread(permuted.areas(classes)), level);
    }

    private double spread(double[] areas) {
        if (areas.length != permutations) {
            throw new IllegalArgumentException(
                    "each of " + permutations + " permutations has an area, got " + areas.length);
        }
        double squares = 0;
        for (double area : areas) {
            squares += (area - 0.5) * (area - 0.5);
        }
        return Math.sqrt(squares / permutations);
    }

    /** Of the classes as they are and of permutations, one after the other. */
    SplittableRandom random() {
        return new SplittableRandom(seed);
    }

    /** The mean area on held-out folds. */
    double area(double[][] members, double[][] others, SplittableRandom random) {
        return run(members, others, random).area();
    }

    private Run run(double[][] members, double[][] others, SplittableRandom random) {
        Run run = new Run(new HeldOut(members), new HeldOut(others));
        int drawn = Math.min(members.length, others.length);
        for (int repeat = 0; repeat < repeats; repeat++) {
            int[] some = draw(members.length, drawn, random);
            int[] rest = draw(others.length, drawn, random);
            for (int fold = 0; fold < folds; fold++) {
                holdOut(fold, run.members, some, run.others, rest);
            }
        }
        return run;
    }

    static double[][] together(double[][] first, double[][] second) {
        double[][] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /**
     * Checks that every fold gets a subject: before anything is trained for an audit.
     *
     * @param what who they are, for the message
     * @throws IllegalArgumentException if there are fewer subjects than folds
     */
    public void requireEnough(String what, long subjects) {
        if (subjects < folds) {
            throw new IllegalArgumentException(
                    folds + " folds need at least " + folds + " subjects among " + what + ", got " + subjects);
        }
    }

    /** The first so many of a permutation. */
    static int[] draw(int from, int number, SplittableRandom random) {
        int[] all = new int[from];
        Arrays.setAll(all, i -> i);
        for (int i = 0; i < number; i++) {
            int other = i + random.nextInt(from - i);
            int kept = all[i];
            all[i] = all[other];
            all[other] = kept;
        }
        return Arrays.copyOf(all, number);
    }

    private void holdOut(int fold, HeldOut members, int[] some, HeldOut others, int[] rest) {
        int[] heldMembers = part(some, fold, true);
        int[] heldOthers = part(rest, fold, true);
        LogisticRegression regression =
                fit(members.select(part(some, fold, false)), others.select(part(rest, fold, false)));
        double[] high = members.logOdds(regression, heldMembers);
        double[] low = others.logOdds(regression, heldOthers);
        members.add(heldMembers, high, low);
        others.add(heldOthers, low, high);
    }

    /** Every folds-th, or all others. */
    private int[] part(int[] subjects, int fold, boolean held) {
        int[] part = new int[subjects.length];
        int size = 0;
        for (int i = 0; i < subjects.length; i++) {
            if ((i % folds == fold) == held) {
                part[size++] = subjects[i];
            }
        }
        return Arrays.copyOf(part, size);
    }

    private LogisticRegression fit(double[][] members, double[][] others) {
        double[][] rows = together(members, others);
        boolean[] positive = new boolean[rows.length];
        Arrays.fill(positive, 0, members.length, true);
        LogisticRegression regression = LogisticRegression.fit(rows, positive, ridge);
        if (!regression.converged()) {
            throw new ArithmeticException(
                    "a logistic regression of " + rows.length + " subjects did not converge; its ridge was " + ridge);
        }
        return regression;
    }

    /** Both classes after all repeats. */
    private record Run(HeldOut members, HeldOut others) {

        private double area() {
            return members.meanWon();
        }

        private AttackScore score(double permutedDeviation, double level) {
            double area = area();
            double[] high = members.meanLogOdds();
            double[] low = others.meanLogOdds();
            double nullDeviation = Math.max(permutedDeviation, Auc.nullDeviation(high.length, low.length));
            double variance =
                    Math.max(members.variance(area) + others.variance(1 - area), nullDeviation * nullDeviation);
            Interval interval = Interval.around(area, variance, Math.min(high.length, low.length), level);
            return new AttackScore(
                    area,
                    interval.low(),
                    interval.high(),
                    level,
                    nullDeviation,
                    high.length,
                    low.length,
                    Auc.truePositiveRate(high, low, 0.01));
        }
    }

    /** What became of the subjects of one class whenever they were held out. */
    private static final class HeldOut {

        private final double[][] rows;
        private final int[] times;
        private final double[] won;
        private final double[] logOdds;

        private HeldOut(double[][] rows) {
            this.rows = rows;
            times = new int[rows.length];
            won = new double[rows.length];
            logOdds = new double[rows.length];
        }

        private double[][] select(int[] subjects) {
            return Arrays.stream(subjects).mapToObj(i -> rows[i]).toArray(double[][]::new);
        }

        private double[] logOdds(LogisticRegression regression, int[] subjects) {
            return Arrays.stream(subjects)
                    .mapToDouble(i -> regression.logOdds(rows[i]))
                    .toArray();
        }

        private void add(int[] subjects, double[] scores, double[] against) {
            long[] doubled = Placements.doubled(scores, against);
            for (int i = 0; i < subjects.length; i++) {
                times[subjects[i]]++;
                won[subjects[i]] += doubled[i] / (2.0 * against.length);
                logOdds[subjects[i]] += scores[i];
            }
        }

        private double meanWon() {
            return Math.min(1, Arrays.stream(won).sum() / Arrays.stream(times).sum());
        }

        private double[] meanLogOdds() {
            return seen().mapToDouble(i -> logOdds[i] / times[i]).toArray();
        }

        /** Variance of the mean, of which each subject is a share of as many parts as times. */
        private double variance(double mean) {
            double total = Arrays.stream(times).sum();
            double squares = seen().mapToDouble(i -> {
                        double difference = times[i] / total * (won[i] / times[i] - mean);
                        return difference * difference;
                    })
                    .sum();
            double subjects = seen().count();
            return squares * subjects / (subjects - 1);
        }

        private IntStream seen() {
            return IntStream.range(0, rows.length).filter(i -> times[i] > 0);
        }
    }
}
