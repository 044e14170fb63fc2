package org.amend4j.unlearn;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.amend4j.check.Checks;
import org.amend4j.descent.Evidence;
import org.amend4j.objective.IndexRange;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.Reach;
import org.amend4j.sensitivity.SmoothNetwork;
import org.amend4j.sensitivity.StepMap;

/**
 * What a certificate of a run rests on.
 *
 * @param bounds the records' constants
 * @param rounding what computing adds
 * @param startNorm ‖θ₀‖, >= 0
 * @param reach how far the run can get
 */
public record Guarantee(LossBounds bounds, RoundingModel rounding, double startNorm, Reach reach) {

    /** @throws IllegalArgumentException if the norm is out of its range */
    public Guarantee {
        Objects.requireNonNull(bounds, "bounds");
        Objects.requireNonNull(rounding, "rounding");
        Checks.notNegative("the norm of the start", startNorm);
        Objects.requireNonNull(reach, "reach");
    }

    /**
     * Of a run.
     *
     * @param startNorm ‖θ₀‖
     * @throws IllegalArgumentException if there are more records than the normaliser is meant for: the reach would not be public
     */
    public static Guarantee of(RewindToDelete run, LossBounds bounds, RoundingModel rounding, double startNorm) {
        Recipe recipe = run.recipe();
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
        return new Guarantee(projected, rounding, startNorm, Reach.of(startNorm, maps, projected, share, radius));
    }

    /** N0: the number of records that a normaliser is meant for. */
    private static double planned(double divisor, double rate, int records) {
        double planned = divisor / rate;
        // a product of the rate and a whole number, which may have been rounded
        if (records > planned * (1 + 1e-12)) {
            throw new IllegalArgumentException(
                    "the normaliser must be meant for at least as many records as there are, " + records
                            + ", got one for " + planned);
        }
        return planned * (1 + 1e-12);
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
        return new ContaminationLedger(bounds, (t, step) -> rounding.ofStep(step, reach.norm()));
    }

    /** The level of what comes out: the weaker of a bound's and the rounding's. */
    Evidence with(Evidence bound) {
        return Constant.weaker(bound, rounding.evidence());
    }

    /** The largest parameter there can be, for the grid of the noise. */
    double largestParameter() {
        return Checks.positive("the reach of a run", reach.norm());
    }
}
