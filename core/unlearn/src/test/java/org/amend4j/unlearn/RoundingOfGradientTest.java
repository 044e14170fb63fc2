/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.Random;
import org.amend4j.numeric.Summation;
import org.amend4j.numeric.Upward;
import org.amend4j.privacy.FloatSlack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How far a computed gradient is from the exact one, against 50 digits: docs/privacy.md, (9) and (10). */
class RoundingOfGradientTest {

    private static final int PROBLEMS = 500;
    private static final double U = 0x1p-53;

    /** The error of a gradient at a point, as a share of its bound. */
    private static double share(HeadProblem problem, double[] theta) {
        int records = problem.objective().records().size();
        double bound = problem.rounding()
                .ofGradient(
                        records,
                        problem.objective().fixedNormaliser().orElse(records),
                        problem.objective().weightDecay(),
                        Upward.norm(theta));
        return problem.gradientError(theta)
                .divide(new BigDecimal(bound), ExactHead.DIGITS)
                .doubleValue();
    }

    /** The twin: a tenth of the bound is too small. */
    @Test
    void aGradientOfAHeadIsWithinItsBoundAndNotWithinATenthOfIt() {
        Random random = new Random(15);
        double largest = 0;
        for (int i = 0; i < PROBLEMS; i++) {
            HeadProblem problem = HeadProblem.random(random);
            double[] theta = problem.point(random, Math.pow(10, 6 * random.nextDouble() - 3));
            double share = share(problem, theta);
            assertTrue(share <= 1, () -> share + " of the bound in " + problem);
            largest = Math.max(largest, share);
        }
        assertTrue(largest > 0.1, "no more than " + largest + " of the bound");
    }

    @Test
    void aGradientOfManyRecordsIsWithinItsBound() {
        Random random = new Random(17);
        for (int i = 0; i < 20; i++) {
            int records = 100 + random.nextInt(900);
            double[][] x = new double[records][];
            double[][] labels = new double[records][1 + i % 2];
            for (int r = 0; r < records; r++) {
                // all pull one way: the sums are as large as they can be
                x[r] = random.doubles(3, 0.5, 1).toArray();
                labels[r][0] = 1;
            }
            HeadProblem problem = HeadProblem.of(x, labels, i % 3 == 0, Optional.empty(), 0.01);
            double[] theta = problem.point(random, 30);
            double share = share(problem, theta);
            assertTrue(share <= 1, () -> share + " of the bound in " + problem);
        }
    }

    /** A formula in doubles is off by a dozen units at most, and the bound is 1e-14 of it above: see FloatSlack. */
    private static void assertRoundedUp(double formula, double value) {
        assertTrue(value >= formula);
        assertEquals(formula * (1 + 1e-14), value, 2e-15 * value);
    }

    @Test
    void theBoundOfAHeadIsItsFormula() {
        double gamma = Summation.PAIRWISE.relativeError(100) + 4 * U;
        double logistic = 100 / 128.0 * (gamma * 2 + 3 * (10 * U * 3 * 7 / 4 + 8 * U)) + 4 * U * 0.5 * 7;
        assertRoundedUp(logistic, new RoundingModel.Head(Summation.PAIRWISE, 2, 3, 10, 1).ofGradient(100, 128, 0.5, 7));
        double residual = (10 + Math.sqrt(8)) * U * 3 * 7 / 2 + 12 * U;
        double softmax = 100 / 128.0 * (gamma * 2 + 3 * residual) + 4 * U * 0.5 * 7;
        assertRoundedUp(softmax, new RoundingModel.Head(Summation.PAIRWISE, 2, 3, 10, 4).ofGradient(100, 128, 0.5, 7));
    }

    @Test
    void whatIsAssumedIsAssumedOfTheSumAndOfTheDecay() {
        assertEquals(
                1e-9 * (100 / 128.0 * 2 + 0.5 * 7),
                new RoundingModel.Assumed(1e-9, 2).ofGradient(100, 128, 0.5, 7),
                1e-23);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN})
    void impossibleArgumentsAreRefused(double bad) {
        FloatSlack slack = new FloatSlack(Summation.NAIVE, 10, 1, 1, 1, 1, 1);
        assertThrows(IllegalArgumentException.class, () -> slack.ofGradient(bad, 1));
        assertThrows(IllegalArgumentException.class, () -> slack.ofGradient(1, bad));
        RoundingModel head = new RoundingModel.Head(Summation.NAIVE, 1, 1, 1, 1);
        assertThrows(IllegalArgumentException.class, () -> head.ofGradient(0, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> head.ofGradient(1, bad, 1, 1));
    }
}
