/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.demos;

import java.util.Locale;
import java.util.Random;
import org.amend4j.descent.DescentOptions;
import org.amend4j.descent.DescentResult;
import org.amend4j.descent.GradientDescent;
import org.amend4j.descent.MemoryTrajectoryStore;
import org.amend4j.descent.StepRule;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;

/**
 * Gradient descent with a check of every step. Logistic regression on made-up records; a backtracking line search (Armijo 1966)
 * accepts only steps that decrease the loss by a share of what the gradient promises.
 */
public final class DescendWithGuarantees {

    private static final int RECORDS = 1000;
    private static final int FEATURES = 20;
    private static final int STEPS = 50;
    private static final double WEIGHT_DECAY = 1e-3;
    private static final long SEED = 1;

    private DescendWithGuarantees() {}

    /**
     * The story.
     *
     * @param arguments ignored
     */
    public static void main(String... arguments) throws Exception {
        Random random = new Random(SEED);
        double[][] features = new double[RECORDS][FEATURES];
        double[] labels = new double[RECORDS];
        for (int r = 0; r < RECORDS; r++) {
            double sum = 0;
            for (int k = 0; k < FEATURES; k++) {
                features[r][k] = random.nextGaussian();
                sum += features[r][k];
            }
            labels[r] = sum + random.nextGaussian() > 0 ? 1 : 0;
        }
        HeadObjective objective = HeadObjective.logistic(features, labels).withWeightDecay(WEIGHT_DECAY);
        double[] start = new double[FEATURES];
        System.out.printf(Locale.ROOT, "loss %.4f at the start%n", objective.value(start));

        GradientDescent descent = new GradientDescent(objective, StepRule.Armijo.of(1), DescentOptions.of(STEPS));
        DescentResult result = descent.run(start, new MemoryTrajectoryStore());
        System.out.printf(Locale.ROOT, "loss %.4f after %d steps: %s%n", result.loss(), STEPS, result.guarantee());

        HeadObjective without = objective.restrictedTo(objective.records().without(RecordIds.firstN(RECORDS / 2)));
        System.out.printf(
                Locale.ROOT,
                "loss %.4f on the other half of the records%n",
                without.value(result.last().theta()));
    }
}
