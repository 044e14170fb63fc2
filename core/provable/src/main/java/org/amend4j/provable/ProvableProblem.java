/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.graph.Clipping.Unit;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.PartialObjective;
import org.amend4j.objective.RecordObjective;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.unlearn.ConvergenceBound;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.ParameterBall;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.RoundingModel;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A learning problem with constants on which certified unlearning can rest: what to descend on, from where, in which balls,
 * and what is known of the records' gradients there. The bounds hold on the balls, so every step must end with
 * {@link #project}.
 */
public final class ProvableProblem {

    /** Why the constants hold. */
    public enum Kind {
        /** One output layer on bounded features. */
        LINEAR_HEAD,
        /** The factor B of an adapter on the output layer; A stays. */
        FROZEN_A,
        /** Both factors of an adapter on the output layer, in a ball. */
        BOTH_FACTORS,
        /** Both factors of adapters in a chain of dense layers with smooth activations, each adapter in a ball. */
        ADAPTED_NETWORK,
        /** Dense layers with smooth activations, each in balls. */
        SMOOTH_NETWORK,
        /** Anything, with clipped gradients: G alone is known. */
        CLIPPED
    }

    /** The assumed relative rounding of a step where it was not analysed; far above what double precision does. */
    private static final double ASSUMED_ROUNDING = 1e-10;

    /** A norm of doubles, added up one after the other, is off by less. */
    private static final double NORM_MARGIN = 1e-9;

    private final Kind kind;
    private final RecordObjective objective;
    private final double[] start;
    private final LossBounds bounds;
    private final List<ParameterBall> balls;
    private final Unit unit;
    private final Optional<RoundingModel> rounding;
    private final List<String> notes;
    private final double lossAtZero;

    /** @param start copied, and projected */
    ProvableProblem(
            Kind kind,
            RecordObjective objective,
            double[] start,
            LossBounds bounds,
            List<ParameterBall> balls,
            Unit unit,
            Optional<RoundingModel> rounding,
            List<String> notes) {
        this(kind, objective, start, bounds, balls, unit, rounding, notes, Double.POSITIVE_INFINITY);
    }

    private ProvableProblem(
            Kind kind,
            RecordObjective objective,
            double[] start,
            LossBounds bounds,
            List<ParameterBall> balls,
            Unit unit,
            Optional<RoundingModel> rounding,
            List<String> notes,
            double lossAtZero) {
        Vectors.requireLength("the starting vector", start, objective.dimension());
        for (ParameterBall ball : balls) {
            IndexRange.requireAscending(ball.ranges(), start.length);
        }
        this.kind = kind;
        this.objective = objective;
        this.start = start.clone();
        this.bounds = bounds;
        this.balls = List.copyOf(balls);
        this.unit = unit;
        this.rounding = rounding;
        this.notes = List.copyOf(notes);
        this.lossAtZero = lossAtZero;
        project(this.start);
    }

    /** With the most that a record's loss is where all that learns is 0. */
    ProvableProblem withLossAtZero(double most) {
        return new ProvableProblem(kind, objective, start, bounds, balls, unit, rounding, notes, most);
    }

    /** Why the constants hold. */
    public Kind kind() {
        return kind;
    }

    /** What to descend on, in double precision. */
    public RecordObjective objective() {
        return objective;
    }

    /** What is known of the gradient of one {@link #unit}, on the balls, weight decay apart. */
    public LossBounds bounds() {
        return bounds;
    }

    /** The gradient that the bounds are about: a record's, or the sum of a subject's. */
    public Unit unit() {
        return unit;
    }

    /** The most that a record's loss can be where all that learns is 0, +∞ if that is not known; no loss is negative if it is. */
    public double lossAtZero() {
        return lossAtZero;
    }

    /** Where to start, inside the balls. */
    public double[] start() {
        return start.clone();
    }

    /** The balls onto which every step must project; they do not overlap; none if nothing needs them. */
    public List<ParameterBall> balls() {
        return balls;
    }

    /** What bounds the rounding errors of a run; empty if no such bound is known for this kind. */
    public Optional<RoundingModel> rounding() {
        return rounding;
    }

    /** What a reader of a certificate must be told: what was checked, and what cannot be seen. */
    public List<String> notes() {
        return notes;
    }

    /**
     * What rewinds of a run on this problem promise. Rounding that was not analysed is assumed, see {@link #roundingAssumption}.
     *
     * @param run on {@link #objective}, with {@link #balls}
     * @throws IllegalArgumentException if there are more records than the normaliser is meant for
     */
    public Guarantee guarantee(RewindToDelete run) {
        Guarantee guarantee = Guarantee.of(
                        run, bounds, roundingModel(), Vectors.normInOrder(run.start(start)) * (1 + NORM_MARGIN))
                .withLossAtZero(lossAtZero);
        return unit == Unit.OWNER ? guarantee.withBoundsOfOwners() : guarantee;
    }

    private RoundingModel roundingModel() {
        return rounding.orElseGet(() -> new RoundingModel.Assumed(
                ASSUMED_ROUNDING, bounds.gradientBound().value()));
    }

    /** A run of some steps, which end in the balls. Where a small gradient proves something, deletions by convergence are open to it. */
    public RewindToDelete run(Recipe recipe) {
        return new RewindToDelete(objective, recipe.withBalls(balls), convergence());
    }

    /**
     * A run until the gradient is small.
     *
     * @param norm the largest norm of the gradient; empty for the default
     * @throws IllegalArgumentException if {@link #convergenceRefusal} has something to say, or the norm is out of its range
     */
    public RewindToDelete runUntilGradient(OptionalDouble norm) {
        ConvergenceBound easiest = convergence()
                .orElseThrow(
                        () -> new IllegalArgumentException(convergenceRefusal().orElseThrow()));
        ConvergenceBound bound = norm.isPresent() ? easiest.withGradientNorm(norm.getAsDouble()) : easiest;
        return new RewindToDelete(objective, Recipe.untilGradient(bound.gradientNorm()), Optional.of(bound));
    }

    /** What a small gradient proves about a model, with the default norm; empty if it proves nothing. */
    private Optional<ConvergenceBound> convergence() {
        return convergenceRefusal().isPresent()
                ? Optional.empty()
                : Optional.of(ConvergenceBound.of(objective, bounds, roundingModel(), lossAtZero));
    }

    /** Why a small gradient proves nothing about a model; empty if it does. */
    public Optional<String> convergenceRefusal() {
        return balls.isEmpty()
                ? ConvergenceBound.refusal(objective, bounds, roundingModel(), lossAtZero)
                : Optional.of(
                        "parameters that are kept in a ball need not have a small gradient: leave the radius out");
    }

    /** The sentence for certificates if the rounding of steps is assumed, not bounded. */
    public Optional<String> roundingAssumption() {
        return rounding.isPresent()
                ? Optional.empty()
                : Optional.of("every step is computed exactly to " + ASSUMED_ROUNDING
                        + " of its size: nobody has analysed the rounding of this kind of network");
    }

    /**
     * Projects a vector on the balls.
     *
     * @param theta changed in place
     */
    public void project(double[] theta) {
        balls.forEach(ball -> ball.project(theta));
    }

    /** The whole parameter vector of the graph, of which the problem's may be a part. */
    public double[] parameters(double[] theta) {
        Vectors.requireLength("the parameter vector", theta, objective.dimension());
        return objective instanceof PartialObjective partial ? partial.full(theta) : theta.clone();
    }

    /**
     * Writes a vector into the graph the problem was made from, or one of the same layout.
     *
     * @throws IllegalArgumentException if the lengths do not fit; nothing is changed
     */
    public void writeInto(ComputationGraph graph, double[] theta) {
        ParameterVectors.copyInto(graph, parameters(theta));
    }

    @Override
    public String toString() {
        return "ProvableProblem[" + kind + ", " + bounds + "]";
    }
}
