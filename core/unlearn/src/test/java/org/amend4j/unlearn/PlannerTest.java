/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.numeric.Summation;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianGrid;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.FullBatch;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.junit.jupiter.api.Test;

/** Plans for a logistic head on 1,000 rows. */
class PlannerTest {

    private static final int RECORDS = 1000;
    private static final int INPUTS = 3;
    private static final int STEPS = 200;
    private static final double ETA = 1;
    private static final PrivacyBudget BUDGET = new PrivacyBudget(1, 1e-5);
    private static final RoundingModel ROUNDING = new RoundingModel.Head(Summation.PAIRWISE, 1, 1, INPUTS, 1);

    private static HeadObjective objective(double lambda) {
        Random random = new Random(1);
        double[][] x = new double[RECORDS][INPUTS];
        double[] labels = new double[RECORDS];
        for (int r = 0; r < RECORDS; r++) {
            for (int i = 0; i < INPUTS; i++) {
                x[r][i] = random.nextDouble() - 0.5;
            }
            labels[r] = random.nextInt(2);
        }
        return HeadObjective.logistic(x, labels).withNormaliser(1024).withWeightDecay(lambda);
    }

    private static LossBounds bounds(double lambda) {
        LossBounds convex = new LinearHead.Logistic().bounds(1);
        return lambda > 0 ? convex.withCurvature(LossCurvature.STRONGLY_CONVEX) : convex;
    }

    private static RewindToDelete run(double lambda, Recipe recipe) {
        return new RewindToDelete(objective(lambda), recipe);
    }

    private static Recipe recipe() {
        return Recipe.fullBatch(STEPS, ETA).withCheckpoints(CheckpointSchedule.every(10));
    }

    private static UnlearningPlan plan(
            RewindToDelete run, Guarantee guarantee, ReleasePolicy policy, RecordIds deleted) {
        ContaminationLedger ledger = guarantee.ledger();
        int kept = run.recipe().boundedSteps();
        run.note(
                ledger,
                IntStream.rangeClosed(1, kept)
                        .filter(run.recipe()::isKept)
                        .boxed()
                        .toList());
        ledger.delete(deleted);
        return new Planner(run, guarantee, policy, 1e-6).plan(ledger);
    }

    private static UnlearningPlan plan(double lambda, ReleasePolicy policy, RecordIds deleted) {
        RewindToDelete run = run(lambda, recipe());
        return plan(run, Guarantee.of(run, bounds(lambda), ROUNDING, 0), policy, deleted);
    }

    @Test
    void everyCheckpointIsPricedByTheClosedFormAndTheLatestThatWillDoIsTaken() {
        UnlearningPlan plan = plan(0.05, ReleasePolicy.of(BUDGET).withLargestSigma(0.01), RecordIds.firstN(5));
        RewindToDelete run = run(0.05, recipe());
        FullBatch closed = new FullBatch(bounds(0.05), run.map(0), RECORDS, 5, STEPS);
        for (RewindCandidate candidate : plan.candidates()) {
            int redone = STEPS - candidate.checkpoint();
            if (candidate.checkpoint() > 0) {
                double expected = closed.rewind(redone).delta();
                assertEquals(expected, candidate.drift().sensitivity().delta(), 1e-12 * expected);
            }
            candidate
                    .noise()
                    .filter(noise -> candidate.refusal().isEmpty())
                    .ifPresent(noise -> assertTrue(noise.noise().sigma() <= 0.01));
        }
        UnlearningMethod.NoisyRewind way = assertInstanceOf(UnlearningMethod.NoisyRewind.class, plan.cheapest());
        assertTrue(plan.candidates().stream()
                .filter(candidate -> candidate.checkpoint() > way.checkpoint())
                .allMatch(candidate -> candidate.refusal().orElse("").contains("tolerates")));
        assertEquals(STEPS - way.checkpoint(), way.cost().steps());
        assertEquals(995L * way.cost().steps(), way.cost().recordGradients());
        assertEquals(way.cost().recordGradients() * 1e-6, way.cost().seconds(), 1e-12);
        assertTrue(plan.methods().stream().anyMatch(UnlearningMethod.ColdRun.class::isInstance));
        assertTrue(plan.methods().stream().anyMatch(UnlearningMethod.DescentToDelete.class::isInstance));
        assertTrue(plan.advice().isEmpty());
    }

    @Test
    void aRewindSaysWhereItGoesOnFromAndAnotherTrainingThatItIsPricedOnly() {
        List<UnlearningMethod> methods =
                plan(0.05, ReleasePolicy.of(BUDGET), RecordIds.firstN(5)).methods();
        for (UnlearningMethod method : methods) {
            boolean rewind = method.name().endsWith(" rewind");
            assertEquals(
                    rewind ? OptionalInt.of(STEPS - method.cost().steps()) : OptionalInt.empty(),
                    method.rewindsTo(),
                    method.name());
            assertEquals(
                    List.of("descent to delete", "cold run").contains(method.name()),
                    method.isPricedOnly(),
                    method.name());
        }
        assertTrue(methods.stream().anyMatch(method -> method.rewindsTo().isPresent()));
    }

    @Test
    void theCheapestRewindWithLittleNoiseIsTheFirstThatKeepsToTheShare() {
        UnlearningPlan plan = plan(0.05, ReleasePolicy.of(BUDGET), RecordIds.firstN(5));
        List<UnlearningMethod.NoisyRewind> all = plan.noisy();
        assertEquals(plan.cheapest(), all.get(0));
        assertEquals(
                plan.candidates().stream()
                        .filter(candidate -> candidate.refusal().isEmpty()
                                && candidate.noise().isPresent())
                        .map(RewindCandidate::checkpoint)
                        .toList(),
                all.stream().map(UnlearningMethod.NoisyRewind::checkpoint).toList());
        for (UnlearningMethod.NoisyRewind way : all) {
            assertEquals(Optional.of(way), plan.cheapestRewind(way.noise().relative()));
            assertEquals(STEPS - way.checkpoint(), way.cost().steps());
            assertEquals(995L * way.cost().steps(), way.cost().recordGradients());
            assertEquals(way.cost().recordGradients() * 1e-6, way.cost().seconds(), 1e-12);
        }
        double least = all.get(all.size() - 1).noise().relative();
        assertTrue(least < all.get(0).noise().relative());
        assertEquals(Optional.empty(), plan.cheapestRewind(Math.nextDown(least)));
    }

    @Test
    void whatIsRecommendedIsTheCheapestOfThePlanWithoutNoiseOrWithAHundredthOfTheParameters() {
        int rewinds = 0;
        for (double lambda : new double[] {0, 0.01, 0.05, 0.3}) {
            for (int deleted : new int[] {1, 20, 400}) {
                for (double sigma : new double[] {1e-4, 0.01, Double.POSITIVE_INFINITY}) {
                    UnlearningPlan plan =
                            plan(lambda, ReleasePolicy.of(BUDGET).withLargestSigma(sigma), RecordIds.firstN(deleted));
                    UnlearningMethod taken = plan.recommended();
                    List<UnlearningMethod> allowed = Stream.concat(plan.methods().stream(), plan.noisy().stream())
                            .filter(method -> !method.isPricedOnly())
                            .filter(method -> noise(method) <= 0.01 * plan.largestNorm())
                            .toList();
                    assertTrue(allowed.contains(taken) && plan.methods().contains(taken), taken.toString());
                    assertTrue(allowed.stream().allMatch(other -> taken.cost().compareTo(other.cost()) <= 0));
                    assertTrue(noise(taken) <= sigma * Math.sqrt(INPUTS));
                    rewinds += taken instanceof UnlearningMethod.NoisyRewind ? 1 : 0;
                }
            }
        }
        assertTrue(rewinds >= 4, rewinds + " rewinds");
    }

    private static double noise(UnlearningMethod method) {
        return method.releaseNoise().map(noise -> noise.noise().norm()).orElse(0.0);
    }

    @Test
    void aCheckpointBeforeTheFirstUseIsExact() {
        Recipe recipe = recipe().withBatches(new KeyedEpochs(new byte[16], 1, STEPS, id -> id));
        HeadObjective objective = objective(0.05).withNormaliser(1024.0 / STEPS);
        RewindToDelete run = new RewindToDelete(objective, recipe);
        Guarantee guarantee = Guarantee.of(run, bounds(0.05), ROUNDING, 0);
        long late = RecordIds.firstN(RECORDS).stream()
                .filter(id -> recipe.batches().at(RecordIds.of(id), 150).size() == 1)
                .findFirst()
                .orElseThrow();
        UnlearningPlan plan = plan(run, guarantee, ReleasePolicy.of(BUDGET).withLargestSigma(1e-9), RecordIds.of(late));
        assertEquals(
                150,
                assertInstanceOf(UnlearningMethod.ExactRewind.class, plan.cheapest())
                        .checkpoint());
    }

    private static void everyNoisyWayIsRefused(UnlearningPlan plan, String why) {
        assertTrue(plan.isRefused());
        assertFalse(plan.advice().isEmpty());
        assertInstanceOf(UnlearningMethod.Retrain.class, plan.cheapest());
        assertTrue(
                plan.candidates().stream()
                        .anyMatch(candidate -> candidate.refusal().orElse("").contains(why)),
                () -> plan.candidates().toString());
        plan.candidates().stream()
                .filter(candidate -> candidate.checkpoint() > 0)
                .forEach(candidate -> assertTrue(candidate.refusal().isPresent()));
    }

    @Test
    void certificatesThatWouldMeanNothingAreRefusedWithTheirNumbers() {
        RecordIds many = RecordIds.firstN(400);
        everyNoisyWayIsRefused(plan(0, ReleasePolicy.of(new PrivacyBudget(0.1, 1e-5)), many), "vacuous");
        everyNoisyWayIsRefused(plan(0.05, ReleasePolicy.of(new PrivacyBudget(1, 0.01)), many), "not meaningful");
        everyNoisyWayIsRefused(plan(0.05, ReleasePolicy.of(new PrivacyBudget(40, 1e-4)), many), "not meaningful");
        // strong decay forgets below what rounding does
        RewindToDelete forgetful = run(0.3, recipe());
        Guarantee coarse = Guarantee.of(forgetful, bounds(0.3), new RoundingModel.Assumed(1e-9, 1), 0);
        UnlearningPlan plan = plan(forgetful, coarse, ReleasePolicy.of(BUDGET).acceptingAssumptions(), RecordIds.of(1));
        assertTrue(plan.candidates().stream()
                .anyMatch(candidate -> candidate.refusal().orElse("").contains("rounding alone")));
    }

    @Test
    void weakConstantsNeedAnExplicitPolicy() {
        RewindToDelete run = run(0.05, recipe());
        Guarantee assumed = Guarantee.of(run, bounds(0.05), new RoundingModel.Assumed(1e-14, 1), 0);
        everyNoisyWayIsRefused(plan(run, assumed, ReleasePolicy.of(BUDGET), RecordIds.firstN(5)), "ASSUMED");
        UnlearningPlan accepted =
                plan(run, assumed, ReleasePolicy.of(BUDGET).acceptingAssumptions(), RecordIds.firstN(5));
        assertInstanceOf(UnlearningMethod.NoisyRewind.class, accepted.cheapest());
        assertThrows(
                IllegalArgumentException.class,
                () -> new ReleasePolicy(BUDGET, 1, org.amend4j.descent.Assurance.ESTIMATED, 1, 1));
    }

    @Test
    void aTimeBudgetRulesOutWhatTakesLonger() {
        UnlearningPlan unlimited = plan(0.05, ReleasePolicy.of(BUDGET).withLargestSigma(0.01), RecordIds.firstN(5));
        double seconds = unlimited.cheapest().cost().seconds();
        UnlearningPlan plan =
                plan(0.05, ReleasePolicy.of(BUDGET).withLargestSigma(0.01).within(seconds / 2), RecordIds.firstN(5));
        assertTrue(plan.isRefused());
    }

    @Test
    void noiseOnTheWayIsWhatItIsAndOnlyTheStepsBeforeItCount() {
        Recipe recipe = recipe().withNoise(new CheckpointNoise(100, GaussianGrid.of(0.5, 1000)));
        RewindToDelete run = run(0.05, recipe);
        Guarantee guarantee = Guarantee.of(run, bounds(0.05), ROUNDING, 0);
        UnlearningPlan plan = plan(run, guarantee, ReleasePolicy.of(BUDGET), RecordIds.of(3));
        UnlearningMethod.NoisyRewind way = assertInstanceOf(UnlearningMethod.NoisyRewind.class, plan.cheapest());
        assertEquals(100, way.checkpoint());
        assertEquals(100, plan.candidates().get(0).drift().path().size());
        assertEquals(0.5, way.noise().noise().sigma(), 1e-6);
        assertTrue(way.noise().noise().delta(1) < 1e-5);
    }

    @Test
    void nothingEverythingAndStrangersCannotBeForgotten() {
        ReleasePolicy policy = ReleasePolicy.of(BUDGET);
        assertThrows(IllegalArgumentException.class, () -> plan(0.05, policy, RecordIds.of()));
        assertThrows(IllegalArgumentException.class, () -> plan(0.05, policy, RecordIds.firstN(RECORDS)));
        assertThrows(IllegalArgumentException.class, () -> plan(0.05, policy, RecordIds.of(RECORDS)));
    }

    @Test
    void moreRecordsThanTheNormaliserIsMeantForAreRefused() {
        RewindToDelete run = new RewindToDelete(objective(0.05).withNormaliser(512), recipe());
        assertThrows(IllegalArgumentException.class, () -> Guarantee.of(run, bounds(0.05), ROUNDING, 0));
    }
}
