/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.amend4j.descent.Assurance;
import org.amend4j.objective.RecordIds;
import org.amend4j.unlearn.KeyedBatches;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContaminationLedgerTest {

    private static final StepMap MAP = new StepMap(0.5, 0, new Normaliser.Fixed(10));

    private static LossBounds bounds(LossCurvature curvature) {
        return LossBounds.of(Constant.enforced(1, "clipping"), Constant.estimated(0.8, "power iteration"), curvature);
    }

    private static ContaminationLedger fullBatch(LossBounds bounds, StepMap map, int records, int steps) {
        ContaminationLedger ledger = new ContaminationLedger(bounds);
        LedgerStep step = new LedgerStep(map, RecordIds.firstN(records));
        for (int t = 0; t < steps; t++) {
            ledger.append(step);
            ledger.keep(t + 1);
        }
        return ledger;
    }

    /** Step t uses record t only, as in one epoch of single records. */
    private static ContaminationLedger oneEpoch(LossBounds bounds, int steps) {
        ContaminationLedger ledger = new ContaminationLedger(bounds);
        for (int t = 0; t < steps; t++) {
            ledger.append(new LedgerStep(new StepMap(0.5, 0, new Normaliser.Fixed(1)), RecordIds.of(t)));
            ledger.keep(t + 1);
        }
        return ledger;
    }

    /**
     * Constants as published for eICU, N0 = n: known to three digits for L in the place of L_t = L·k/n. The trivial bound is
     * 2ηGT = 43.6.
     */
    @ParameterizedTest
    @CsvSource({"0.00, 19.5", "0.50, 19.3", "0.74, 18.6", "0.90, 15.8", "0.99, 4.65"})
    void theCapKeepsPublishedConstantsBelowTheTrivialBound(double share, double known) {
        Constant l = Constant.estimated(0.2065 * 94_449 / (94_449 - 1_079), "so that L_t is the published one");
        LossBounds bounds = LossBounds.of(Constant.estimated(0.5946, "published"), l, LossCurvature.NONCONVEX);
        StepMap map = new StepMap(0.01, 0, new Normaliser.Fixed(94_449));
        ContaminationLedger ledger = fullBatch(bounds, map, 94_449, 3_666);
        ledger.delete(RecordIds.firstN(1_079));
        int k = (int) Math.round(share * 3_666);
        assertEquals(known, ledger.ifRewoundTo(3_666 - k).sensitivity().delta(), 0.005 * known);
    }

    @Test
    void withoutSmoothnessTheDistanceGrowsByTheCapFromTheFirstContaminatedStepOn() {
        ContaminationLedger ledger = oneEpoch(bounds(LossCurvature.NONCONVEX).withoutLipschitz(), 10);
        ledger.delete(RecordIds.of(4));
        Drift drift = ledger.drift();
        assertEquals(OptionalInt.of(4), drift.firstContaminated());
        // the deleted record alone moves the step by ηG/B; each of the five later steps adds 2ηG/B
        assertEquals(0.5 + 5 * 1.0, drift.sensitivity().delta(), 0);
        assertEquals(5, drift.count(StepBound.Active.CAP));
        assertEquals(4, drift.count(StepBound.Active.SAME));
        assertEquals(Assurance.ENFORCED, drift.assurance(), "G alone");
    }

    @Test
    void theEvidenceIsTheWeakestOfTheConstantsThatWereUsed() {
        ContaminationLedger ledger = oneEpoch(bounds(LossCurvature.NONCONVEX), 10);
        assertEquals(Assurance.PROVED, ledger.drift().assurance(), "nothing was used");
        ledger.delete(RecordIds.of(9));
        assertEquals(Assurance.ENFORCED, ledger.drift().assurance(), "at the last step ρ multiplies nothing");
        ledger.delete(RecordIds.of(5));
        assertEquals(Assurance.ESTIMATED, ledger.drift().assurance(), "L was used from step 6 on");

        LossBounds ball = bounds(LossCurvature.NONCONVEX).withDiameter(Constant.assumed(0.25));
        ContaminationLedger projected = oneEpoch(ball, 3);
        projected.delete(RecordIds.of(0));
        Drift drift = projected.drift();
        assertEquals(0.25, drift.sensitivity().delta());
        assertEquals(3, drift.count(StepBound.Active.DIAMETER));
        assertEquals(Assurance.ASSUMED, drift.assurance(), "L never was the least, the diameter always");
    }

    @Test
    void aRewindToBeforeTheFirstUseIsExact() {
        ContaminationLedger ledger = oneEpoch(bounds(LossCurvature.NONCONVEX), 10);
        ledger.delete(RecordIds.of(6, 8));
        assertTrue(ledger.ifRewoundTo(6).isExact());
        assertEquals(0, ledger.ifRewoundTo(6).sensitivity().delta());
        assertFalse(ledger.ifRewoundTo(7).isExact());
        assertEquals(6, ledger.latestCheckpoint(0));
        ledger.rewound(6);
        assertTrue(ledger.drift().isExact());
        assertEquals(Set.of(0, 1, 2, 3, 4, 5, 6), ledger.checkpoints());
        assertTrue(ledger.step(6).used().isEmpty());
        assertEquals(RecordIds.of(7), ledger.step(7).used());
    }

    @Test
    void deletionsAddUpWhateverTheirOrderAndRepetition() {
        ContaminationLedger one = fullBatch(bounds(LossCurvature.CONVEX), MAP, 10, 8);
        one.delete(RecordIds.of(3, 4));
        one.delete(RecordIds.of(4, 7));
        ContaminationLedger other = fullBatch(bounds(LossCurvature.CONVEX), MAP, 10, 8);
        other.delete(RecordIds.of(3, 4, 7));
        assertEquals(RecordIds.of(3, 4, 7), one.deleted());
        assertEquals(other.drift(), one.drift());
        Drift before = one.drift();
        one.delete(RecordIds.of(7));
        assertEquals(before, one.drift());
    }

    @Test
    void afterARewindOnlyNewDeletionsContaminateTheRedoneSteps() {
        ContaminationLedger ledger = fullBatch(bounds(LossCurvature.CONVEX), MAP, 10, 8);
        ledger.delete(RecordIds.of(0));
        ledger.rewound(3);
        // ηGm/B = 0.05 a step: 3 steps
        assertEquals(0.15, ledger.drift().sensitivity().delta(), 1e-15);
        ledger.delete(RecordIds.of(1, 2));
        // 3 steps with all three, 5 with the two new ones
        assertEquals(3 * 0.15 + 5 * 0.10, ledger.drift().sensitivity().delta(), 1e-15);
    }

    /** For the same k: a larger c never makes any bound smaller, whatever the mode. */
    @Test
    void aCopySaysTheSameAndGoesItsOwnWay() {
        ContaminationLedger ledger = oneEpoch(bounds(LossCurvature.NONCONVEX), 10);
        ledger.delete(RecordIds.of(4));
        Drift before = ledger.drift();
        ContaminationLedger copy = ledger.copy();
        assertEquals(before, copy.drift());
        assertEquals(ledger.checkpoints(), copy.checkpoints());
        copy.delete(RecordIds.of(6));
        copy.rewound(5);
        assertFalse(before.equals(copy.drift()));
        assertEquals(before, ledger.drift());
        assertEquals(RecordIds.of(4), ledger.deleted());
        assertEquals(11, ledger.checkpoints().size());
    }

    @Test
    void theBoundIncreasesInTheDeletedRecordsAndInTheDistance() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            double l = random.nextDouble();
            LossCurvature curvature = List.of(LossCurvature.values()).get(seed % 3);
            double lambda = curvature == LossCurvature.CONVEX ? 0 : 0.1;
            LossBounds bounds = new LossBounds(
                    Constant.assumed(random.nextDouble()),
                    Constant.assumed(l),
                    curvature,
                    Constant.assumed(random.nextInt(3) == 0 ? 1 : Double.POSITIVE_INFINITY));
            Normaliser normaliser = List.of(
                            new Normaliser.Fixed(12), new Normaliser.Mean(), new Normaliser.FixedReplacing(12))
                    .get(random.nextInt(3));
            StepMap map = new StepMap(0.7, lambda, normaliser);
            int k = 1 + random.nextInt(12);
            double x = random.nextInt(4) == 0 ? 0 : random.nextDouble();
            double before = -1;
            for (int c = 0; c < 12; c++) {
                double distance = map.bound(bounds, k, c, x).distance();
                assertTrue(distance >= before, "seed " + seed + ", c = " + c);
                assertTrue(map.bound(bounds, k, c, x * 1.5).distance() >= distance, "seed " + seed);
                before = distance;
            }
        }
    }

    @Test
    void bisectionFindsTheLatestCheckpointThatASearchOfAllFinds() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            ContaminationLedger ledger = new ContaminationLedger(bounds(LossCurvature.NONCONVEX));
            KeyedBatches batches = new KeyedBatches(new byte[16], seed, 0.3);
            RecordIds all = RecordIds.firstN(20);
            for (int t = 0; t < 30; t++) {
                StepMap map =
                        new StepMap(0.01 + random.nextDouble(), 0.1 * random.nextDouble(), batches.normaliser(20));
                ledger.append(new LedgerStep(map, batches.at(all, t)));
                if (random.nextInt(3) == 0) {
                    ledger.keep(t + 1);
                }
            }
            ledger.delete(RecordIds.of(random.nextInt(20)));
            double wanted = ledger.drift().sensitivity().delta() * Math.pow(random.nextDouble(), 3) * 1.2;
            int latest = 0;
            double before = 0;
            for (int checkpoint : ledger.checkpoints()) {
                double delta = ledger.ifRewoundTo(checkpoint).sensitivity().delta();
                assertTrue(delta >= before, "monotone in the checkpoint");
                before = delta;
                latest = delta <= wanted ? checkpoint : latest;
            }
            assertEquals(latest, ledger.latestCheckpoint(wanted), "seed " + seed);
        }
    }

    @Test
    void anOverflowIsARefusal() {
        LossBounds steep = LossBounds.of(Constant.assumed(1e308), Constant.unknown(), LossCurvature.NONCONVEX);
        ContaminationLedger ledger = fullBatch(steep, new StepMap(100, 0, new Normaliser.Mean()), 2, 9);
        ledger.delete(RecordIds.of(0));
        assertTrue(ledger.drift().sensitivity() instanceof Sensitivity.Unbounded);
        assertEquals(0, ledger.latestCheckpoint(1e300));
    }

    @Test
    void refusesInOneSentenceAndChangesNothing() {
        ContaminationLedger ledger = fullBatch(bounds(LossCurvature.CONVEX), MAP, 4, 3);
        ledger.delete(RecordIds.of(1));
        refused(
                "must not use deleted records, got 1 of them, the first 1",
                () -> ledger.append(new LedgerStep(MAP, RecordIds.of(0, 1))));
        refused(
                "step size <= 2/L_t, got step size 40.0 with L_t = 0.08",
                () -> ledger.append(new LedgerStep(new StepMap(40, 0, new Normaliser.Fixed(10)), RecordIds.of(0))));
        refused("one of the checkpoints [0, 1, 2, 3], got 7", () -> ledger.ifRewoundTo(7));
        refused("step of a checkpoint must be in [0, 3], got 4", () -> ledger.keep(4));
        refused(
                "got one that replaces them",
                () -> new LedgerStep(new StepMap(1, 0, new Normaliser.FixedReplacing(3)), RecordIds.of(0)));
        assertEquals(3, ledger.size());

        ContaminationLedger mean =
                fullBatch(bounds(LossCurvature.NONCONVEX), new StepMap(0.5, 0, new Normaliser.Mean()), 2, 2);
        mean.delete(RecordIds.of(0, 1));
        refused("must retain one, got 0 (step 0)", mean::drift);
        refused("must retain one, got 0 (step 0)", () -> mean.rewound(0));
        assertEquals(2, mean.step(1).used().size());
    }

    /** Full batches of ten with ρ = 1: a step adds ηGc/B = 0.05c to the distance. */
    private static ContaminationLedger displaced(StepRounding rounding) {
        ContaminationLedger ledger = new ContaminationLedger(bounds(LossCurvature.CONVEX), rounding);
        for (int t = 0; t < 8; t++) {
            ledger.append(new LedgerStep(MAP, RecordIds.firstN(10)));
            ledger.keep(t + 1);
        }
        ledger.displace(4, Constant.estimated(0.25, "measured"));
        return ledger;
    }

    @Test
    void aDisplacementIsAddedAfterItsStepAndOnlyIfItIsNotRedone() {
        ContaminationLedger ledger = displaced((t, step) -> 0);
        assertTrue(ledger.ifRewoundTo(3).isExact());
        assertEquals(0, ledger.ifRewoundTo(3).computed());
        Drift drift = ledger.ifRewoundTo(4);
        assertEquals(OptionalInt.of(3), drift.firstContaminated());
        assertEquals(Assurance.ESTIMATED, drift.assurance());
        assertEquals(List.of(0.0, 0.0, 0.0, 0.25, 0.25), distances(drift).subList(0, 5));
        assertEquals(0.25, drift.computed());
        // a record that step 0 used was there first
        ledger.delete(RecordIds.of(1));
        assertEquals(OptionalInt.of(0), ledger.drift().firstContaminated());
        assertEquals(8 * 0.05 + 0.25, ledger.drift().sensitivity().delta(), 1e-15);
        ledger.displace(0, Constant.enforced(0.5, "start"));
        assertEquals(OptionalInt.of(-1), ledger.ifRewoundTo(0).firstContaminated());
        assertEquals(0.5, ledger.ifRewoundTo(0).sensitivity().delta());
    }

    private static List<Double> distances(Drift drift) {
        return drift.path().stream().map(StepBound::distance).toList();
    }

    /** Each of the two trajectories is off by the rounding at every step from the first contaminated one on. */
    @Test
    void computedDistancesHaveTwoRoundingsAStep() {
        double unit = 0x1p-20;
        ContaminationLedger ledger = displaced((t, step) -> (t + 1) * unit);
        Drift drift = ledger.drift();
        assertEquals(0.25 + 2 * (5 + 6 + 7 + 8) * unit, drift.computed());
        assertEquals(Sensitivity.of(drift.computed()), drift.computedSensitivity());
        assertEquals(2 * 26 * unit, drift.rounding());
        assertEquals(0, ledger.ifRewoundTo(2).computed(), "both are the same bits");
    }

    @Test
    void roundingIsWhatTheComputedDistanceHasMore() {
        StepBound infinite = new StepBound(Double.POSITIVE_INFINITY, StepBound.Active.CAP);
        Drift unbounded = new Drift(List.of(infinite), OptionalInt.of(0), Assurance.PROVED, Double.POSITIVE_INFINITY);
        assertEquals(0, unbounded.rounding());
        Drift nothing = new ContaminationLedger(bounds(LossCurvature.CONVEX)).drift();
        assertEquals(0, nothing.rounding());
        assertEquals(new Sensitivity.Bounded(0), nothing.sensitivity());
        Drift noSteps = new Drift(List.of(), OptionalInt.empty(), Assurance.PROVED, 0.5);
        assertEquals(0.5, noSteps.rounding());
    }

    @Test
    void aCopyHasTheDisplacementsAndARewindForgetsTheLaterOnes() {
        ContaminationLedger ledger = displaced((t, step) -> 0);
        ledger.displace(6, Constant.enforced(1, "tolerance"));
        ContaminationLedger copy = ledger.copy();
        assertEquals(ledger.displacements(), copy.displacements());
        assertEquals(ledger.drift(), copy.drift());
        copy.rewound(4);
        assertEquals(Set.of(4), copy.displacements().keySet());
        assertEquals(Set.of(4, 6), ledger.displacements().keySet());
        refused("one of the checkpoints [0, 1, 2, 3, 4], got 5", () -> copy.rewound(5));
        assertEquals(0.25, copy.drift().sensitivity().delta());
    }
}
