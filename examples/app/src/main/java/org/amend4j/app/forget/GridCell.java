/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Optional;

/**
 * The outcome of one rewind: some subjects, some share of the steps, on one split.
 *
 * @param deletion what was to be forgotten
 * @param steps redone
 * @param bound of the distance
 * @param noise that hides it
 * @param distance ‖U - R‖, unlearned and retrained, before noise
 * @param auc on the test rows
 * @param utility of U on the retained records, with its bounds
 */
public record GridCell(
        Deletion deletion, Steps steps, Bound bound, Noise noise, double distance, Auc auc, Utility utility) {

    /**
     * What was to be forgotten.
     *
     * @param split its number
     * @param weightDecay λ
     * @param subjects who were deleted
     * @param records theirs
     */
    public record Deletion(
            int split,
            double weightDecay,
            @JsonProperty("persons") int subjects,
            int records) {}

    /**
     * K of T steps.
     *
     * @param redone K
     * @param all T
     */
    public record Steps(int redone, @JsonProperty("steps") int all) {

        /** K/T. */
        public double share() {
            return (double) redone / all;
        }
    }

    /**
     * How far U can be from R.
     *
     * @param delta Δ in exact arithmetic
     * @param rounding what computing adds to it
     */
    public record Bound(double delta, double rounding) {}

    /**
     * The noise of a release.
     *
     * @param sigma per parameter; NaN if there is none
     * @param share its expected norm over the norm of the retrained parameters, which is what training moved them
     * @param refusal why a planner would not certify this; empty if it would
     */
    public record Noise(double sigma, double share, Optional<String> refusal) {}

    /**
     * Test AUC of four models.
     *
     * @param retrained R
     * @param withoutNoise U
     * @param released U with noise, a draw each; empty if there is no noise that would do
     * @param cold of training for K steps from the start
     */
    public record Auc(double retrained, double withoutNoise, List<Double> released, double cold) {

        /** Copies the list. */
        public Auc {
            released = List.copyOf(released);
        }

        /** Mean that unlearning loses against retraining, noise included; NaN if nothing can be released. */
        public double loss() {
            return retrained
                    - released.stream().mapToDouble(auc -> auc).average().orElse(Double.NaN);
        }

        /** Standard deviation of {@link #loss} from draw to draw; NaN if nothing can be released. */
        public double deviation() {
            double mean = retrained - loss();
            return Math.sqrt(released.stream()
                    .mapToDouble(auc -> (auc - mean) * (auc - mean))
                    .average()
                    .orElse(Double.NaN));
        }

        /** What the short training loses against the long one. */
        public double coldLoss() {
            return retrained - cold;
        }
    }

    /** For JSON. */
    public record Facts(
            @JsonUnwrapped Deletion deletion,
            @JsonUnwrapped Steps steps,
            @JsonUnwrapped Bound bound,
            @JsonUnwrapped Optional<Released> released,
            Optional<String> refusal,
            double distance,
            @JsonUnwrapped Unreleased auc,
            Utility.Facts retainedLoss) {}

    /**
     * What noise costs.
     *
     * @param sigma per parameter
     * @param noiseShare its expected norm over that of the retrained parameters
     * @param meanLoss of AUC, over the draws
     */
    public record Released(double sigma, double noiseShare, int draws, double meanLoss, double deviationOfLoss) {}

    /** Test AUC of what is not released. */
    public record Unreleased(double retrainedAuc, double unlearnedAucWithoutNoise, double coldAuc) {}

    /** For JSON. */
    public Facts facts() {
        Optional<Released> released = auc.released().isEmpty()
                ? Optional.empty()
                : Optional.of(new Released(
                        noise.sigma(), noise.share(), auc.released().size(), auc.loss(), auc.deviation()));
        return new Facts(
                deletion,
                steps,
                bound,
                released,
                noise.refusal(),
                distance,
                new Unreleased(auc.retrained(), auc.withoutNoise(), auc.cold()),
                utility.facts());
    }
}
