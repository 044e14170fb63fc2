/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordObjective;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;

/**
 * How close a model is to the minimiser of its loss once its gradient is small, whatever the records are and however it got there
 * (docs/unlearning.md, (12) and (13)). With {@code F(θ) = (1/N)·Σ ℓ_r(θ) + (λ/2)‖θ‖²}, losses convex and never negative, λ > 0,
 *
 * <pre>{@code   ‖θ - θ*‖ <= ‖∇F(θ)‖/λ,   ‖θ*‖ <= R = min{ s·C/λ, √(s·ℓ₀/λ) },   s = planned records/N. }</pre>
 *
 * So two models with gradients of at most G on the same records are within {@code Δ = 2G/λ}. All numbers are public; Δ, R and ρ are rounded up.
 *
 * @param gradientNorm G, in [4ρ, λR)
 * @param weightDecay λ, > 0
 * @param normaliser N, > 0; empty if the sum is divided by the number of its records
 * @param plannedRecords the most records that there can be, >= 1
 * @param recordGradient C, a bound of a record's gradient, > 0
 * @param lossAtZero ℓ₀, the most that a record's loss is at θ = 0, > 0; +∞ if that is not known
 * @param roundingModel what bounds the rounding of a gradient
 */
public record ConvergenceBound(
        double gradientNorm,
        double weightDecay,
        OptionalDouble normaliser,
        long plannedRecords,
        double recordGradient,
        double lossAtZero,
        RoundingModel roundingModel) {

    /** How many times the rounding of a gradient its norm may be, if nothing else is said. */
    private static final double EASY = 100;

    /** At least so many times the rounding: the rest is for the steps. */
    private static final double POSSIBLE = 4;

    /**
     * Of λR, at least: the distance of 2^-27·R then carries noise that doubles up to 2R have a grid for.
     */
    private static final double VISIBLE = 0x1p-28;

    /** Of a normaliser that is the product of a rate and a whole number. */
    private static final double ROUNDED = 1e-12;

    /** @throws IllegalArgumentException if a number is out of its range, or G is not reachable or says nothing */
    public ConvergenceBound {
        Checks.positive("weight decay", weightDecay);
        Checks.present("normaliser", normaliser);
        if (plannedRecords < 1) {
            throw new IllegalArgumentException("the planned number of records must be >= 1, got " + plannedRecords);
        }
        Checks.positive("C, the bound of the gradients,", recordGradient);
        Checks.notNegativeOrInfinite("the loss at zero", lossAtZero);
        Checks.present("roundingModel", roundingModel);
        double most = most(weightDecay, normaliser, plannedRecords, recordGradient, lossAtZero);
        double rounding = rounding(weightDecay, normaliser, plannedRecords, most, roundingModel);
        if (!(gradientNorm >= Upward.multiply(POSSIBLE, rounding) && gradientNorm < weightDecay * most)) {
            throw new IllegalArgumentException(text(
                    "the largest norm of a gradient must be in [%.3g, %.3g), from 4 times what rounding may add to one up to where"
                            + " it says nothing, got %.3g",
                    POSSIBLE * rounding, weightDecay * most, gradientNorm));
        }
    }

    /**
     * Of an objective, with the default G: {@code max(100ρ, 2^-28·λR)}, which every model reaches and whose noise is invisible.
     *
     * @param bounds of a record's gradient
     * @param lossAtZero ℓ₀; +∞ if it is not known
     * @throws IllegalArgumentException if {@link #refusal} has something to say
     */
    public static ConvergenceBound of(
            RecordObjective objective, LossBounds bounds, RoundingModel rounding, double lossAtZero) {
        requireNone(refusal(objective, bounds, rounding, lossAtZero));
        return made(objective, bounds, rounding, lossAtZero, easiest(objective, bounds, rounding, lossAtZero));
    }

    /** The same with another G. */
    public ConvergenceBound withGradientNorm(double norm) {
        return new ConvergenceBound(
                norm, weightDecay, normaliser, plannedRecords, recordGradient, lossAtZero, roundingModel);
    }

    /** Why no small gradient proves anything about a model; empty if it does. */
    public static Optional<String> refusal(
            RecordObjective objective, LossBounds bounds, RoundingModel rounding, double lossAtZero) {
        if (bounds.curvature() != LossCurvature.STRONGLY_CONVEX) {
            return Optional.of(
                    "a small gradient proves something only where every loss is convex and weight decay is above 0");
        }
        if (bounds.diameter().isKnown()) {
            return Optional.of(
                    "parameters that are kept in a ball need not have a small gradient: leave the radius out");
        }
        if (!objective.hasTrueGradient()) {
            return Optional.of("a mean of clipped gradients is not the gradient of the loss");
        }
        if (objective.precision() != Precision.DOUBLE) {
            return Optional.of("a small gradient is only seen in DOUBLE, got FLOAT");
        }
        if (!(bounds.gradientBound().value() > 0)) {
            return Optional.of("there is no bound of the gradients above 0");
        }
        long planned = planned(objective);
        double most = most(
                objective.weightDecay(),
                objective.fixedNormaliser(),
                planned,
                bounds.gradientBound().value(),
                lossAtZero);
        double least = easiest(objective, bounds, rounding, lossAtZero);
        return least < objective.weightDecay() * most
                ? Optional.empty()
                : Optional.of(text(
                        "rounding may make a gradient %.3g, and every gradient below %.3g is small: more weight decay helps",
                        least, objective.weightDecay() * most));
    }

    private static void requireNone(Optional<String> refusal) {
        refusal.ifPresent(why -> {
            throw new IllegalArgumentException(why);
        });
    }

    private static ConvergenceBound made(
            RecordObjective objective, LossBounds bounds, RoundingModel rounding, double lossAtZero, double norm) {
        return new ConvergenceBound(
                norm,
                objective.weightDecay(),
                objective.fixedNormaliser(),
                planned(objective),
                bounds.gradientBound().value(),
                lossAtZero,
                rounding);
    }

    private static double easiest(
            RecordObjective objective, LossBounds bounds, RoundingModel rounding, double lossAtZero) {
        double lambda = objective.weightDecay();
        long planned = planned(objective);
        double most = most(
                lambda,
                objective.fixedNormaliser(),
                planned,
                bounds.gradientBound().value(),
                lossAtZero);
        double error = rounding(lambda, objective.fixedNormaliser(), planned, most, rounding);
        return Math.max(Upward.multiply(EASY, error), Upward.multiply(VISIBLE * lambda, most));
    }

    /** As many as the normaliser is meant for; all that there are, if they are more: then no guarantee can be given (see Guarantee). */
    private static long planned(RecordObjective objective) {
        int records = objective.records().size();
        double meant = objective.fixedNormaliser().orElse(records) * (1 + ROUNDED);
        return Math.max(records, (long) meant);
    }

    /** R. */
    private static double most(
            double lambda, OptionalDouble normaliser, long planned, double recordGradient, double lossAtZero) {
        double share = share(normaliser, planned);
        double byGradients = Upward.divide(Upward.multiply(share, recordGradient), lambda);
        double byLoss = Upward.sqrt(Upward.divide(Upward.multiply(share, lossAtZero), lambda));
        return Math.min(byGradients, byLoss);
    }

    private static double share(OptionalDouble normaliser, long planned) {
        return normaliser.isPresent() ? Upward.divide((double) planned, normaliser.getAsDouble()) : 1;
    }

    /** ρ. */
    private static double rounding(
            double lambda, OptionalDouble normaliser, long planned, double most, RoundingModel model) {
        return model.ofGradient(planned, normaliser.orElse((double) planned), lambda, 2 * most);
    }

    /** Δ = 2G/λ: how far two models with gradients of at most G on the same records can be apart. */
    public double delta() {
        return Upward.divide(2 * gradientNorm, weightDecay);
    }

    /** R: no minimiser has a larger norm, whatever the records are. */
    public double radius() {
        return most(weightDecay, normaliser, plannedRecords, recordGradient, lossAtZero);
    }

    /** 2R: no model with a gradient of at most G has a larger norm. */
    public double largestNorm() {
        return 2 * radius();
    }

    /** ρ: how far the computed gradient can be from the exact one, up to the largest norm. */
    public double rounding() {
        return rounding(weightDecay, normaliser, plannedRecords, radius(), roundingModel);
    }

    /** How much F can be above its least value: {@code G²/(2λ)}; rounded up. */
    public double excessLoss() {
        return Upward.divide(Upward.square(gradientNorm), 2 * weightDecay);
    }

    /**
     * A bound of ‖∇F(θ)‖ by a computed gradient, what rounding may have hidden included; infinite where the norm of θ is beyond what the
     * rounding was bounded for.
     *
     * @param theta [dimension]; only read
     * @param gradient as computed there, [dimension]; only read
     */
    public double atMost(double[] theta, double[] gradient) {
        double norm = Upward.norm(theta);
        return norm <= largestNorm() ? Upward.add(Upward.norm(gradient), rounding()) : Double.POSITIVE_INFINITY;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
