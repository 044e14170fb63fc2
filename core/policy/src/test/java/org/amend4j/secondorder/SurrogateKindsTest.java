/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.amend4j.algorithm.GpomdpEstimator;
import org.amend4j.algorithm.Processes;
import org.amend4j.environment.Environment;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.Gaussian;
import org.amend4j.policy.Logistic;
import org.amend4j.policy.MultiCategorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.SquashedGaussian;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The frozen surrogate with distributions that are not categorical. */
class SurrogateKindsTest {

    /** Random observations; rewards that are smooth in what is done. */
    private static final class Smooth implements Environment {

        private final Space actionSpace;
        private SplitMix64 random = new SplitMix64(0);

        Smooth(Space actionSpace) {
            this.actionSpace = actionSpace;
        }

        @Override
        public Space actionSpace() {
            return actionSpace;
        }

        @Override
        public Space observationSpace() {
            return Space.Box.symmetric(1, 1);
        }

        @Override
        public double[] reset(long seed) {
            random = new SplitMix64(seed);
            return observationSpace().sample(random);
        }

        @Override
        public StepResult step(double... action) {
            double reward = Math.sin(action[0]) + (action.length > 1 ? action[1] : 0);
            return new StepResult(observationSpace().sample(random), reward, false, false);
        }
    }

    static Stream<ActionDistribution> distributions() {
        return Stream.of(
                MultiCategorical.of(3, 2),
                Gaussian.trained(0.5),
                SquashedGaussian.trained(Space.Box.symmetric(1, 2), 0.7, 1.5),
                SquashedGaussian.fixed(Space.Box.symmetric(2), 0.5),
                new Logistic(0.5));
    }

    private static Space space(ActionDistribution distribution) {
        if (distribution instanceof MultiCategorical several) {
            return new Space.MultiDiscrete(several.counts());
        }
        return distribution instanceof SquashedGaussian squashed
                ? new Space.Box(squashed.low(), squashed.high())
                : Space.Box.symmetric(5);
    }

    /** Gradient at home is GPOMDP's; the Hessian by differences is symmetric, and the curvature along v is vᵀHv. */
    @ParameterizedTest
    @MethodSource("distributions")
    void gradientsAreGpomdpsAndCurvaturesAgree(ActionDistribution distribution) {
        Approximator network = Approximators.random(
                List.of(
                        new DenseShape(2, 3, true, DenseActivation.TANH),
                        new DenseShape(3, distribution.outputs(), true, DenseActivation.IDENTITY)),
                1,
                6);
        Policy policy = new Policy(network, distribution, new ObservationEncoder.AsIs(2));
        Task task = Task.of("smooth", () -> new Smooth(space(distribution)));
        TakenSteps steps;
        try (EpisodeCollector collector = EpisodeCollector.cutAt(task, 30, 5)) {
            steps = collector.collect(policy, false, 1, 2);
        }
        FrozenSurrogate surrogate = new FrozenSurrogate(policy, steps, 0.9);
        assertArrayEquals(new GpomdpEstimator(policy, 0.9).gradient(steps), surrogate.homeGradient(), 1e-12);
        int n = policy.dimension();
        double[] v = Processes.normal(n, 1, 8);
        double[] w = Processes.normal(n, 1, 9);
        double[] hv = product(surrogate, v);
        double[] hw = product(surrogate, w);
        double size = Math.sqrt(dot(hv, hv) * dot(w, w));
        assertEquals(dot(w, hv), dot(v, hw), 1e-6 * size, "symmetric");
        double curvature = 0;
        double[] curvatures = surrogate.along(v).curvatures();
        for (double one : curvatures) {
            curvature += one / curvatures.length;
        }
        assertEquals(-dot(v, hv) / dot(v, v), curvature, 1e-5 * size / dot(v, v));
    }

    /** The greatest score seen bounds nothing: a rate of wrong reports under that assumption would be one under a false one. */
    @ParameterizedTest
    @MethodSource("distributions")
    void aReportOfAGaussianStatesNoErrorRate(ActionDistribution distribution) {
        Approximator network = Approximators.random(
                List.of(new DenseShape(2, distribution.outputs(), true, DenseActivation.IDENTITY)), 1, 6);
        Policy policy = new Policy(network, distribution, new ObservationEncoder.AsIs(2));
        Horizon horizon = Horizon.given(
                5, BiasBound.C, new BiasConstants(0.9, ScoreConstants.tabularSoftmax(), RewardRange.known(-20, 20)));
        SecondOrderReport report = new SecondOrderDiagnosis(
                        SecondOrderDiagnosis.Config.of(horizon, 0.1).withTrajectories(20),
                        Task.of("smooth", () -> new Smooth(space(distribution))),
                        1)
                .of(policy);
        boolean gaussian = distribution instanceof SquashedGaussian || distribution instanceof Gaussian;
        String words = report.statement().words();
        assertEquals(gaussian ? 1 : 0.05, report.statement().error());
        assertEquals(!gaussian, words.contains("wrong in at most 5.00 % of reports, if"), words);
        assertEquals(
                gaussian,
                words.contains("Nobody knows how often intervals and verdict are wrong: they assume that derivatives of"
                        + " log pi, which have no bound, are as good as within those seen."),
                words);
    }

    private static double[] product(FrozenSurrogate surrogate, double[] v) {
        double[] into = new double[v.length];
        surrogate.homeHessian().apply(v, into);
        return into;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
