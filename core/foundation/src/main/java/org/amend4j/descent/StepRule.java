/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/**
 * Chooses the step size of gradient descent. All steps are {@code θ ← θ - η·∇J(θ)} on the whole objective, A and B at once.
 * The formulas are in {@link StepBounds}, the proofs in docs/descent.md.
 */
public sealed interface StepRule extends Identified {

    /** What a rule needs to know of the adapters; each includes the ones before. */
    enum Needs {
        /** Norms of parameters and gradients, which cost nothing. */
        PLAIN_NORMS,
        /** Also ‖∂ℓ/∂W‖ of every adapter. */
        WEIGHT_GRADIENTS,
        /** Also the spectral norms of A and B. */
        SPECTRAL_NORMS
    }

    /** A stable name, for files and reports. */
    String name();

    /** c, if the rule promises {@code J_{t+1} <= J_t - c·η_t·g_t²}. */
    OptionalDouble c();

    /** What a promise rests on, in words: {@code "guaranteed (L proved)"}, {@code "heuristic"}. */
    String guarantee();

    /** What is known of the loss, if the rule was told. */
    Optional<Smoothness> smoothness();

    /** What {@link #stepSize} reads. */
    Needs needs();

    /**
     * Checks that the rule is meant for an objective.
     *
     * @throws IllegalArgumentException if it is not, saying why
     */
    default void requireFor(ProblemShape shape) {}

    /**
     * The length of the next step.
     *
     * @param at the point
     * @param valueAfter J after a step of the given length; not free
     * @return η, or nothing if no step can be told from rounding
     */
    OptionalDouble stepSize(Situation at, DoubleUnaryOperator valueAfter);

    /** How fast the rule is bound to be on a problem with {@code Δ₀ = J₀ - ℓ*}; nothing if L is not known or of no help. */
    default Optional<RateConstants> rate(ProblemShape shape, double delta0) {
        return Optional.empty();
    }

    /**
     * The same step always. Promises nothing: with adapters J is not smooth, and no constant step is safe everywhere.
     *
     * @param step η, > 0
     */
    record Constant(double step) implements Heuristic {

        /** @throws IllegalArgumentException if the step is not > 0 and finite */
        public Constant {
            Checks.positive("the constant step", step);
        }

        @Override
        public Facts facts() {
            return Facts.of("Constant").with("step", step);
        }

        @Override
        public String name() {
            return "constant";
        }

        @Override
        public Needs needs() {
            return Needs.PLAIN_NORMS;
        }

        @Override
        public OptionalDouble stepSize(Situation at, DoubleUnaryOperator valueAfter) {
            return OptionalDouble.of(step);
        }
    }

    /** {@link StepBounds#closedForm}: promises c = 0.35894; refuses weight decay. */
    record ClosedForm(Smoothness knownSmoothness) implements FromSmoothness {

        @Override
        public Facts facts() {
            return Facts.of("ClosedForm").with("knownSmoothness", knownSmoothness);
        }

        @Override
        public String name() {
            return "closed-form";
        }

        @Override
        public OptionalDouble c() {
            return OptionalDouble.of(StepBounds.CLOSED_FORM_C);
        }

        @Override
        public Needs needs() {
            return Needs.SPECTRAL_NORMS;
        }

        @Override
        public void requireFor(ProblemShape shape) {
            refuseWeightDecay(name(), shape);
        }

        @Override
        public OptionalDouble stepSize(Situation at, DoubleUnaryOperator valueAfter) {
            return OptionalDouble.of(StepBounds.closedForm(knownSmoothness.lipschitz(), at));
        }

        @Override
        public Optional<RateConstants> rate(ProblemShape shape, double delta0) {
            return Optional.of(RateConstants.closedForm(StepBounds.CLOSED_FORM_C, knownSmoothness, shape, delta0));
        }
    }

    /**
     * {@link StepBounds#exactStep}: the largest step for which the inequality promises c. Never shorter than the closed form
     * if {@code c <= 0.35894}; covers weight decay.
     *
     * @param promised c, in (0, 1)
     */
    record ExactStep(Smoothness knownSmoothness, double promised) implements FromSmoothness {

        /** The c of {@link #of}. */
        public static final double DEFAULT_C = 0.25;

        /** @throws IllegalArgumentException if c is not in (0, 1) */
        public ExactStep {
            Checks.insideUnit("c of the exact step", promised);
        }

        /** With c = {@value #DEFAULT_C}. */
        public static ExactStep of(Smoothness smoothness) {
            return new ExactStep(smoothness, DEFAULT_C);
        }

        @Override
        public Facts facts() {
            return Facts.of("ExactStep")
                    .with("knownSmoothness", knownSmoothness)
                    .with("promised", promised);
        }

        @Override
        public String name() {
            return "exact";
        }

        @Override
        public OptionalDouble c() {
            return OptionalDouble.of(promised);
        }

        @Override
        public Needs needs() {
            return Needs.SPECTRAL_NORMS;
        }

        @Override
        public OptionalDouble stepSize(Situation at, DoubleUnaryOperator valueAfter) {
            return OptionalDouble.of(StepBounds.exactStep(knownSmoothness.lipschitz(), promised, at));
        }

        @Override
        public Optional<RateConstants> rate(ProblemShape shape, double delta0) {
            return Optional.of(RateConstants.closedForm(promised, knownSmoothness, shape, delta0)
                    .shortened(shortening(promised)));
        }

        /** How much shorter than the closed form the exact step for c may be: {@code max(1, (1 - 0.35894)/(1 - c))}. */
        static double shortening(double c) {
            return Math.max(1, (1 - StepBounds.CLOSED_FORM_C) / (1 - c));
        }
    }

    /**
     * Backtracking: halves a first step until the decrease is c·η·g². It checks what it promises and so needs no L. Given L, it starts no
     * lower than the step of {@link ExactStep}, which it would accept, and then has that rule's rate up to a factor 2.
     *
     * <p>It begins with twice the last step, or {@code firstStep} if that is larger, and rejects steps to values that are not finite. While
     * the promised decrease is no more than the two values' rounding, {@code c·η·g² <= 2ρ(|J| + g·‖θ‖)} with ρ = 3.6e-15 in double and
     * 1.9e-6 in float, a comparison means nothing. A first step this short is lengthened to twice the shortest step that can be compared,
     * which small features need. If no comparable step keeps the promise, the rule gives up.
     *
     * @param promised c, in (0, 1)
     * @param firstStep > 0
     * @param smoothness L, if known
     */
    record Armijo(double promised, double firstStep, Optional<Smoothness> smoothness) implements StepRule {

        /** The c of {@link #of}. */
        public static final double DEFAULT_C = 0.25;

        /** @throws IllegalArgumentException if a number is out of its range */
        public Armijo {
            Checks.insideUnit("c of the backtracking", promised);
            Checks.positive("the first step of the backtracking", firstStep);
        }

        /** With c = {@value #DEFAULT_C} and L unknown. */
        public static Armijo of(double firstStep) {
            return new Armijo(DEFAULT_C, firstStep, Optional.empty());
        }

        /** The same, told L. */
        public Armijo withSmoothness(Smoothness known) {
            return new Armijo(promised, firstStep, Optional.of(known));
        }

        @Override
        public Facts facts() {
            return Facts.of("Armijo")
                    .with("promised", promised)
                    .with("firstStep", firstStep)
                    .with("smoothness", smoothness);
        }

        @Override
        public String name() {
            return "armijo";
        }

        @Override
        public OptionalDouble c() {
            return OptionalDouble.of(promised);
        }

        @Override
        public String guarantee() {
            return "guaranteed (every step checked)";
        }

        @Override
        public Needs needs() {
            return smoothness.isPresent() ? Needs.SPECTRAL_NORMS : Needs.PLAIN_NORMS;
        }

        @Override
        public OptionalDouble stepSize(Situation at, DoubleUnaryOperator valueAfter) {
            double squared = at.gradientNorm() * at.gradientNorm();
            double step = first(at);
            if (promised * step * squared <= 2 * at.rounding()) {
                step = Math.min(4 * at.rounding() / (promised * squared), Double.MAX_VALUE);
            }
            while (promised * step * squared > 2 * at.rounding()) {
                double value = valueAfter.applyAsDouble(step);
                if (Double.isFinite(value) && value <= at.loss() - promised * step * squared) {
                    return OptionalDouble.of(step);
                }
                step /= 2;
            }
            return OptionalDouble.empty();
        }

        private double first(Situation at) {
            double step =
                    Double.isNaN(at.previousStepSize()) ? firstStep : Math.max(firstStep, 2 * at.previousStepSize());
            if (smoothness.isPresent()) {
                step = Math.max(step, StepBounds.exactStep(smoothness.get().lipschitz(), promised, at));
            }
            return Math.min(step, Double.MAX_VALUE);
        }

        @Override
        public Optional<RateConstants> rate(ProblemShape shape, double delta0) {
            return smoothness.map(known -> RateConstants.closedForm(promised, known, shape, delta0)
                    .shortened(2 * ExactStep.shortening(promised)));
        }
    }

    /** {@link StepBounds#muKlabjan}: promises c = 1/4; refuses weight decay. */
    record MuKlabjan(Smoothness knownSmoothness) implements FromSmoothness {

        @Override
        public Facts facts() {
            return Facts.of("MuKlabjan").with("knownSmoothness", knownSmoothness);
        }

        @Override
        public String name() {
            return "mu-klabjan";
        }

        @Override
        public OptionalDouble c() {
            return OptionalDouble.of(StepBounds.MU_KLABJAN_C);
        }

        @Override
        public Needs needs() {
            return Needs.WEIGHT_GRADIENTS;
        }

        @Override
        public void requireFor(ProblemShape shape) {
            refuseWeightDecay(name(), shape);
        }

        @Override
        public OptionalDouble stepSize(Situation at, DoubleUnaryOperator valueAfter) {
            return OptionalDouble.of(StepBounds.muKlabjan(knownSmoothness.lipschitz(), at));
        }

        @Override
        public Optional<RateConstants> rate(ProblemShape shape, double delta0) {
            return Optional.of(RateConstants.muKlabjan(knownSmoothness, shape, delta0));
        }
    }

    /** {@link StepBounds#adapt}, from the experiments of Mu and Klabjan; needs adapters. */
    record Adapt(double alpha) implements Heuristic {

        /** @throws IllegalArgumentException if alpha is not > 0 and finite */
        public Adapt {
            Checks.positive("alpha of adapt", alpha);
        }

        @Override
        public Facts facts() {
            return Facts.of("Adapt").with("alpha", alpha);
        }

        @Override
        public String name() {
            return "adapt";
        }

        @Override
        public Needs needs() {
            return Needs.WEIGHT_GRADIENTS;
        }

        @Override
        public void requireFor(ProblemShape shape) {
            if (shape.adapters() == 0) {
                throw new IllegalArgumentException("the rule 'adapt' needs at least one adapter, got none");
            }
        }

        @Override
        public OptionalDouble stepSize(Situation at, DoubleUnaryOperator valueAfter) {
            return OptionalDouble.of(StepBounds.adapt(alpha, at));
        }
    }

    /** {@link StepBounds#adapt2}, from the experiments of Mu and Klabjan; for losses that are never negative. */
    record Adapt2(double alpha) implements Heuristic {

        /** @throws IllegalArgumentException if alpha is not > 0 and finite */
        public Adapt2 {
            Checks.positive("alpha of adapt2", alpha);
        }

        @Override
        public Facts facts() {
            return Facts.of("Adapt2").with("alpha", alpha);
        }

        @Override
        public String name() {
            return "adapt2";
        }

        @Override
        public Needs needs() {
            return Needs.PLAIN_NORMS;
        }

        @Override
        public OptionalDouble stepSize(Situation at, DoubleUnaryOperator valueAfter) {
            return OptionalDouble.of(StepBounds.adapt2(alpha, at));
        }
    }

    /** {@link StepBounds#norm}, from the experiments of Mu and Klabjan. */
    record Norm(double alpha) implements Heuristic {

        /** @throws IllegalArgumentException if alpha is not > 0 and finite */
        public Norm {
            Checks.positive("alpha of norm", alpha);
        }

        @Override
        public Facts facts() {
            return Facts.of("Norm").with("alpha", alpha);
        }

        @Override
        public String name() {
            return "norm";
        }

        @Override
        public Needs needs() {
            return Needs.PLAIN_NORMS;
        }

        @Override
        public OptionalDouble stepSize(Situation at, DoubleUnaryOperator valueAfter) {
            return OptionalDouble.of(StepBounds.norm(alpha, at));
        }
    }

    /** A rule that promises nothing. */
    sealed interface Heuristic extends StepRule {

        @Override
        default OptionalDouble c() {
            return OptionalDouble.empty();
        }

        @Override
        default String guarantee() {
            return "heuristic";
        }

        @Override
        default Optional<Smoothness> smoothness() {
            return Optional.empty();
        }
    }

    /** A rule with a promise that follows from L. */
    sealed interface FromSmoothness extends StepRule {

        /** L, ℓ* and how they are known. */
        Smoothness knownSmoothness();

        @Override
        default Optional<Smoothness> smoothness() {
            return Optional.of(knownSmoothness());
        }

        @Override
        default String guarantee() {
            return knownSmoothness().label();
        }
    }

    private static void refuseWeightDecay(String rule, ProblemShape shape) {
        if (shape.weightDecay() > 0) {
            throw new IllegalArgumentException("the rule '" + rule + "' does not cover weight decay, got "
                    + shape.weightDecay() + ": use 'exact' or 'armijo'");
        }
    }
}
