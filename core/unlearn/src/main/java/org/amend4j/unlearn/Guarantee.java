/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;
import org.amend4j.objective.IndexRange;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.Reach;
import org.amend4j.sensitivity.SmoothNetwork;
import org.amend4j.sensitivity.StepMap;

/**
 * The basis of a run's certificates.
 *
 * @param bounds the records' constants
 * @param rounding the effect of rounding
 * @param startNorm ‖θ₀‖, >= 0
 * @param lossAtZero ℓ₀: no record's loss is ever negative, and at θ = 0 none is larger, whatever the record; +∞ if that is not known
 * @param ofOwners whether the bounds are of the sum of an owner's gradients, clipped together, so that nothing is known of a part
 *     of them
 * @param reach how far the run can move
 * @param displacements how far stored parameters, by step, may be from what the steps before make of the stored ones before;
 *     empty for runs that were computed here
 */
public record Guarantee(
        LossBounds bounds,
        RoundingModel rounding,
        double startNorm,
        double lossAtZero,
        boolean ofOwners,
        Reach reach,
        NavigableMap<Integer, Constant> displacements) {

    /** Of a normaliser that is a product of a rate and a whole number, which may have been rounded. */
    private static final double ROUNDED = 1 + 1e-12;

    /** @throws IllegalArgumentException if a number is out of its range */
    public Guarantee {
        Objects.requireNonNull(bounds, "bounds");
        Objects.requireNonNull(rounding, "rounding");
        Checks.notNegative("the norm of the start", startNorm);
        Checks.notNegativeOrInfinite("the loss at zero", lossAtZero);
        Objects.requireNonNull(reach, "reach");
        displacements = Collections.unmodifiableNavigableMap(new TreeMap<>(displacements));
    }

    /**
     * Of a run.
     *
     * @param startNorm ‖θ₀‖
     * @throws IllegalArgumentException if there are more records than the normaliser is meant for: the reach would not be public
     */
    public static Guarantee of(RewindToDelete run, LossBounds bounds, RoundingModel rounding, double startNorm) {
        Recipe recipe = run.recipe();
        if (recipe.isUntilGradient()) {
            run.objective()
                    .fixedNormaliser()
                    .ifPresent(planned ->
                            requirePlanned(planned, run.objective().records().size()));
            double most = run.convergence().orElseThrow().largestNorm();
            return new Guarantee(
                    bounds,
                    rounding,
                    startNorm,
                    Double.POSITIVE_INFINITY,
                    false,
                    new Reach(Math.max(startNorm, most), Upward.add(startNorm, most)),
                    new TreeMap<>());
        }
        List<StepMap> maps =
                IntStream.range(0, recipe.steps()).mapToObj(run::map).toList();
        double share = maps.get(0).normaliser() instanceof Normaliser.Fixed fixed
                ? planned(
                                fixed.divisor(),
                                recipe.batches().rate(),
                                run.objective().records().size())
                        / fixed.divisor()
                : 1;
        LossBounds projected = recipe.balls().isEmpty()
                ? bounds
                : bounds.withDiameter(diameter(recipe, run.objective().dimension()));
        double radius = projected.diameter().value() / 2;
        return new Guarantee(
                projected,
                rounding,
                startNorm,
                Double.POSITIVE_INFINITY,
                false,
                Reach.of(startNorm, maps, projected, share, radius),
                new TreeMap<>());
    }

    /** With what a record's loss can be at θ = 0, a public number: what bounds the parameters best, and so what noise they bear. */
    public Guarantee withLossAtZero(double most) {
        return new Guarantee(bounds, rounding, startNorm, most, ofOwners, reach, displacements);
    }

    /** With bounds of the sum of an owner's gradients, as clipping them together makes them, in place of bounds of a record's. */
    public Guarantee withBoundsOfOwners() {
        return new Guarantee(bounds, rounding, startNorm, lossAtZero, true, reach, displacements);
    }

    /**
     * The guarantee of a trajectory that something else computed.
     *
     * @param run the one that it was compared with
     * @param by how far its points are from their replays, by step
     * @throws IllegalArgumentException if a step makes distances larger by its weight decay alone
     */
    public Guarantee displaced(RewindToDelete run, NavigableMap<Integer, Constant> by) {
        if (by.isEmpty()) {
            return this;
        }
        double sum = 0;
        for (Constant one : by.values()) {
            sum = Math.nextUp(sum + one.value());
        }
        for (int t = 0; t < run.recipe().steps(); t++) {
            StepMap map = run.map(t);
            Checks.inRange(0.0, 2.0, "step size times weight decay of step " + t, map.stepSize() * map.weightDecay());
        }
        // |1 - ηλ| <= 1: what is added to a norm on the way is never multiplied
        Reach further = new Reach(Math.nextUp(reach.norm() + sum), Math.nextUp(reach.movement() + sum));
        return new Guarantee(bounds, rounding, startNorm, lossAtZero, ofOwners, further, by);
    }

    /** N0: the number of records that a normaliser is meant for. */
    private static double planned(double divisor, double rate, int records) {
        double planned = divisor / rate;
        requirePlanned(planned, records);
        return planned * ROUNDED;
    }

    private static void requirePlanned(double planned, int records) {
        if (records > planned * ROUNDED) {
            throw new IllegalArgumentException(
                    "the normaliser must be meant for at least as many records as there are, " + records
                            + ", got one for " + planned);
        }
    }

    private static Constant diameter(Recipe recipe, int dimension) {
        int kept = recipe.balls().stream()
                .flatMap(ball -> ball.ranges().stream())
                .mapToInt(IndexRange::length)
                .sum();
        return kept < dimension
                ? Constant.unknown()
                : SmoothNetwork.diameterOfBalls(recipe.balls().stream()
                        .mapToDouble(ParameterBall::radius)
                        .toArray());
    }

    /** An empty ledger of the run's steps as they are computed. */
    public ContaminationLedger ledger() {
        ContaminationLedger ledger = new ContaminationLedger(bounds, (t, step) -> rounding.ofStep(step, reach.norm()));
        displacements.forEach(ledger::displace);
        return ledger;
    }

    /** Whether the stored trajectory is an estimate, so that nothing made from it is ever certified. */
    public boolean isEmpirical() {
        return displacements.values().stream().anyMatch(by -> by.assurance() == Assurance.ESTIMATED);
    }

    /** The level of what comes out: the weaker of a bound's and the rounding's. */
    Assurance with(Assurance bound) {
        return Constant.weaker(bound, rounding.assurance());
    }

    /** The largest parameter there can be, for the grid of the noise. */
    double largestParameter() {
        return Checks.positive("the reach of a run", reach.norm());
    }
}
