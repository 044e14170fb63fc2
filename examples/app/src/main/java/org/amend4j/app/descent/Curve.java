/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.descent;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.descent.DescentResult;
import org.amend4j.descent.RateBounds;
import org.amend4j.descent.StepRecord;
import org.amend4j.descent.StepRule;

/**
 * One rule's run on one problem.
 *
 * @param label of the rule, with its number
 * @param rule the rule
 * @param records the steps
 * @param result the run's end; empty if it diverged until the loss or its gradient overflowed
 * @param accuracy share of right test answers at the end; empty if it diverged
 * @param secondsPerStep wall time; empty if steps of an earlier, interrupted run were taken over
 * @param bounds on the smallest squared gradient norm after t = 1, 2, ... steps; empty if the rule promises nothing or L is
 *     only an estimate
 */
record Curve(
        String label,
        StepRule rule,
        List<StepRecord> records,
        Optional<DescentResult> result,
        OptionalDouble accuracy,
        OptionalDouble secondsPerStep,
        List<RateBounds> bounds) {

    /** Shares of the promised decrease below which a step counts as broken: that of Mu and Klabjan. */
    private static final double QUARTER = 0.25;

    Curve {
        records = List.copyOf(records);
        bounds = List.copyOf(bounds);
    }

    /** Losses J_0, ..., J_T. */
    List<Double> losses() {
        List<Double> losses = new ArrayList<>();
        records.forEach(record -> losses.add(record.loss()));
        losses.add(lastLoss());
        return losses;
    }

    /** The loss where the run ended or was last seen. */
    double lastLoss() {
        return result.map(DescentResult::loss)
                .orElseGet(() -> records.get(records.size() - 1).nextLoss());
    }

    /** The smallest gradient norm over steps 0 to t, for t = 0, ..., T - 1. */
    List<Double> smallestGradients() {
        List<Double> smallest = new ArrayList<>();
        double least = Double.POSITIVE_INFINITY;
        for (StepRecord record : records) {
            least = Math.min(least, record.gradientNorm());
            smallest.add(least);
        }
        return smallest;
    }

    /** The loss after some steps, or at the end if that came before. */
    double lossAfter(int steps) {
        List<Double> losses = losses();
        return losses.get(Math.min(steps, losses.size() - 1));
    }

    /** Steps that did not decrease the loss by a quarter of η·g², promised or not. */
    long stepsBelowAQuarter() {
        return records.stream()
                .filter(r -> !(r.actualDecrease() >= QUARTER * r.stepSize() * r.gradientNorm() * r.gradientNorm()))
                .count();
    }

    /** The bounds at the end. */
    Optional<RateBounds> finalBounds() {
        return bounds.isEmpty() ? Optional.empty() : Optional.of(bounds.get(bounds.size() - 1));
    }

    /** For JSON. */
    record Facts(
            @JsonUnwrapped Course course,
            @JsonUnwrapped Promises promises,
            @JsonUnwrapped Steps steps) {}

    /**
     * How far it came.
     *
     * @param gradientNorm at the end; none if it diverged
     */
    record Course(
            String rule,
            String guarantee,
            String status,
            int steps,
            double loss,
            OptionalDouble gradientNorm,
            OptionalDouble testAccuracy) {}

    /**
     * What was promised, and what was kept.
     *
     * @param promises none if it diverged
     */
    record Promises(
            long stepsBelowAQuarter,
            Optional<Integer> promises,
            Optional<Integer> promisesBroken,
            OptionalDouble secondsPerStep,
            Optional<Bounds> gradientNormBounds) {}

    /** Norms where {@link RateBounds} has squares. */
    record Bounds(
            double observed,
            double alongTheRun,
            OptionalDouble oursBeforeTheRun,
            OptionalDouble muKlabjanBeforeTheRun) {

        private static Bounds of(RateBounds last) {
            return new Bounds(
                    RateBounds.asNorm(last.smallestSquaredGradient()),
                    RateBounds.asNorm(last.alongTheRun()),
                    asNorm(last.beforeTheRun()),
                    asNorm(last.muKlabjanBeforeTheRun()));
        }

        private static OptionalDouble asNorm(OptionalDouble squared) {
            return squared.stream().map(RateBounds::asNorm).findFirst();
        }
    }

    /** A number each step, the loss at the end besides. */
    record Steps(List<Double> losses, List<Double> smallestGradientNorms, List<Double> stepSizes) {}

    Facts facts() {
        return new Facts(
                new Course(
                        label,
                        rule.guarantee(),
                        result.map(end -> end.status().name()).orElse("DIVERGED"),
                        records.size(),
                        lastLoss(),
                        result.stream().mapToDouble(DescentResult::gradientNorm).findFirst(),
                        accuracy),
                new Promises(
                        stepsBelowAQuarter(),
                        result.map(end -> end.promises().promises()),
                        result.map(end -> end.promises().broken()),
                        secondsPerStep,
                        finalBounds().map(Bounds::of)),
                new Steps(
                        losses(),
                        smallestGradients(),
                        records.stream().map(StepRecord::stepSize).toList()));
    }
}
