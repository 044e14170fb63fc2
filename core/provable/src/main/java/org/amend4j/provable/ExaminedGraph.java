/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.descent.Assurance;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Clipping.Unit;
import org.amend4j.graph.Records;
import org.amend4j.objective.IndexRange;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.sensitivity.SmoothNetwork;
import org.amend4j.unlearn.ParameterBall;

/**
 * A graph in question, and what all kinds of problems have in common.
 *
 * @param notes what has been found so far
 */
record ExaminedGraph(
        TrainedPart part, Objectives objectives, Records records, ProvableOptions options, List<String> notes) {

    ExaminedGraph {
        notes = List.copyOf(notes);
    }

    ExaminedGraph noting(String note) {
        List<String> more = new ArrayList<>(notes);
        more.add(note);
        return new ExaminedGraph(part, objectives, records, options, more);
    }

    /** Nonconvex constants on balls, of all the graph's parameters; with a clip if the caller wants one and it can act. */
    ProvableProblem inBalls(Kind kind, LossBounds plain, List<ParameterBall> balls) {
        Optional<Clipping> clipping = options.gradients().clipping().filter(clip -> acts(plain, clip));
        return new ProvableProblem(
                kind,
                objectives.of(clipping),
                objectives.parameters(),
                clipping.map(clip -> clipped(plain, clip, false)).orElse(plain),
                balls,
                clipping.map(Clipping::unit).orElse(Unit.RECORD),
                Optional.empty(),
                notes);
    }

    /** The ball around all parameters, if the caller wants one. */
    List<ParameterBall> wholeBall(int dimension) {
        return options.balls().parameterRadius().stream()
                .mapToObj(radius -> ParameterBall.of(new IndexRange(0, dimension), radius))
                .toList();
    }

    LossBounds withDiameter(LossBounds bounds) {
        return options.balls().parameterRadius().isPresent()
                ? bounds.withDiameter(SmoothNetwork.diameterOfBalls(
                        options.balls().parameterRadius().getAsDouble()))
                : bounds;
    }

    /**
     * Lets clipping do its work on constants of single records: it bounds G and keeps L; convexity only where it keeps
     * gradients monotone. Of the sum of a subject's gradients nothing else is known.
     *
     * @param monotone whether clipped gradients are still those of a convex loss
     */
    static LossBounds clipped(LossBounds bounds, Clipping clipping, boolean monotone) {
        if (clipping.unit() == Unit.OWNER) {
            return bounds.withGradientBound(enforced(clipping)).withoutLipschitz();
        }
        LossBounds smaller = bounds.withGradientBound(enforced(clipping));
        return monotone ? smaller : smaller.withCurvature(LossCurvature.NONCONVEX);
    }

    /** Whether clipping can change anything. */
    static boolean acts(LossBounds bounds, Clipping clipping) {
        // the relative margin of norms that clipping allows for, with room
        return clipping.unit() == Unit.OWNER || bounds.gradientBound().value() * (1 + 1e-9) > clipping.bound();
    }

    static Constant enforced(Clipping clipping) {
        return Constant.enforced(
                clipping.bound(),
                "clipping of every " + (clipping.unit() == Unit.RECORD ? "record's" : "owner's") + " gradient");
    }

    /** The curvature of convex losses with the caller's weight decay. */
    LossCurvature convex() {
        return options.weightDecay() > 0 ? LossCurvature.STRONGLY_CONVEX : LossCurvature.CONVEX;
    }

    /** G and L times a factor, known at best as well as something else they rest on; rounded up. */
    static LossBounds scaled(LossBounds bounds, double factor, Constant restsOn) {
        return LossBounds.of(
                scaled(bounds.gradientBound(), factor, restsOn),
                scaled(bounds.lipschitz(), factor, restsOn),
                bounds.curvature());
    }

    private static Constant scaled(Constant constant, double factor, Constant restsOn) {
        Assurance assurance = Constant.weaker(constant.assurance(), restsOn.assurance());
        String reason = constant.reason() + "; " + restsOn.reason();
        double value = factor == 1 ? constant.value() : Math.nextUp(constant.value() * factor);
        return new Constant(value, assurance, factor == 1 ? reason : reason + "; class weights up to " + factor);
    }
}
