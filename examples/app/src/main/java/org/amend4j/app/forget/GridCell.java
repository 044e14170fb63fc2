/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What came of one rewind: some subjects, some share of the steps, on one split.
 *
 * @param split its number
 * @param weightDecay λ
 * @param subjects who were deleted
 * @param records theirs
 * @param redone K
 * @param steps T
 * @param delta Δ in exact arithmetic
 * @param rounding what computing adds to it
 * @param sigma of the noise per parameter; NaN if there is none
 * @param noiseShare expected norm of the noise over the norm of the retrained parameters, which is what training moved them
 * @param refusal why a planner would not certify this; empty if it would
 * @param distance ‖U - R‖, unlearned and retrained, before noise
 * @param retrained test AUC of R
 * @param withoutNoise test AUC of U
 * @param released test AUC of U with noise, a draw each; empty if there is no noise that would do
 * @param cold test AUC of training for K steps from the start
 * @param utility of U on the retained records, beside its bounds
 */
public record GridCell(
        int split,
        double weightDecay,
        int subjects,
        int records,
        int redone,
        int steps,
        double delta,
        double rounding,
        double sigma,
        double noiseShare,
        Optional<String> refusal,
        double distance,
        double retrained,
        double withoutNoise,
        List<Double> released,
        double cold,
        Utility utility) {

    /** Copies the list. */
    public GridCell {
        released = List.copyOf(released);
    }

    /** K/T. */
    public double share() {
        return (double) redone / steps;
    }

    /** Mean AUC that unlearning loses against retraining, noise included; NaN if nothing can be released. */
    public double loss() {
        return retrained - released.stream().mapToDouble(auc -> auc).average().orElse(Double.NaN);
    }

    /** Standard deviation of {@link #loss} from draw to draw; NaN if nothing can be released. */
    public double deviation() {
        double mean = retrained - loss();
        return Math.sqrt(released.stream()
                .mapToDouble(auc -> (auc - mean) * (auc - mean))
                .average()
                .orElse(Double.NaN));
    }

    /** AUC that the short training loses against the long one. */
    public double coldLoss() {
        return retrained - cold;
    }

    /** For JSON. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("split", split);
        facts.put("weightDecay", weightDecay);
        facts.put("persons", subjects);
        facts.put("records", records);
        facts.put("redone", redone);
        facts.put("steps", steps);
        facts.put("delta", delta);
        facts.put("rounding", rounding);
        if (!released.isEmpty()) {
            facts.put("sigma", sigma);
            facts.put("noiseShare", noiseShare);
            facts.put("draws", released.size());
            facts.put("meanLoss", loss());
            facts.put("deviationOfLoss", deviation());
        }
        refusal.ifPresent(why -> facts.put("refusal", why));
        facts.put("distance", distance);
        facts.put("retrainedAuc", retrained);
        facts.put("unlearnedAucWithoutNoise", withoutNoise);
        facts.put("coldAuc", cold);
        facts.put("retainedLoss", utility.facts());
        return facts;
    }
}
