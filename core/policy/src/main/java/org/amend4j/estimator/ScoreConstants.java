/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.util.Arrays;
import java.util.Objects;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * Bounds on the size of the scores ∇log π(a|s) of a policy, over all states, actions and, if known, parameters.
 *
 * @param norm G, with {@code ‖score‖ <= G}; +∞ if there is no bound
 * @param secondMoment Λ = sup over states of the largest eigenvalue of E_a[score scoreᵀ]; at most G²; +∞ if there is no bound
 * @param assurance of both
 * @param reason why they hold, in a few words; one of the facts, so those of this class are never reworded
 */
public record ScoreConstants(double norm, double secondMoment, BoundAssurance assurance, String reason)
        implements Identified {

    /** √2, rounded up. */
    private static final double ROOT_2 = 1.4142135623730951;

    /** @throws IllegalArgumentException if a constant is negative or NaN */
    public ScoreConstants {
        Checks.notNegativeOrInfinite("the bound of the score's norm", norm);
        Checks.notNegativeOrInfinite("the bound of the score's second moment", secondMoment);
        Objects.requireNonNull(assurance, "assurance");
        Objects.requireNonNull(reason, "reason");
    }

    @Override
    public Facts facts() {
        return Facts.of("ScoreConstants")
                .with("norm", norm)
                .with("secondMoment", secondMoment)
                .with("knowledge", assurance)
                .with("reason", reason);
    }

    /** A softmax with a free logit for each state (or observation) and action: G = √2, Λ = 1/2. */
    public static ScoreConstants tabularSoftmax() {
        return new ScoreConstants(ROOT_2, 0.5, BoundAssurance.KNOWN, "tabular softmax");
    }

    /**
     * A softmax of θᵀφ(s,a), where the score is φ less its mean over the actions: G = 2b, Λ = b².
     *
     * @param features b, with {@code ‖φ(s,a)‖ <= b}
     */
    public static ScoreConstants linearSoftmax(double features) {
        Checks.notNegative("the bound of the features", features);
        return new ScoreConstants(
                2 * features,
                Upward.square(features),
                BoundAssurance.KNOWN,
                "linear softmax, features within " + features);
    }

    /**
     * A Gaussian with a mean μ_θ(s) and independent components. Its scores have no bound (G = +∞), but their second moment has:
     * with {@code ‖∂μ/∂θ‖ <= b} and no deviation below σ, Λ = b²/σ². Trained logarithms of deviations that do not depend on the state
     * have moments of their own, 2 each, uncorrelated with the mean's.
     *
     * @param jacobian b, spectral norm
     * @param deviation σ, the least
     * @param trained whether the deviations are parameters, too
     */
    public static ScoreConstants gaussian(double jacobian, double deviation, boolean trained) {
        Checks.notNegative("the bound of the mean's derivative", jacobian);
        double ratio = Upward.divide(jacobian, Checks.positive("the least deviation", deviation));
        double ofMean = Upward.square(ratio);
        return new ScoreConstants(
                Double.POSITIVE_INFINITY,
                trained ? Math.max(2, ofMean) : ofMean,
                BoundAssurance.KNOWN,
                "Gaussian: no bound of single scores");
    }

    /** What the user vouches for. */
    public static ScoreConstants known(double norm, double secondMoment) {
        return new ScoreConstants(norm, secondMoment, BoundAssurance.KNOWN, "the user says so");
    }

    /**
     * From scores of a batch: G is the largest norm seen, and {@code Λ <= G²}. Other states, actions and parameters may have larger ones.
     *
     * @param norms ‖score‖ of rows, at least one, finite
     */
    public static ScoreConstants largestSeen(double[] norms) {
        ColumnChecks.some("norms of scores", norms);
        ColumnChecks.finite("a norm", norms);
        double most = Arrays.stream(norms).max().getAsDouble();
        return new ScoreConstants(
                most, Upward.square(most), BoundAssurance.ESTIMATED, "largest of " + norms.length + " scores");
    }
}
