/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What came of one rewind: some subjects, some share of the steps, on one split.
 *
 * @param model what was trained
 * @param asked who was deleted
 * @param steps how many were redone
 * @param bound of the distance
 * @param noise that hides it
 * @param refusal why a planner would not certify this; empty if it would
 * @param auc on the test rows
 * @param utility of U on the retained records, beside its bounds
 */
public record GridCell(
        Model model,
        Asked asked,
        Steps steps,
        Bound bound,
        Noise noise,
        Optional<String> refusal,
        Auc auc,
        Utility utility) {

    /** One split, by its number, and λ. */
    public record Model(int split, double weightDecay) {}

    /** How many subjects were deleted, with how many records. */
    public record Asked(int subjects, int records) {}

    /** K of T. */
    public record Steps(int redone, int all) {}

    /**
     * How far apart U and R, unlearned and retrained, are.
     *
     * @param delta Δ in exact arithmetic
     * @param rounding what computing adds to it
     * @param distance ‖U - R‖, before noise
     */
    public record Bound(double delta, double rounding, double distance) {}

    /**
     * Noise; NaN if there is none.
     *
     * @param sigma per parameter
     * @param share its expected norm over the norm of the retrained parameters, which is what training moved them
     */
    public record Noise(double sigma, double share) {}

    /**
     * On the test rows.
     *
     * @param retrained of R
     * @param withoutNoise of U
     * @param released of U with noise, a draw each; empty if there is no noise that would do
     * @param cold of training for K steps from the start
     */
    public record Auc(double retrained, double withoutNoise, List<Double> released, double cold) {

        /** Copies the list. */
        public Auc {
            released = List.copyOf(released);
        }
    }

    /** K/T. */
    public double share() {
        return (double) steps.redone() / steps.all();
    }

    /** Mean AUC that unlearning loses against retraining, noise included; NaN if nothing can be released. */
    public double loss() {
        return auc.retrained()
                - auc.released().stream().mapToDouble(one -> one).average().orElse(Double.NaN);
    }

    /** Standard deviation of {@link #loss} from draw to draw; NaN if nothing can be released. */
    public double deviation() {
        double mean = auc.retrained() - loss();
        return Math.sqrt(auc.released().stream()
                .mapToDouble(one -> (one - mean) * (one - mean))
                .average()
                .orElse(Double.NaN));
    }

    /** AUC that the short training loses against the long one. */
    public double coldLoss() {
        return auc.retrained() - auc.cold();
    }

    /** For JSON. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("split", model.split());
        facts.put("weightDecay", model.weightDecay());
        facts.put("persons", asked.subjects());
        facts.put("records", asked.records());
        facts.put("redone", steps.redone());
        facts.put("steps", steps.all());
        facts.put("delta", bound.delta());
        facts.put("rounding", bound.rounding());
        if (!auc.released().isEmpty()) {
            facts.put("sigma", noise.sigma());
            facts.put("noiseShare", noise.share());
            facts.put("draws", auc.released().size());
            facts.put("meanLoss", loss());
            facts.put("deviationOfLoss", deviation());
        }
        refusal.ifPresent(why -> facts.put("refusal", why));
        facts.put("distance", bound.distance());
        facts.put("retrainedAuc", auc.retrained());
        facts.put("unlearnedAucWithoutNoise", auc.withoutNoise());
        facts.put("coldAuc", auc.cold());
        facts.put("retainedLoss", utility.facts());
        return facts;
    }
}
