/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.Exclusions;
import org.amend4j.certificate.Opening;
import org.amend4j.certificate.ReleasedFile;
import org.amend4j.numeric.Summation;
import org.amend4j.numeric.Upward;
import org.amend4j.privacy.AttackBounds;
import org.amend4j.privacy.DiscreteNoise;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.StepMap;
import org.amend4j.unlearn.ConvergenceBound;
import org.amend4j.unlearn.RoundingModel;

/**
 * A deletion that rests on a small gradient, in the records, files and commitments of a {@link Scenario}.
 *
 * @param trained whether it was trained until the gradient is small, and not by steps
 * @param retrained whether it is forgotten by retraining
 */
record ConvergedScenario(String name, Scenario base, ConvergenceBound bound, boolean trained, boolean retrained)
        implements Certifiable {

    /** G: above 100 times what rounding may do to 1024 records, and 2^-28 of what says nothing. */
    static final double NORM = 1e-9;

    private static ConvergedScenario of(String name, Scenario base, double lossAtZero) {
        StepMap map = base.map();
        OptionalDouble normaliser = map.normaliser() instanceof Normaliser.Fixed fixed
                ? OptionalDouble.of(fixed.divisor())
                : OptionalDouble.empty();
        return new ConvergedScenario(
                "converged, " + name,
                base,
                new ConvergenceBound(
                        NORM,
                        map.weightDecay(),
                        normaliser,
                        (long) normaliser.orElse(base.records()),
                        base.bounds().gradientBound().value(),
                        lossAtZero,
                        base.rounding()),
                false,
                false);
    }

    /** The certificate that most tests start from: a model trained by steps, a fixed normaliser. */
    static ConvergedScenario fixed() {
        return of("fixed", Scenario.stronglyConvex(), LinearHeads.LOGISTIC);
    }

    static ConvergedScenario mean() {
        return of("mean", Scenario.stronglyConvexMean(), LinearHeads.LOGISTIC);
    }

    /** Of two classes. */
    static ConvergedScenario softmax() {
        return of("softmax", Scenario.softmax(), LinearHeads.LOGISTIC);
    }

    /** Nothing is known of the loss, and the rounding is what somebody says. */
    static ConvergedScenario assumed() {
        LossBounds bounds = new LinearHead.Logistic().bounds(1).withCurvature(LossCurvature.STRONGLY_CONVEX);
        StepMap map = new StepMap(0.5, 0.1, new Normaliser.Fixed(1024));
        Scenario base = Scenario.of("assumed rounding, convex", bounds, new RoundingModel.Assumed(1e-13, 1), map, 1000);
        return of("assumed", base, Double.POSITIVE_INFINITY);
    }

    /** Sums that err by their number of records, and three classes, of more records than there are. */
    static ConvergedScenario threeClasses() {
        LossBounds bounds = new LinearHead.Softmax().bounds(1).withCurvature(LossCurvature.STRONGLY_CONVEX);
        RoundingModel rounding =
                new RoundingModel.Head(Summation.NAIVE, bounds.gradientBound().value(), 1, 5, 3);
        StepMap map = new StepMap(0.5, 0.25, new Normaliser.Fixed(2048));
        return of(
                "three classes",
                Scenario.of("three classes", bounds, rounding, map, 1000),
                Math.log(3) * LinearHeads.UP);
    }

    /** The first again, trained until the gradient is small. */
    static ConvergedScenario untilGradient() {
        ConvergedScenario fixed = fixed();
        return new ConvergedScenario("until the gradient is small", fixed.base, fixed.bound, true, false);
    }

    /** The same, forgotten by retraining. */
    static ConvergedScenario retraining() {
        ConvergedScenario fixed = fixed();
        return new ConvergedScenario("retrained until the gradient is small", fixed.base, fixed.bound, true, true);
    }

    static List<ConvergedScenario> all() {
        return List.of(fixed(), mean(), softmax(), assumed(), threeClasses(), untilGradient(), retraining());
    }

    /** Losses at zero, as they are known to the code that makes certificates. */
    private static final class LinearHeads {
        private static final double UP = 1 + 1e-12;
        private static final double LOGISTIC = Math.log(2) * UP;
    }

    private int steps() {
        return trained ? 1 : Scenario.STEPS;
    }

    @Override
    public String way() {
        return retrained ? "retraining" : "convergence";
    }

    @Override
    public int checkpoint() {
        return retrained ? 0 : steps();
    }

    @Override
    public Opening opening(String certificateHash) {
        return base.opening(certificateHash);
    }

    @Override
    public long[] retainedIds() {
        return base.retainedIds();
    }

    @Override
    public Certificate certificate(String ledgerHead, long ledgerSequence) {
        return of(base.certificate(ledgerHead, ledgerSequence));
    }

    @Override
    public Certificate certificate(
            List<ReleasedFile> files, List<String> subjects, String ledgerHead, long ledgerSequence) {
        return of(base.certificate(files, subjects, ledgerHead, ledgerSequence));
    }

    private Certificate of(Certificate from) {
        int dimension = from.protection().noise().dimension();
        return new Certificate(
                Certificate.CONVERGED,
                claim(from.claim()),
                from.deletion(),
                new Certificate.Grounds(
                        algorithm(from.grounds().algorithm()),
                        constants(from.grounds().constants()),
                        new Certificate.Bound(
                                List.of(), retrained ? 0 : bound.delta(), 0, retrained ? 0 : bound.delta(), 0, 0, 0),
                        from.grounds().build(),
                        convergence()),
                retrained ? unprotected(dimension) : protection(dimension),
                from.references(),
                new Certificate.Retention(
                        List.of("k1", "k2"), List.of(0, steps()), retrained ? List.of() : List.of(steps())),
                new Certificate.Conditions(List.of(), from.conditions().assumptions(), Exclusions.CONVERGED));
    }

    private Certificate.Claim claim(Certificate.Claim from) {
        boolean certain = base.rounding().assurance().isCertain();
        String promise = retrained
                ? "the same bytes as retraining without them"
                : "certified" + (certain ? "" : " UNDER ASSUMPTIONS");
        return new Certificate.Claim(
                from.id(),
                from.issued(),
                "1 subject with 5 records forgotten by " + way() + ": " + promise,
                retrained ? Certificate.Verdict.EXACT : Certificate.Verdict.CERTIFIED,
                retrained
                        ? "PROVED"
                        : Constant.weaker(
                                        base.bounds().gradientBound().assurance(),
                                        base.rounding().assurance())
                                .name());
    }

    private Certificate.Algorithm algorithm(Certificate.Algorithm from) {
        Certificate.StepSizes sizes = trained
                ? new Certificate.StepSizes("untilGradient", NORM, 1)
                : from.schedule().stepSizes();
        return new Certificate.Algorithm(
                way(),
                retrained ? "none" : "end",
                new Certificate.Schedule(from.schedule().batches(), sizes, steps(), steps()),
                checkpoint(),
                steps() - checkpoint(),
                List.of());
    }

    private Certificate.Constants constants(Certificate.Constants from) {
        return new Certificate.Constants(
                from.curvature(),
                from.gradientBound(),
                from.lipschitz(),
                from.diameter(),
                from.startNorm(),
                bound.largestNorm(),
                Upward.add(from.startNorm(), bound.largestNorm()),
                from.rounding());
    }

    private Map<String, Double> convergence() {
        return Map.of(
                "gradientNorm", bound.gradientNorm(),
                "weightDecay", bound.weightDecay(),
                "normaliser", bound.normaliser().orElse(0),
                "records", (double) bound.plannedRecords(),
                "lossAtZero", bound.lossAtZero(),
                "radius", bound.radius(),
                "rounding", bound.rounding());
    }

    private Certificate.Point budget() {
        return new Certificate.Point(base.budget().epsilon(), base.budget().delta());
    }

    private Certificate.Protection unprotected(int dimension) {
        return new Certificate.Protection(
                new Certificate.Noise(0, 0, 0, dimension, 0, ""),
                new Certificate.Privacy(budget(), 0, 0, List.of(), 0, 0.5, 0));
    }

    private Certificate.Protection protection(int dimension) {
        DiscreteNoise noise = DiscreteNoise.calibrated(bound.delta(), base.budget(), dimension, bound.largestNorm());
        double mu = noise.privacy().mu();
        return new Certificate.Protection(
                new Certificate.Noise(
                        noise.grid().exponent(),
                        noise.grid().units(),
                        noise.sigma(),
                        dimension,
                        bound.largestNorm(),
                        "a secure source"),
                new Certificate.Privacy(
                        budget(),
                        mu,
                        noise.delta(base.budget().epsilon()),
                        List.of(new Certificate.Point(noise.privacy().epsilon(1e-5), 1e-5)),
                        mu,
                        AttackBounds.auc(noise.privacy()),
                        AttackBounds.advantage(noise.privacy())));
    }

    @Override
    public String toString() {
        return name;
    }
}
