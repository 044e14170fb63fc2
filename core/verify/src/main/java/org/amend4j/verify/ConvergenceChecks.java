/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import org.amend4j.verify.Claims.Algorithm;
import org.amend4j.verify.Claims.Bound;
import org.amend4j.verify.Claims.Constants;
import org.amend4j.verify.Claims.Convergence;
import org.amend4j.verify.Claims.Level;
import org.amend4j.verify.Claims.Schedule;
import org.amend4j.verify.Claims.Shape;
import org.amend4j.verify.Claims.Verdict;

/** The internal consistency of a certificate that rests on a small gradient (docs/unlearning.md, (12) and (13)). */
final class ConvergenceChecks {

    /** What a claim may be below what is computed here. */
    private static final double TOLERANCE = 1e-12;

    /** What a claim may be above it without a word. */
    private static final double GENEROUS = 1 + 1e-6;

    /** How many times its rounding a gradient must be at least. */
    private static final double POSSIBLE = 4;

    private final Claims claims;
    private final Algorithm algorithm;
    private final Bound bound;
    private final Constants constants;
    private final Convergence convergence;

    /** @param claims of format 3 */
    ConvergenceChecks(Claims claims) {
        this.claims = claims;
        this.algorithm = claims.grounds().algorithm();
        this.bound = claims.grounds().bound();
        this.constants = claims.grounds().constants();
        this.convergence = claims.grounds().convergence().orElseThrow();
    }

    /** All that apply to what is claimed. */
    List<Check> all() {
        List<Check> checks = new ArrayList<>(List.of(consistency(), level()));
        if (claims.isExact()) {
            checks.add(exactness());
        } else {
            checks.addAll(List.of(distance(), radius(), rounding(), reach()));
            checks.addAll(new NoiseChecks(claims).all());
            checks.addAll(new ConstantChecks(claims).all());
        }
        checks.add(retention());
        return checks;
    }

    private Check consistency() {
        Inspection all = new Inspection("consistency");
        boolean converged = claims.isConverged();
        all.require(
                converged || algorithm.name().equals("retraining"),
                "format 3 is of deletions by convergence and of retraining, not of: " + algorithm.name());
        all.require(
                converged || claims.isTrainedByConvergence(),
                "format 3 is of what rests on a small gradient, and neither the training nor the deletion does");
        all.require(
                claims.claim().verdict() == (converged ? Verdict.CERTIFIED : Verdict.EXACT),
                claims.claim().verdict() + " does not go with: " + algorithm.name());
        all.require(
                algorithm.noisePlacement().equals(converged ? "end" : "none"),
                claims.claim().verdict() + " does not go with noise at: " + algorithm.noisePlacement());
        int from = converged ? algorithm.steps() : 0;
        all.require(
                algorithm.checkpoint() == from && algorithm.redone() == algorithm.steps() - from,
                algorithm.name() + " goes on from step " + from + " of " + algorithm.steps() + ", not from "
                        + algorithm.checkpoint() + " with " + algorithm.redone() + " redone");
        all.require(
                algorithm.boundedSteps() == algorithm.steps(),
                algorithm.boundedSteps() + " of " + algorithm.steps()
                        + " steps are bounded: there is no noise on the way");
        all.require(
                bound.steps().isEmpty() && bound.byRecursion() + bound.byCap() + bound.byDiameter() == 0,
                "a small gradient needs no bounds of steps");
        training(all);
        ClaimChecks.counts(all, claims.deletion());
        all.require(
                convergence.normaliser() > 0
                        || claims.deletion().recordsEver() < claims.deletion().recordsBefore(),
                "a mean must have records, and all were deleted");
        return all.conclude("the parts of the certificate fit together");
    }

    private void training(Inspection all) {
        Schedule schedule = algorithm.schedule().orElseThrow();
        if (claims.isTrainedByConvergence()) {
            all.require(
                    algorithm.steps() == 1 && schedule.batches().equals("full"),
                    "steps until the gradient is small count as one, on all records");
            all.require(
                    schedule.first() == convergence.gradientNorm(),
                    "it is trained until the gradient is at most " + schedule.first() + ", and goes on until "
                            + convergence.gradientNorm());
        }
    }

    private Check level() {
        Inspection all = new Inspection("level");
        Level used = claims.isExact()
                ? Level.PROVED
                : constants
                        .gradientBound()
                        .evidence()
                        .weaker(constants.lipschitz().evidence())
                        .weaker(constants.rounding().evidence());
        all.require(
                claims.isExact()
                        || constants.rounding().isAnalysed()
                        || constants.rounding().evidence().compareTo(Level.ASSUMED) >= 0,
                "assumed rounding is claimed to be " + constants.rounding().evidence());
        ClaimChecks.level(all, claims, used);
        return all.conclude("the constants that were used are " + used + " or better known");
    }

    private Check exactness() {
        Inspection all = new Inspection("exactness");
        ClaimChecks.exactness(all, claims);
        return all.conclude("it was trained from the start");
    }

    private Check distance() {
        Inspection all = new Inspection("distance");
        all.require(
                constants.curvature() == Shape.STRONGLY_CONVEX,
                "a small gradient says nothing where losses are " + constants.curvature());
        all.require(
                Double.isInfinite(constants.diameter().value()),
                "parameters that are kept in a set need not have a small gradient");
        double least = 2 * convergence.gradientNorm() / convergence.weightDecay();
        all.requireAtLeast("the distance", bound.exactDelta(), least, TOLERANCE);
        all.requireAtLeast(
                "the distance with rounding", bound.delta(), bound.exactDelta() + bound.rounding(), TOLERANCE);
        all.note(bound.delta() > least * GENEROUS, "it is claimed to be " + bound.delta() + ", more than it need be");
        return all.conclude("it is at most " + least);
    }

    private Check radius() {
        Inspection all = new Inspection("radius");
        all.require(
                convergence.records() >= claims.deletion().recordsBefore(),
                "there were " + claims.deletion().recordsBefore() + " records, and at most "
                        + (long) convergence.records() + " are planned for");
        OptionalDouble loss = lossAtZero();
        loss.ifPresent(least -> all.requireAtLeast("the loss at zero", convergence.lossAtZero(), least, TOLERANCE));
        all.note(
                loss.isEmpty() && Double.isFinite(convergence.lossAtZero()),
                "the loss at zero, " + convergence.lossAtZero() + ", is only said");
        double share = convergence.share(convergence.records());
        double byGradients = share * constants.gradientBound().value() / convergence.weightDecay();
        double byLoss = Math.sqrt(share * convergence.lossAtZero() / convergence.weightDecay());
        double least = Math.min(byGradients, byLoss);
        all.requireAtLeast("the radius", convergence.radius(), least, TOLERANCE);
        all.require(
                convergence.gradientNorm() < convergence.weightDecay() * convergence.radius(),
                "every gradient is below " + convergence.gradientNorm() + " somewhere, so that it says nothing");
        return all.conclude("no minimiser is further than " + least + " from 0");
    }

    /** What a record's loss is at 0, for heads that begin there. */
    private OptionalDouble lossAtZero() {
        Optional<LinearHeadReason> head =
                LinearHeadReason.of(constants.lipschitz().reason());
        if (head.isEmpty() || head.get().scaled() || !constants.rounding().isHead()) {
            return OptionalDouble.empty();
        }
        double logits = constants.rounding().number("logits");
        return switch (head.get().kind()) {
            case LOGISTIC -> OptionalDouble.of(Math.log(2));
            case SOFTMAX -> OptionalDouble.of(Math.log(Math.max(2, logits)));
            case SIGMOIDS -> OptionalDouble.of(logits * Math.log(2));
            case SQUARED_ERROR -> OptionalDouble.empty();
        };
    }

    private Check rounding() {
        Inspection all = new Inspection("rounding");
        double records = convergence.records();
        double least = constants
                .rounding()
                .ofGradient(records, convergence.share(records), convergence.weightDecay(), 2 * convergence.radius());
        all.requireAtLeast("the rounding of a gradient", convergence.rounding(), least, 1e-9);
        all.require(
                POSSIBLE * convergence.rounding() <= convergence.gradientNorm(),
                "rounding may add " + convergence.rounding() + " to a gradient of " + convergence.gradientNorm()
                        + ": double precision cannot carry this");
        ClaimChecks.model(all, constants);
        return all.conclude("computing a gradient adds at most " + least);
    }

    private Check reach() {
        Inspection all = new Inspection("reach");
        double most = 2 * convergence.radius();
        all.requireAtLeast("the reach", constants.reach(), most, TOLERANCE);
        all.requireAtLeast("the movement", constants.movement(), constants.startNorm() + most, TOLERANCE);
        return all.conclude("no parameters with so small a gradient are further than " + constants.reach() + " from 0");
    }

    /** Where a convergence went on from, deleted records had a part in what it ended with, before the noise. */
    private Check retention() {
        Inspection all = new Inspection("retention");
        Set<Integer> unsaid = new TreeSet<>();
        for (int kept : claims.retention().keptCheckpoints()) {
            all.require(kept <= algorithm.steps(), "a checkpoint is kept of step " + kept + ", which there is not");
            if (claims.isConverged() && kept > 0) {
                unsaid.add(kept);
            }
        }
        unsaid.removeAll(new TreeSet<>(claims.retention().keptContaminated()));
        all.require(unsaid.isEmpty(), "deleted records had a part in the kept checkpoints " + unsaid + ", unsaid");
        return all.conclude("every kept checkpoint that deleted records had a part in is named");
    }
}
