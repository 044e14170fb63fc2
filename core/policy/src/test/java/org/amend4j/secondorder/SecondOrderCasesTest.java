/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.algorithm.LogitNetwork;
import org.amend4j.algorithm.Processes;
import org.amend4j.environment.Environments;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.XorMdp;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.BoundAssurance;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.rollout.Task;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Places of which a report once said something false. */
class SecondOrderCasesTest {

    /** ‖∇J‖² = 0.336 against 0.01, and 2 of 3 batches of 1,000 see no reward. */
    @Test
    void aRewardThatHardlyAnyTrajectoryHasIsNotCalledNothing() {
        StatedProcesses.Case arm = StatedProcesses.rareArm(1_000);
        double squared = Arrays.stream(arm.exact().returnGradient(arm.theta()))
                .map(x -> x * x)
                .sum();
        assertEquals(0.336, squared, 0.001);
        List<SecondOrderReport> reports =
                IntStream.range(0, 200).parallel().mapToObj(arm::report).toList();
        int unseen = 0;
        for (SecondOrderReport report : reports) {
            assertNotEquals(SaddleVerdict.SOSP_CONSISTENT, report.verdict());
            assertNotEquals(GradientTest.SMALL, report.gradient().test());
            assertTrue(report.gradient().squared().high() >= squared);
            assertTrue(report.curvature().along().high()
                    > report.curvature().along().low());
            assertTrue(
                    report.statement().reason().startsWith("too few different returns: "),
                    report.statement().reason());
            unseen += report.statement().reason().contains(": 0 of 2000") ? 1 : 0;
        }
        assertTrue(unseen > 60, unseen + " of 200");
    }

    /** Where the range is that of the rewards that were seen, which is [0, 0]. */
    @Test
    void aRangeThatWasOnlySeenIsSaidToBeOneAndProvesNothing() {
        StatedProcesses.Case arm = StatedProcesses.rareArm(200);
        Horizon seen = Horizon.given(
                1,
                BiasBound.C,
                new BiasConstants(
                        0.9, ScoreConstants.tabularSoftmax(), new RewardRange(0, 0, BoundAssurance.ESTIMATED)));
        for (long seed = 0; seed < 20; seed++) {
            SecondOrderReport report = new SecondOrderDiagnosis(
                            SecondOrderDiagnosis.Config.of(seen, 0.1).withTrajectories(200), arm.task(), seed)
                    .of(arm.policy());
            assertEquals(SaddleVerdict.INCONCLUSIVE, report.verdict());
            assertEquals(GradientTest.UNDECIDED, report.gradient().test());
            assertTrue(report.gradient().squared().high() > 0
                    && report.noise().along().high() > 0);
            assertTrue(report.curvature().upperEstimate() > 0);
            assertTrue(report.statement().assumptions().get(0).startsWith("no reward lies outside of ["));
            assertTrue(
                    report.statement().words().contains("if it is true that no reward lies outside of"),
                    report.statement().words());
        }
    }

    @Test
    void anIntervalInAViewHoldsTheOneThatWasFound() {
        for (long seed = 0; seed < 5; seed++) {
            SecondOrderReport report = StatedProcesses.rareArm(200).report(seed);
            List<List<Double>> cells = report.toHtml()
                    .lines()
                    .filter(line -> line.contains("<td style=\"text-align: right"))
                    .map(line ->
                            Double.parseDouble(line.replaceAll("<[^>]*>", "").replace(",", "")))
                    .collect(Collectors.collectingAndThen(
                            Collectors.toList(),
                            all -> List.of(all.subList(0, 3), all.subList(3, 6), all.subList(6, 9))));
            List<Measured> found = List.of(
                    report.gradient().squared(),
                    report.curvature().along(),
                    report.noise().along());
            for (int i = 0; i < 3; i++) {
                assertTrue(cells.get(i).get(1) <= found.get(i).low(), cells + " of " + found);
                assertTrue(cells.get(i).get(2) >= found.get(i).high(), cells + " of " + found);
            }
        }
    }

    /** Uniform actions: J = 0.0011 for γ = 0.99, and of 150 episodes hardly one arrives. */
    @Test
    @Tag("exhaustive")
    void aLakeWhoseGoalIsHardlyEverReachedIsNotCalledStationary() {
        TabularEnvironment lake =
                Environments.of("FrozenLake-v1?map=8x8").finite().orElseThrow().get();
        LogitMap map = new LogitMap.Table(64, 4);
        Horizon horizon = Horizon.given(
                60, BiasBound.C, new BiasConstants(0.99, ScoreConstants.tabularSoftmax(), RewardRange.known(0, 1)));
        List<SecondOrderReport> reports = IntStream.rangeClosed(1, 5)
                .parallel()
                .mapToObj(seed -> new SecondOrderDiagnosis(
                                SecondOrderDiagnosis.Config.of(horizon, 1e-6)
                                        .withTrajectories(150)
                                        .withLanczos(3, 1),
                                Task.of("lake", lake::another),
                                seed)
                        .of(LogitNetwork.policy(map, new double[256])))
                .toList();
        for (SecondOrderReport report : reports) {
            assertEquals(SaddleVerdict.INCONCLUSIVE, report.verdict());
            assertTrue(
                    report.statement().reason().startsWith("too few different returns"),
                    report.statement().reason());
        }
    }

    /** Random actions fall off the cliff all the time: the gradient is huge, and some directions curve upwards. */
    @Test
    void aSlopeThatCurvesUpwardsIsNoSaddle() {
        TabularEnvironment cliff =
                Environments.of("CliffWalking-v1").finite().orElseThrow().get();
        ExactReturn exact = ExactReturn.of(cliff, new LogitMap.Table(48, 4), 0.9);
        SecondOrderReport report = ExactDiagnosis.of(exact, new double[192], 0.1, 1);
        assertEquals(SaddleVerdict.NOT_STATIONARY_CURVED, report.verdict());
        assertTrue(report.gradient().squared().value() > 48);
        assertTrue(report.statement().words().contains("this is not a saddle"));
    }

    /** λ_max = 1/6 is below √0.1: by the definition no saddle. The scale and the gap say why, χ asks for more. */
    @Test
    void theScaleOfReturnsAndTheBestPolicyStandBesideEpsilon() {
        ExactReturn exact = ExactReturn.of(XorMdp.plain(), Processes.XOR_LOGITS, 0.5);
        SecondOrderReport report = ExactDiagnosis.of(exact, new double[2], 0.1, 1);
        assertEquals(SaddleVerdict.SOSP_CONSISTENT, report.verdict());
        assertEquals(2, report.context().scale());
        assertEquals(2.0 / 3, report.context().gap(), 1e-12);
        assertEquals(1, report.context().entropyShare().value(), 1e-12);
        assertTrue(
                report.statement().words().contains("J is 0.667 below J*"),
                report.statement().words());
        assertEquals(
                SaddleVerdict.SADDLE,
                ExactDiagnosis.of(exact, new double[2], 0.1, 0.1).verdict());
    }

    @Test
    void aSaddleOfThirdOrderIsDegenerate() {
        ExactReturn exact = ExactReturn.of(StatedProcesses.product(), new LogitMap.Bernoulli(3), 0.9);
        SecondOrderReport report = ExactDiagnosis.of(exact, new double[3], 0.1, 1);
        assertEquals(
                SaddleVerdict.DEGENERATE, report.verdict(), report.statement().words());
        assertEquals(0.81, report.context().gap(), 1e-12);
        // it is none beside it, where the return is already rising
        assertNotEquals(
                SaddleVerdict.DEGENERATE,
                ExactDiagnosis.of(exact, new double[] {1, 1, 1}, 0.1, 1).verdict());
    }

    @Test
    void theWorstArmAtInfinityIsSaturatedAndNotOptimal() {
        for (StatedProcesses.Case one : StatedProcesses.all()) {
            if (one.name().startsWith("worst arm")) {
                SecondOrderReport exact = ExactDiagnosis.of(one.exact(), one.theta(), 0.1, 1);
                assertEquals(SaddleVerdict.SATURATED, exact.verdict());
                assertEquals(1, exact.context().gap(), 1e-6);
                assertEquals(SaddleVerdict.SATURATED, one.report(1).verdict());
            }
        }
    }

    /** Component 2 of the adapter is all zero, and component 1 still has a gradient. */
    @Test
    void aDeadComponentIsNamedBesideALivingOne() {
        LogitMap.LowRank map = new LogitMap.LowRank(new double[2][2], 3, 2);
        double[] theta = {0.1, -0.1, 0, 0, 0.1, 0, -0.1, 0};
        TabularEnvironment environment = Processes.random(2, 2, false, 6);
        ExactReturn exact = ExactReturn.of(environment, map, 0.9);
        SecondOrderReport report = ExactDiagnosis.of(exact, theta, 0.01, 1);
        assertEquals(4, report.dead().parameters());
        assertEquals(GradientTest.LARGE, report.gradient().test());
        assertEquals(SaddleVerdict.NOT_STATIONARY_CURVED, report.verdict());
        assertFalse(
                report.statement().words().contains("ascent stays here"),
                report.statement().words());
        assertEquals(
                List.of(new DeadComponent("logits", 2, 2, 4, true)),
                report.dead().components());
        assertTrue(report.statement()
                .words()
                .contains(
                        "Component 2 of 2 of the adapter on 'logits' stays dead: ascent does not move it, whatever it does along"
                                + " others."));
        SecondOrderReport sampled = new SecondOrderDiagnosis(
                        SecondOrderDiagnosis.Config.of(Processes.horizon(0.9, 5), 0.01)
                                .withTrajectories(50),
                        Task.of("dead", environment::another),
                        1)
                .of(LogitNetwork.policy(map, theta));
        assertEquals(4, sampled.dead().parameters());
        // this network does not say that it has an adapter
        assertEquals(List.of(), sampled.dead().components());
        assertTrue(sampled.statement()
                .words()
                .contains(" 4 of 8 parameters have a policy gradient of 0 whatever is drawn"));
    }

    /** Bound C of H = 20 is 4.7 for γ = 0.9: nothing is said of J. H = 150 has 5e-6. */
    @Test
    void theVerdictIsOfTheFirstStepsUnlessTheBiasIsSmall() {
        ExactReturn exact = ExactReturn.of(XorMdp.plain(), Processes.XOR_LOGITS, 0.9);
        SecondOrderReport cut = ExactDiagnosis.of(exact, new double[2], Processes.horizon(0.9, 20), 0.1, 1);
        assertFalse(cut.statement().ofWholeReturn());
        assertTrue(
                cut.statement().words().startsWith("SADDLE of J_H, not shown of J: "),
                cut.statement().words());
        assertTrue(
                cut.statement().words().contains("may differ by 4.71, more than epsilon^2 = 0.0100"),
                cut.statement().words());
        SecondOrderReport longer = ExactDiagnosis.of(exact, new double[2], Processes.horizon(0.9, 150), 0.1, 1);
        assertTrue(longer.statement().ofWholeReturn());
        assertTrue(
                longer.statement().words().startsWith("SADDLE: "),
                longer.statement().words());
    }
}
