/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.amend4j.verify.Claims.Algorithm;
import org.amend4j.verify.Claims.Bound;
import org.amend4j.verify.Claims.Constants;
import org.amend4j.verify.Claims.Deletion;
import org.amend4j.verify.Claims.Level;
import org.amend4j.verify.Claims.Noise;
import org.amend4j.verify.Claims.Privacy;
import org.amend4j.verify.Claims.Steps;

/** The internal consistency of a certificate: parts that must fit together, and the bound. */
final class ClaimChecks {

    /** What a claim may be below what is computed here. */
    private static final double TOLERANCE = 1e-12;

    /** What a claim may be above it without a word. */
    private static final double GENEROUS = 1 + 1e-6;

    /** What a step of the recursion in doubles may be above the exact one: four roundings upwards. */
    private static final double STEP_LOSS = 4 * 0x1p-52;

    private final Claims claims;
    private final Algorithm algorithm;
    private final Bound bound;
    private final Constants constants;
    private final Recursion recursion;

    ClaimChecks(Claims claims) {
        this.claims = claims;
        this.algorithm = claims.grounds().algorithm();
        this.bound = claims.grounds().bound();
        this.constants = claims.grounds().constants();
        this.recursion = Recursion.of(claims);
    }

    /** All that apply to what is claimed. */
    List<Check> all() {
        if (claims.format() == Claims.CONVERGED) {
            return new ConvergenceChecks(claims).all();
        }
        List<Check> checks = new ArrayList<>(List.of(consistency(), level()));
        if (claims.isExact()) {
            checks.add(exactness());
        } else {
            checks.addAll(List.of(distance(), rounding(), reach()));
            checks.addAll(new NoiseChecks(claims).all());
            checks.addAll(new ConstantChecks(claims).all());
        }
        checks.add(retention());
        return checks;
    }

    private Check consistency() {
        Inspection all = new Inspection("consistency");
        all.require(
                algorithm.redone() == algorithm.steps() - algorithm.checkpoint(),
                "of " + algorithm.steps() + " steps, " + algorithm.redone() + " were redone after a rewind to "
                        + algorithm.checkpoint());
        boolean onTheWay = algorithm.noisePlacement().equals("checkpoint");
        // redone from before the noise on the way: that is drawn anew, as in retraining, and hides nothing
        boolean anew = claims.isExact() && algorithm.checkpoint() <= algorithm.boundedSteps();
        boolean fewer = onTheWay || anew;
        all.require(
                fewer ? algorithm.boundedSteps() <= algorithm.steps() : algorithm.boundedSteps() == algorithm.steps(),
                algorithm.boundedSteps() + " of " + algorithm.steps() + " steps are bounded, with noise at: "
                        + algorithm.noisePlacement());
        all.require(
                claims.isExact() == algorithm.noisePlacement().equals("none"),
                claims.claim().verdict() + " does not go with noise at: " + algorithm.noisePlacement());
        all.require(
                (claims.claim().verdict() == Claims.Verdict.CERTIFIED)
                        == algorithm.name().equals("certified rewind"),
                claims.claim().verdict() + " does not go with: " + algorithm.name());
        all.require(
                !algorithm.name().equals("retraining") || algorithm.checkpoint() == 0,
                "retraining must begin at step 0");
        all.require(
                !claims.isConverged() && !claims.isTrainedByConvergence(),
                "what rests on a small gradient is certified in format " + Claims.CONVERGED);
        steps(all);
        return all.conclude("the parts of the certificate fit together");
    }

    private void steps(Inspection all) {
        Deletion deletion = claims.deletion();
        counts(all, deletion);
        int clean = Math.min(algorithm.checkpoint(), algorithm.boundedSteps());
        int kept = deletion.recordsBefore() - deletion.recordsEver();
        long end = 0;
        for (Steps steps : bound.steps()) {
            end += steps.count();
            boolean impossible = steps.deleted() > deletion.recordsEver() || steps.retained() > kept;
            if (impossible || (steps.deleted() > 0 && end > clean)) {
                all.require(
                        !impossible,
                        "steps up to " + end + " used " + steps.retained() + " retained and " + steps.deleted()
                                + " deleted records, more than there are");
                all.require(
                        impossible,
                        "steps up to " + end + " used deleted records, but were redone from step " + clean + " on");
                break;
            }
        }
        long sum = bound.steps().stream().mapToLong(Steps::count).sum();
        all.require(sum == algorithm.boundedSteps(), "the bound has " + sum + " steps, not as many as are bounded");
    }

    static void counts(Inspection all, Deletion deletion) {
        all.require(
                deletion.records() <= deletion.recordsEver() && deletion.recordsEver() <= deletion.recordsBefore(),
                "of " + deletion.recordsBefore() + " records, " + deletion.recordsEver() + " were deleted ever and "
                        + deletion.records() + " now");
    }

    private Check level() {
        Inspection all = new Inspection("level");
        Level used = Level.PROVED;
        if (recursion.contaminated()) {
            used = used.weaker(constants.gradientBound().evidence());
        }
        if (recursion.usesSmoothness()) {
            used = used.weaker(constants.lipschitz().evidence());
        }
        if (recursion.count(Recursion.Active.DIAMETER) > 0) {
            used = used.weaker(constants.diameter().evidence());
        }
        if (!claims.isExact()) {
            used = used.weaker(constants.rounding().evidence());
            all.require(
                    constants.rounding().isAnalysed()
                            || constants.rounding().evidence().compareTo(Level.ASSUMED) >= 0,
                    "assumed rounding is claimed to be " + constants.rounding().evidence());
        }
        level(all, claims, used);
        return all.conclude("the constants that were used are " + used + " or better known");
    }

    /** That a level is claimed which the constants that were used allow, and that the title says what is not certain. */
    static void level(Inspection all, Claims claims, Level used) {
        Level weakest = used.weaker(claims.claim().level());
        all.require(
                weakest == claims.claim().level(),
                "the level is claimed to be " + claims.claim().level() + ", but rests on what is " + used);
        all.require(
                claims.claim().verdict() != Claims.Verdict.EMPIRICAL,
                "EMPIRICAL: it was rewound to a reconstructed checkpoint, nothing is certified");
        all.require(weakest != Level.ESTIMATED, "nothing can be certified on what is ESTIMATED");
        all.require(
                weakest.compareTo(Level.ASSUMED) < 0
                        || claims.claim().title().toLowerCase(Locale.ROOT).contains("assum"),
                "it rests on what is " + weakest + ", and the title does not say so");
    }

    private Check exactness() {
        Inspection all = new Inspection("exactness");
        all.require(!recursion.contaminated(), "a step used deleted records");
        exactness(all, claims);
        return all.conclude("no step before the rewind used a deleted record");
    }

    /** What an exact result must say, whatever it is made by. */
    static void exactness(Inspection all, Claims claims) {
        Bound bound = claims.grounds().bound();
        Noise noise = claims.protection().noise();
        Privacy privacy = claims.protection().privacy();
        all.require(
                bound.exactDelta() == 0 && bound.rounding() == 0 && bound.delta() == 0,
                "an exact result has distance 0, not " + bound.delta());
        all.require(bound.byRecursion() + bound.byCap() + bound.byDiameter() == 0, "an exact result needs no bounds");
        all.require(noise.units() == 0 && noise.sigma() == 0, "an exact result has no noise");
        all.require(privacy.mu() == 0, "an exact result tells nothing: mu must be 0");
        all.require(noise.gridExponent() == 0 && noise.parameterBound() == 0, "an exact result has no grid");
        all.require(noise.source().isEmpty(), "an exact result has no source of noise");
        all.require(noise.dimension() >= 1 || claims.format() == 1, "there must be parameters");
        all.require(privacy.points().isEmpty() && privacy.deltaAtBudget() == 0, "an exact result needs no delta");
        all.require(
                privacy.attackAuc() == 0.5 && privacy.attackAdvantage() == 0,
                "attacks on an exact result are as good as guessing: area 1/2, advantage 0");
    }

    private Check distance() {
        Inspection all = new Inspection("distance");
        String broken = recursion.broken();
        all.require(broken == null, String.valueOf(broken));
        all.requireAtLeast("the distance", bound.exactDelta(), recursion.exact(), TOLERANCE);
        all.note(isGenerous(), "it is claimed to be " + bound.exactDelta() + ", more than it need be");
        count(all, Recursion.Active.RECURSION, bound.byRecursion());
        count(all, Recursion.Active.CAP, bound.byCap());
        count(all, Recursion.Active.DIAMETER, bound.byDiameter());
        all.require(
                (long) bound.byRecursion() + bound.byCap() + bound.byDiameter() == recursion.counted(),
                "bounds are claimed for another number of steps than " + recursion.counted());
        return all.conclude("it is at most " + recursion.exact());
    }

    /** As for adopted models: their distances contain displacements, so other bounds can be the least and round less. */
    private boolean isGenerous() {
        return bound.exactDelta() > recursion.exact() * GENEROUS;
    }

    private void count(Inspection all, Recursion.Active active, int claimed) {
        all.require(
                isGenerous() || recursion.agrees(active, claimed),
                active.name().toLowerCase(Locale.ROOT) + " is claimed to bound " + claimed + " steps, but does "
                        + recursion.count(active));
    }

    private Check rounding() {
        Inspection all = new Inspection("rounding");
        // the claim is a difference of two sums in doubles, which has lost digits
        double lost = STEP_LOSS * algorithm.boundedSteps() * recursion.exact();
        double least = recursion.rounding() * (1 - 1e-9) - lost;
        if (!isGenerous()) {
            all.requireAtLeast("rounding", bound.rounding(), least, 0);
        }
        all.requireAtLeast("the distance with rounding", bound.delta(), recursion.computed(), TOLERANCE);
        all.requireAtLeast(
                "the distance with rounding", bound.delta(), bound.exactDelta() + bound.rounding(), TOLERANCE);
        all.require(
                bound.exactDelta() >= bound.rounding(),
                "rounding, " + bound.rounding() + ", is above the distance: double precision cannot carry this");
        model(all, constants);
        return all.conclude("computing adds at most " + recursion.rounding());
    }

    /** That the model of rounding is about the same losses as the other constants. */
    static void model(Inspection all, Constants constants) {
        StepError error = constants.rounding();
        all.requireAtLeast(
                "the rounding model's gradient bound",
                error.gradientBound(),
                constants.gradientBound().value(),
                TOLERANCE);
        if (error.isHead()) {
            LinearHeadReason.of(constants.lipschitz().reason())
                    .filter(head -> !head.scaled())
                    .ifPresent(head -> all.requireAtLeast(
                            "the rounding model's feature radius",
                            error.number("featureRadius"),
                            head.radius(),
                            TOLERANCE));
        }
    }

    /** The recursion of norms, with the share of records in a step that the certificate itself shows to be possible. */
    private Check reach() {
        Inspection all = new Inspection("reach");
        double radius = constants.diameter().value() / 2;
        double norm = Math.min(constants.startNorm(), radius);
        double most = norm;
        double path = 0;
        for (Steps steps : bound.steps()) {
            double share = steps.share((double) Math.max(claims.deletion().recordsBefore(), steps.used()));
            double pushed = steps.stepSize() * share * constants.gradientBound().value();
            double damping = steps.stepSize() * steps.weightDecay();
            for (int i = 0; i < steps.count(); i++) {
                path += pushed + damping * norm;
                norm = Math.min(radius, Math.abs(1 - damping) * norm + pushed);
                most = Math.max(most, norm);
            }
        }
        all.requireAtLeast("the reach", constants.reach(), most, 1e-9);
        all.requireAtLeast("the movement", constants.movement(), Math.min(path, constants.startNorm() + most), 1e-9);
        return all.conclude("no parameters get further than " + constants.reach() + " from 0");
    }

    /** Which stored checkpoints must be said to be contaminated; noise on the way ends that. */
    private Check retention() {
        Inspection all = new Inspection("retention");
        int first = 0;
        boolean contaminated = false;
        for (Steps steps : bound.steps()) {
            if (steps.deleted() > 0) {
                contaminated = true;
                break;
            }
            first += steps.count();
        }
        boolean onTheWay = algorithm.noisePlacement().equals("checkpoint");
        int behind = onTheWay ? algorithm.boundedSteps() : Integer.MAX_VALUE;
        Set<Integer> unsaid = new TreeSet<>();
        for (int kept : claims.retention().keptCheckpoints()) {
            all.require(kept <= algorithm.steps(), "a checkpoint is kept of step " + kept + ", which there is not");
            if (contaminated && kept > first && kept < behind) {
                unsaid.add(kept);
            }
        }
        unsaid.removeAll(new TreeSet<>(claims.retention().keptContaminated()));
        all.require(unsaid.isEmpty(), "deleted records had a part in the kept checkpoints " + unsaid + ", unsaid");
        return all.conclude("every kept checkpoint that deleted records had a part in is named");
    }
}
