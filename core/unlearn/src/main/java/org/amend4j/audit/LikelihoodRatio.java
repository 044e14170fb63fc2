/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.amend4j.internal.validation.Checks;

/**
 * The likelihood ratio attack of Carlini et al. (2022): how much more likely a model's confidence in a record is if the model was trained
 * with the record than if not. Both distributions are normal, fitted for each record to shadow models that were and were not trained with
 * it. With shadows that were trained with the record and then unlearned it, this is U-LiRA of Hayes et al. (2024).
 *
 * <p>The ratios go through {@link SubjectScores} to {@link Auc}, like any score of records.
 */
public final class LikelihoodRatio {

    /** With fewer shadows a record's own variance is worse than the mean over all records (Carlini et al., section VI.C). */
    private static final int SHADOWS_FOR_OWN_VARIANCE = 64;

    private LikelihoodRatio() {}

    /**
     * {@code ln p(φ | with) - ln p(φ | without)} of each record.
     *
     * @param observed [records], φ = ln(p/(1-p)) of the true class under the audited model
     * @param with [records][shadows], φ under models trained with the record; at least 2 for each record
     * @param without [records][shadows], φ under models that never saw it; at least 2 for each record
     * @throws IllegalArgumentException if lengths differ, a number is not finite, or the shadows do not vary
     */
    public static double[] logRatios(double[] observed, double[][] with, double[][] without) {
        for (int i = 0; i < observed.length; i++) {
            Checks.finite("the confidence about record " + i, observed[i]);
        }
        double[] likelier = logDensities("with", observed, with);
        double[] unlikelier = logDensities("without", observed, without);
        Arrays.setAll(likelier, i -> likelier[i] - unlikelier[i]);
        return likelier;
    }

    /** Of normal laws, but for the constant that both sides share. */
    private static double[] logDensities(String what, double[] observed, double[][] shadows) {
        if (shadows.length != observed.length) {
            throw new IllegalArgumentException("each record needs shadows trained " + what + " it, got "
                    + observed.length + " records and " + shadows.length + " rows of shadows");
        }
        double[] variances = variances(what, shadows);
        double[] densities = new double[observed.length];
        Arrays.setAll(densities, i -> {
            double distance = observed[i] - mean(shadows[i]);
            return -(Math.log(variances[i]) + distance * distance / variances[i]) / 2;
        });
        return densities;
    }

    private static double[] variances(String what, double[][] shadows) {
        double[] variances = new double[shadows.length];
        for (int i = 0; i < shadows.length; i++) {
            String place = "trained " + what + " record " + i;
            Checks.atLeast(2, "the number of shadows " + place, shadows[i].length);
            for (double confidence : shadows[i]) {
                Checks.finite("the confidence of a shadow " + place, confidence);
            }
            variances[i] = variance(shadows[i]);
        }
        boolean few = Arrays.stream(shadows).anyMatch(row -> row.length < SHADOWS_FOR_OWN_VARIANCE);
        if (few) {
            Arrays.fill(variances, mean(variances));
        }
        IntStream.range(0, variances.length)
                .forEach(
                        i -> Checks.positive("the variance of shadows trained " + what + " record " + i, variances[i]));
        return variances;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double variance(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / (values.length - 1);
    }
}
