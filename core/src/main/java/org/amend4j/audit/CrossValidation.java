package org.amend4j.audit;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.amend4j.check.Checks;

/**
 * How well a {@link LogisticRegression} tells two classes of persons apart that it was not fitted on: stratified folds,
 * repeated; in each repeat the larger class is undersampled to the size of the smaller one. Repeatable: everything is drawn
 * from the seed.
 *
 * @param folds at least 2; each class needs as many persons
 * @param repeats at least 1
 * @param ridge of the regressions, above 0, so that each has a solution
 * @param seed any
 */
public record CrossValidation(int folds, int repeats, double ridge, long seed) {

    /** @throws IllegalArgumentException if a component is out of its range */
    public CrossValidation {
        Checks.atLeast(2, "the number of folds", folds);
        Checks.atLeast(1, "the number of repeats", repeats);
        Checks.positive("ridge", ridge);
    }

    /** 5 folds, 10 repeats, ridge 1: a standard normal prior for the weights of standardised columns. */
    public static CrossValidation usual(long seed) {
        return new CrossValidation(5, 10, 1, seed);
    }

    /**
     * The mean area under the curve on held-out folds, and its interval. DeLong's interval is taken from each person's share
     * of held-out comparisons won, averaged over the repeats; persons are its unit, and folds, which share persons, are
     * not. If the features tell nothing, a regression that has found the wrong sign loses what it seemed to win: the area
     * is then a little below 1/2 on average. The true positive rate is that of each person's mean held-out log
     * odds. Persons that no repeat drew do not count.
     *
     * @param members one row per person
     * @param others one row per person, as long
     * @param level of the interval, in (0, 1)
     * @throws ArithmeticException if a regression does not converge
     */
    public AttackScore score(PersonScores members, PersonScores others, double level) {
        check("members", members);
        check("others", others);
        if (members.columns() != others.columns()) {
            throw new IllegalArgumentException("members and others must have the same columns, got " + members.columns()
                    + " and " + others.columns());
        }
        HeldOut heldOutMembers = new HeldOut(members.rows());
        HeldOut heldOutOthers = new HeldOut(others.rows());
        SplittableRandom random = new SplittableRandom(seed);
        int drawn = Math.min(members.size(), others.size());
        for (int repeat = 0; repeat < repeats; repeat++) {
            int[] some = draw(members.size(), drawn, random);
            int[] rest = draw(others.size(), drawn, random);
            for (int fold = 0; fold < folds; fold++) {
                holdOut(fold, heldOutMembers, some, heldOutOthers, rest);
            }
        }
        return score(heldOutMembers, heldOutOthers, level);
    }

    private void check(String what, PersonScores persons) {
        if (persons.size() < folds) {
            throw new IllegalArgumentException(
                    folds + " folds need at least " + folds + " persons among " + what + ", got " + persons.size());
        }
    }

    /** The first so many of a permutation. */
    private static int[] draw(int from, int number, SplittableRandom random) {
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
    private int[] part(int[] persons, int fold, boolean held) {
        int[] part = new int[persons.length];
        int size = 0;
        for (int i = 0; i < persons.length; i++) {
            if ((i % folds == fold) == held) {
                part[size++] = persons[i];
            }
        }
        return Arrays.copyOf(part, size);
    }

    private LogisticRegression fit(double[][] members, double[][] others) {
        double[][] rows = Arrays.copyOf(members, members.length + others.length);
        System.arraycopy(others, 0, rows, members.length, others.length);
        boolean[] positive = new boolean[rows.length];
        Arrays.fill(positive, 0, members.length, true);
        LogisticRegression regression = LogisticRegression.fit(rows, positive, ridge);
        if (!regression.converged()) {
            throw new ArithmeticException(
                    "a logistic regression of " + rows.length + " persons did not converge; its ridge was " + ridge);
        }
        return regression;
    }

    private static AttackScore score(HeldOut members, HeldOut others, double level) {
        double area = members.meanWon();
        double variance = members.variance(area) + others.variance(1 - area);
        double[] high = members.meanLogOdds();
        double[] low = others.meanLogOdds();
        Interval interval = Interval.around(area, variance, Math.min(high.length, low.length), level);
        return new AttackScore(
                area,
                interval.low(),
                interval.high(),
                level,
                Auc.nullDeviation(high.length, low.length),
                high.length,
                low.length,
                Auc.truePositiveRate(high, low, 0.01));
    }

    /** What became of the persons of one class whenever they were held out. */
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

        private double[][] select(int[] persons) {
            return Arrays.stream(persons).mapToObj(i -> rows[i]).toArray(double[][]::new);
        }

        private double[] logOdds(LogisticRegression regression, int[] persons) {
            return Arrays.stream(persons)
                    .mapToDouble(i -> regression.logOdds(rows[i]))
                    .toArray();
        }

        private void add(int[] persons, double[] scores, double[] against) {
            long[] doubled = Placements.doubled(scores, against);
            for (int i = 0; i < persons.length; i++) {
                times[persons[i]]++;
                won[persons[i]] += doubled[i] / (2.0 * against.length);
                logOdds[persons[i]] += scores[i];
            }
        }

        private double meanWon() {
            return Math.min(1, Arrays.stream(won).sum() / Arrays.stream(times).sum());
        }

        private double[] meanLogOdds() {
            return seen().mapToDouble(i -> logOdds[i] / times[i]).toArray();
        }

        /** Variance of the mean, of which each person is a share of as many parts as times. */
        private double variance(double mean) {
            double total = Arrays.stream(times).sum();
            double squares = seen().mapToDouble(i -> {
                        double difference = times[i] / total * (won[i] / times[i] - mean);
                        return difference * difference;
                    })
                    .sum();
            double persons = seen().count();
            return squares * persons / (persons - 1);
        }

        private IntStream seen() {
            return IntStream.range(0, rows.length).filter(i -> times[i] > 0);
        }
    }
}
