/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.Exclusions;
import org.amend4j.privacy.AttackBounds;
import org.amend4j.privacy.DiscreteNoise;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.unlearn.ConvergenceBound;

/** What {@link Scenario}s certify where the same model is made by steps until the gradient is small. */
final class ConvergedScenario {

    private static final double GRADIENT_NORM = 1e-6;

    private final Scenario scenario;
    private final ConvergenceBound bound;
    private final Certificate before;

    private ConvergedScenario(Scenario scenario) {
        this.scenario = scenario;
        LossBounds bounds = scenario.bounds();
        OptionalDouble normaliser = scenario.map().normaliser() instanceof Normaliser.Fixed fixed
                ? OptionalDouble.of(fixed.divisor())
                : OptionalDouble.empty();
        this.bound = new ConvergenceBound(
                GRADIENT_NORM,
                scenario.map().weightDecay(),
                normaliser,
                normaliser.isPresent() ? (long) normaliser.getAsDouble() : scenario.records(),
                bounds.gradientBound().value(),
                Math.nextUp(Math.log(2)),
                scenario.rounding());
        this.before = scenario.certificate(Scenario.ZEROS, 0);
    }

    /** A deletion by convergence of a logistic head that was trained by 20 steps; a fixed normaliser. */
    static Certificate fixed() {
        return new ConvergedScenario(Scenario.stronglyConvex()).byConvergence();
    }

    /** The same where sums are divided by the number of their records. */
    static Certificate mean() {
        return new ConvergedScenario(Scenario.stronglyConvexMean()).byConvergence();
    }

    /** A retraining until the gradient is small. */
    static Certificate retrained() {
        return new ConvergedScenario(Scenario.stronglyConvex()).byRetraining();
    }

    private Certificate byConvergence() {
        DiscreteNoise noise = DiscreteNoise.calibrated(
                bound.delta(), scenario.budget(), before.protection().noise().dimension(), bound.largestNorm());
        Certificate.Schedule steps = before.grounds().algorithm().schedule();
        return certificate(
                Certificate.Verdict.CERTIFIED,
                "convergence: certified",
                new Certificate.Algorithm("convergence", "end", steps, Scenario.STEPS, 0, List.of()),
                new Certificate.Bound(List.of(), bound.delta(), 0, bound.delta(), 0, 0, 0),
                new Certificate.Protection(
                        new Certificate.Noise(
                                noise.grid().exponent(),
                                noise.grid().units(),
                                noise.sigma(),
                                before.protection().noise().dimension(),
                                bound.largestNorm(),
                                "a secure source"),
                        privacy(noise)),
                new Certificate.Retention(List.of("k1"), List.of(0, 20), List.of(20)));
    }

    private Certificate.Privacy privacy(DiscreteNoise noise) {
        return new Certificate.Privacy(
                new Certificate.Point(
                        scenario.budget().epsilon(), scenario.budget().delta()),
                noise.privacy().mu(),
                noise.delta(scenario.budget().epsilon()),
                List.of(new Certificate.Point(noise.privacy().epsilon(1e-5), 1e-5)),
                noise.privacy().mu(),
                AttackBounds.auc(noise.privacy()),
                AttackBounds.advantage(noise.privacy()));
    }

    private Certificate byRetraining() {
        Certificate.Schedule until = new Certificate.Schedule(
                before.grounds().algorithm().schedule().batches(),
                new Certificate.StepSizes("untilGradient", GRADIENT_NORM, 1),
                1,
                1);
        return certificate(
                Certificate.Verdict.EXACT,
                "retraining: the same bytes as retraining without them",
                new Certificate.Algorithm("retraining", "none", until, 0, 1, List.of()),
                new Certificate.Bound(List.of(), 0, 0, 0, 0, 0, 0),
                scenario.exact().protection(),
                new Certificate.Retention(List.of("k1"), List.of(0, 1), List.of()));
    }

    private Certificate certificate(
            Certificate.Verdict verdict,
            String how,
            Certificate.Algorithm algorithm,
            Certificate.Bound distance,
            Certificate.Protection protection,
            Certificate.Retention retention) {
        return new Certificate(
                Certificate.CONVERGED,
                new Certificate.Claim(
                        before.claim().id(),
                        before.claim().issued(),
                        "1 subject with 5 records forgotten by " + how,
                        verdict,
                        "PROVED"),
                before.deletion(),
                new Certificate.Grounds(
                        algorithm, constants(), distance, before.grounds().build(), numbers()),
                protection,
                before.references(),
                retention,
                new Certificate.Conditions(List.of(), before.conditions().assumptions(), Exclusions.CONVERGED));
    }

    private Certificate.Constants constants() {
        Certificate.Constants by = before.grounds().constants();
        return new Certificate.Constants(
                by.curvature(),
                by.gradientBound(),
                by.lipschitz(),
                by.diameter(),
                by.startNorm(),
                bound.largestNorm(),
                by.startNorm() + bound.largestNorm(),
                by.rounding());
    }

    private Map<String, Double> numbers() {
        Map<String, Double> numbers = new TreeMap<>();
        numbers.put("gradientNorm", bound.gradientNorm());
        numbers.put("weightDecay", bound.weightDecay());
        numbers.put("normaliser", bound.normaliser().orElse(0));
        numbers.put("records", (double) bound.plannedRecords());
        numbers.put("lossAtZero", bound.lossAtZero());
        numbers.put("radius", bound.radius());
        numbers.put("rounding", bound.rounding());
        return numbers;
    }
}
