/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.Arrays;
import org.amend4j.internal.validation.Checks;

/** The outputs of one model on the records of one group of subjects, in the order of the subjects. Immutable. */
public final class ModelOutputs {

    /** Probabilities nearer to 0 or 1 count as this near, so that log odds are finite. */
    private static final double NEAREST = 1e-12;

    private final double[] losses;
    private final double[][] probabilities;

    /**
     * Losses and probabilities; copied.
     *
     * @param losses of each record, finite
     * @param probabilities [records][classes], each in [0, 1]; one column for a binary model with one output
     */
    public ModelOutputs(double[] losses, double[][] probabilities) {
        SubjectScores.checkRows("probabilities", probabilities);
        if (losses.length != probabilities.length) {
            throw new IllegalArgumentException("each record needs a loss and probabilities, got " + losses.length
                    + " losses and " + probabilities.length + " rows of probabilities");
        }
        for (int i = 0; i < losses.length; i++) {
            Checks.finite("the loss of record " + i, losses[i]);
            for (double probability : probabilities[i]) {
                if (!(probability >= 0 && probability <= 1)) {
                    throw new IllegalArgumentException(
                            "a probability must be in [0, 1], got " + probability + " for record " + i);
                }
            }
        }
        this.losses = losses.clone();
        this.probabilities = Arrays.stream(probabilities).map(double[]::clone).toArray(double[][]::new);
    }

    /** The number of records. */
    public int records() {
        return losses.length;
    }

    /** The number of probabilities of each record. */
    public int classes() {
        return probabilities[0].length;
    }

    /** A copy. */
    public double[] losses() {
        return losses.clone();
    }

    /** [records][classes], a copy. */
    public double[][] probabilities() {
        return Arrays.stream(probabilities).map(double[]::clone).toArray(double[][]::new);
    }

    /**
     * [records][1 + classes]: the loss, then the log odds {@code ln(p/(1-p))} of each class, p kept 1e-12 away from 0
     * and 1. They stand for the logits, which probabilities give up to a shift only.
     */
    public double[][] lossesAndLogOdds() {
        double[][] rows = new double[losses.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new double[1 + probabilities[i].length];
            rows[i][0] = losses[i];
            for (int j = 0; j < probabilities[i].length; j++) {
                double p = Math.min(1 - NEAREST, Math.max(NEAREST, probabilities[i][j]));
                rows[i][j + 1] = Math.log(p) - Math.log1p(-p);
            }
        }
        return rows;
    }

    /**
     * [records]: the log odds {@code ln(p/(1-p))} of what the loss is the surprise at, {@code p = e^-loss}, kept 1e-12 away from 0
     * and 1; of one label out of several that is the true class's.
     */
    public double[] confidences() {
        return Arrays.stream(losses)
                .map(loss -> {
                    double surprise = Math.min(-Math.log(NEAREST), Math.max(NEAREST, loss));
                    return -Math.log(Math.expm1(surprise));
                })
                .toArray();
    }
}
