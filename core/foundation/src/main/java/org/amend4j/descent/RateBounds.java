/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.amend4j.objective.Objective;

/**
 * Theoretical bounds compared with an actual run: bounds on {@code min_{t<T} ‖∇J(θ_t)‖²} (squared gradient norms; take
 * {@link #asNorm} of them). They hold if the rule's promises hold; the bounds made "before the run" use nothing of it but
 * J₀, ‖V₀‖ and T.
 *
 * @param steps T, >= 1
 * @param c the share of the decrease that the rule promises
 * @param delta0 Δ₀, {@code J₀ - ℓ*}
 * @param initialAdapterNorm ‖V₀‖
 * @param stepSum S_T, {@code Σ_{t<T} η_t}
 * @param smallestSquaredGradient {@code min_{t<T} g_t²}, as seen
 * @param rate the rule's constants, if L is known
 * @param muKlabjan those of the rule of Mu and Klabjan on the same problem, if L is known and there is no weight decay
 */
public record RateBounds(
        int steps,
        double c,
        double delta0,
        double initialAdapterNorm,
        double stepSum,
        double smallestSquaredGradient,
        Optional<RateConstants> rate,
        Optional<RateConstants> muKlabjan) {

    /**
     * The bounds for a run with a rule that knows L and ℓ*.
     *
     * @param records steps 0 to T - 1
     * @throws IllegalArgumentException if the rule promises nothing or does not know ℓ*, there are no records, or the first
     *     loss is below ℓ*
     */
    public static RateBounds of(StepRule rule, Objective objective, List<StepRecord> records) {
        Smoothness known = rule.smoothness()
                .orElseThrow(() -> new IllegalArgumentException(
                        "a rate needs a lower bound of the loss, got none from the rule '" + rule.name() + "'"));
        return of(rule, objective, known.lossLowerBound(), records);
    }

    /** As {@link #of(StepRule, Objective, List)}, with ℓ* for a rule that does not know it. */
    public static RateBounds of(StepRule rule, Objective objective, double lossLowerBound, List<StepRecord> records) {
        double c = rule.c()
                .orElseThrow(() -> new IllegalArgumentException(
                        "a rate needs a rule that promises a decrease, got '" + rule.name() + "'"));
        if (records.isEmpty()) {
            throw new IllegalArgumentException("a rate needs at least one step, got none");
        }
        StepRecord first = records.get(0);
        double delta0 = first.loss() - lossLowerBound;
        if (!(delta0 >= 0)) {
            throw new IllegalArgumentException("the first loss must not be below the lower bound of the loss, got "
                    + first.loss() + " (bound " + lossLowerBound + ")");
        }
        ProblemShape shape = ProblemShape.of(objective);
        return new RateBounds(
                records.size(),
                c,
                delta0,
                first.adapterNorm(),
                records.stream().mapToDouble(StepRecord::stepSize).sum(),
                records.stream()
                        .mapToDouble(record -> record.gradientNorm() * record.gradientNorm())
                        .min()
                        .getAsDouble(),
                rule.rate(shape, delta0),
                shape.weightDecay() > 0
                        ? Optional.empty()
                        : rule.smoothness().map(known -> RateConstants.muKlabjan(known, shape, delta0)));
    }

    /** The bounds for T = 1, 2, …, one a step, as for a chart; see {@link #of(StepRule, Objective, double, List)}. */
    public static List<RateBounds> afterEachStep(
            StepRule rule, Objective objective, double lossLowerBound, List<StepRecord> records) {
        return IntStream.rangeClosed(1, records.size())
                .mapToObj(steps -> of(rule, objective, lossLowerBound, records.subList(0, steps)))
                .toList();
    }

    /** From the steps as they were: {@code Δ₀/(c·S_T)}. */
    public double alongTheRun() {
        return delta0 / (c * stepSum);
    }

    /** Before the run, O(1/√T): {@link RateConstants#squaredGradientBound}. */
    public OptionalDouble beforeTheRun() {
        return map(rate.map(constants -> constants.squaredGradientBound(steps, delta0, initialAdapterNorm)));
    }

    /** Before the run, {@link RateConstants#leastStepSum}. */
    public OptionalDouble leastStepSum() {
        return map(rate.map(constants -> constants.leastStepSum(steps, delta0, initialAdapterNorm)));
    }

    /** The theorem of Mu and Klabjan from the steps as they were, {@code 4Δ₀/S_T}; empty if the rule promises less than 1/4. */
    public OptionalDouble muKlabjanAlongTheRun() {
        return c >= StepBounds.MU_KLABJAN_C
                ? OptionalDouble.of(delta0 / (StepBounds.MU_KLABJAN_C * stepSum))
                : OptionalDouble.empty();
    }

    /** What Mu and Klabjan's argument says of their rule before it runs, O(1/log T): {@link RateConstants#logarithmicBound}. */
    public OptionalDouble muKlabjanBeforeTheRun() {
        return map(muKlabjan.map(constants -> constants.logarithmicBound(steps, delta0, initialAdapterNorm)));
    }

    /** {@code ‖θ_T - θ₀‖² <= S_T·Δ₀/c}. */
    public double squaredDistanceBound() {
        return stepSum * delta0 / c;
    }

    /** A bound on gradient norms from one on squared gradient norms. */
    public static double asNorm(double squaredGradient) {
        return Math.sqrt(squaredGradient);
    }

    private static OptionalDouble map(Optional<Double> value) {
        return value.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
    }
}
