/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.amend4j.descent.Assurance;
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
            method.rewindsTo().ifPresent(points::add);
        }
        // retraining begins there; a damaged one is not among the stored, and is named when it is read
        points.add(0);
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

    /** Where the loss was computed, in ascending order; empty if it was not. */
    NavigableSet<Integer> points() {
        return loss.<NavigableSet<Integer>>map(
                        seen -> new TreeSet<>(seen.values().keySet()))
                .orElse(Collections.emptyNavigableSet());
    }

    /** What a method promises; empty if nothing is known. */
    Optional<Prospect> of(UnlearningMethod method) {
        return loss.map(seen -> seen.of(method));
    }

    /**
     * For JSON.
     *
     * @param none why nothing is promised
     */
    record Facts(
            String label,
            Optional<String> none,
            @JsonUnwrapped Optional<Landscape> landscape) {}

    /**
     * What is known of the loss.
     *
     * @param growth empty if none is proved
     * @param leastLossFrom a proved lower bound of the least loss
     * @param leastLossTo an upper bound of it
     * @param lossAtCheckpoint by step
     */
    record Landscape(
            double smoothness,
            Assurance smoothnessEvidence,
            @JsonUnwrapped Optional<Growth> growth,
            double leastLossFrom,
            double leastLossTo,
            NavigableMap<Integer, Double> lossAtCheckpoint) {

        private static Landscape of(RetainedLoss seen) {
            return new Landscape(
                    seen.landscape().smoothness().value(),
                    seen.landscape().smoothness().assurance(),
                    Optional.of(seen.landscape().growth())
                            .filter(mu -> mu.value() > 0)
                            .map(mu -> new Growth(mu.value(), mu.assurance())),
                    seen.bracket().lowest(),
                    seen.bracket().known(),
                    seen.values());
        }
    }

    /** μ of the Polyak-Łojasiewicz inequality. */
    record Growth(double growth, Assurance growthEvidence) {}

    Facts facts() {
        return new Facts(PRIVATE, loss.isEmpty() ? Optional.of(reason) : Optional.empty(), loss.map(Landscape::of));
    }

    /**
     * What a method promises, for JSON: bounds.
     *
     * @param startLoss at the checkpoint
     * @param excess over the least loss
     * @param leastGradient of all points on the way
     * @param releasedLoss with noise, in the mean
     * @param releasedGradient with noise; empty if there is no bound
     */
    record Promised(
            Assurance evidence,
            double startLoss,
            double loss,
            double excess,
            double gradient,
            double leastGradient,
            OptionalDouble releasedLoss,
            OptionalDouble releasedGradient) {

        private static Promised of(Prospect prospect) {
            DescentBound descent = prospect.descent();
            return new Promised(
                    prospect.assurance(),
                    prospect.start(),
                    descent.loss(),
                    descent.excess(),
                    descent.gradient(),
                    descent.leastGradient(),
                    prospect.released().stream().mapToDouble(NoisyBound::loss).findFirst(),
                    prospect.released().stream()
                            .mapToDouble(NoisyBound::gradient)
                            .filter(bound -> bound < Double.POSITIVE_INFINITY)
                            .findFirst());
        }
    }

    List<Promised> facts(UnlearningMethod method) {
        return of(method).stream().map(Promised::of).toList();
    }

    /** What the loss on the retained records is at most after a method, for people. */
    String sentence(UnlearningMethod method) {
        Optional<Prospect> prospect = of(method);
        if (prospect.isEmpty()) {
            return "nothing is promised of its loss: " + reason;
        }
        boolean noisy = method.releaseNoise().isPresent();
        Optional<NoisyBound> released = prospect.get().released();
        if (noisy && released.isEmpty()) {
            return "nothing is promised of its loss: the noise may leave the balls of the parameters";
        }
        double loss =
                released.map(NoisyBound::loss).orElse(prospect.get().descent().loss());
        return String.format(
                Locale.ROOT,
                "the loss on the retained records is then at most %.6g%s (%s)",
                loss,
                noisy ? " in the mean" : "",
                prospect.get().assurance());
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
