/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import org.amend4j.performance.DescentBound;
import org.amend4j.performance.NoisyBound;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.Prospect;
import org.amend4j.unlearn.RetainedLoss;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;

/**
 * Bounds on the loss on the retained records for the methods of a plan. They depend on private data.
 *
 * @param plan the methods
 * @param loss what is promised; empty if nothing is
 * @param reason why nothing is; empty if something is
 */
record Prospects(UnlearningPlan plan, Optional<RetainedLoss> loss, String reason) {

    /** What everybody is told who sees the numbers. */
    static final String PRIVATE =
            "for the operator's eyes: bounds on the loss read private data and are in no certificate";

    /** Of many checkpoints, so many are looked at, a gradient each. */
    private static final int POINTS = 13;

    /** Looks at stored checkpoints, those of the plan's methods among them. */
    static Prospects of(RewindToDelete run, Guarantee guarantee, UnlearningPlan plan, CheckpointVault vault)
            throws IOException {
        Optional<String> refusal = RetainedLoss.refusal(run, guarantee);
        if (refusal.isPresent()) {
            return new Prospects(plan, Optional.empty(), refusal.get());
        }
        NavigableSet<Integer> points = some(vault.steps());
        for (UnlearningMethod method : plan.methods()) {
            checkpoint(method).ifPresent(points::add);
        }
        return new Prospects(plan, Optional.of(RetainedLoss.of(run, guarantee, plan.deleted(), vault, points)), "");
    }

    /** The first and the last, and some evenly between. */
    private static NavigableSet<Integer> some(NavigableSet<Integer> stored) {
        List<Integer> all = new ArrayList<>(stored);
        NavigableSet<Integer> some = new TreeSet<>();
        for (int k = 0; k < POINTS; k++) {
            some.add(all.get((int) Math.round((double) k * (all.size() - 1) / (POINTS - 1))));
        }
        return some;
    }

    private static Optional<Integer> checkpoint(UnlearningMethod method) {
        if (method instanceof UnlearningMethod.NoisyRewind noisy) {
            return Optional.of(noisy.checkpoint());
        }
        return method instanceof UnlearningMethod.ExactRewind exact
                ? Optional.of(exact.checkpoint())
                : Optional.empty();
    }

    /** Where the loss was computed, in ascending order; empty if it was not. */
    NavigableSet<Integer> points() {
        return loss.<NavigableSet<Integer>>map(
                        seen -> new TreeSet<>(seen.values().keySet()))
                .orElse(Collections.emptyNavigableSet());
    }

    /** What a method promises: what is proved first, then what rests on an estimate, if that is more; nothing if nothing is known. */
    List<Prospect> of(UnlearningMethod method) {
        List<Prospect> both = new ArrayList<>();
        loss.map(seen -> seen.of(method)).ifPresent(both::add);
        loss.flatMap(seen -> seen.estimateOf(method))
                .filter(estimate ->
                        estimate.descent().loss() < both.get(0).descent().loss())
                .ifPresent(both::add);
        return both;
    }

    /** For JSON. */
    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("label", PRIVATE);
        if (loss.isEmpty()) {
            facts.put("none", reason);
            return facts;
        }
        RetainedLoss seen = loss.get();
        facts.put("smoothness", seen.landscape().smoothness().value());
        facts.put(
                "smoothnessEvidence", seen.landscape().smoothness().assurance().name());
        seen.estimatedGrowth()
                .or(() -> Optional.of(seen.landscape().growth()).filter(mu -> mu.value() > 0))
                .ifPresent(mu -> {
                    facts.put("growth", mu.value());
                    facts.put("growthEvidence", mu.assurance().name());
                });
        facts.put("leastLossFrom", seen.bracket().lowest());
        facts.put("leastLossTo", seen.bracket().known());
        Map<String, Object> values = new LinkedHashMap<>();
        seen.values().forEach((step, value) -> values.put(String.valueOf(step), value));
        facts.put("lossAtCheckpoint", values);
        return facts;
    }

    /** For JSON, of one method. */
    List<Map<String, Object>> facts(UnlearningMethod method) {
        return of(method).stream().map(Prospects::facts).toList();
    }

    private static Map<String, Object> facts(Prospect prospect) {
        Map<String, Object> facts = new LinkedHashMap<>();
        DescentBound descent = prospect.descent();
        facts.put("evidence", prospect.assurance().name());
        facts.put("startLoss", prospect.start());
        facts.put("loss", descent.loss());
        facts.put("excess", descent.excess());
        facts.put("gradient", descent.gradient());
        facts.put("leastGradient", descent.leastGradient());
        prospect.released().ifPresent(noisy -> {
            facts.put("releasedLoss", noisy.loss());
            if (noisy.gradient() < Double.POSITIVE_INFINITY) {
                facts.put("releasedGradient", noisy.gradient());
            }
        });
        return facts;
    }

    /** What the model that is released has at most, as two columns: loss and gradient. */
    static String columns(Prospect prospect, boolean noisy) {
        Optional<NoisyBound> released = prospect.released();
        if (noisy && released.isEmpty()) {
            return String.format(Locale.ROOT, "%11s %11s", "-", "-");
        }
        double loss = released.map(NoisyBound::loss).orElse(prospect.descent().loss());
        double gradient =
                released.map(NoisyBound::gradient).orElse(prospect.descent().gradient());
        return String.format(
                Locale.ROOT,
                "%11.6g %11s",
                loss,
                gradient < Double.POSITIVE_INFINITY ? String.format(Locale.ROOT, "%.4g", gradient) : "-");
    }
}
