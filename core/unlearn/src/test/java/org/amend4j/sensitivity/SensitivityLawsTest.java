/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.OneIn;
import org.amend4j.unlearn.KeyedBatches;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pairs of trajectories, unlearned and retrained, against the bounds; and a twin that shows that a wrong bound is seen. */
class SensitivityLawsTest {

    private static final int PROBLEMS = 800;

    /** How steps get their records. */
    private enum Batches {
        FULL_MEAN,
        FULL_FIXED,
        KEYED,
        ONE_EPOCH
    }

    /** A run whose checkpoints are all stored. */
    private static final class Run {
        final SmallProblem problem;
        final ContaminationLedger ledger;
        final List<double[]> stored = new ArrayList<>();

        Run(Random random, LossCurvature curvature, Batches batches, int hostile, double gradientShare) {
            problem = SmallProblem.random(random, curvature, hostile);
            Constant g = problem.bounds.gradientBound();
            ledger = new ContaminationLedger(
                    problem.bounds.withGradientBound(Constant.proved(gradientShare * g.value(), g.reason())));
            stored.add(problem.start(random));
            int steps = 1 + random.nextInt(24);
            RecordIds all = RecordIds.firstN(problem.records);
            double rate = batches == Batches.KEYED ? 0.2 + 0.6 * random.nextDouble() : 1;
            KeyedBatches keyed = new KeyedBatches(new byte[16], random.nextLong(), rate);
            Normaliser normaliser = switch (batches) {
                case FULL_MEAN -> new Normaliser.Mean();
                case FULL_FIXED, KEYED -> new Normaliser.Fixed(rate * problem.records * (0.8 + random.nextDouble()));
                case ONE_EPOCH -> new Normaliser.Fixed(1 + problem.records / (double) steps);
            };
            for (int t = 0; t < steps; t++) {
                int step = t;
                RecordIds used = switch (batches) {
                    case FULL_MEAN, FULL_FIXED -> all;
                    case KEYED -> keyed.at(all, t);
                    case ONE_EPOCH ->
                        RecordIds.of(all.stream()
                                .filter(id -> id * steps / problem.records == step)
                                .toArray());
                };
                add(new LedgerStep(map(random, curvature, normaliser, used.size()), used));
            }
        }

        private StepMap map(Random random, LossCurvature curvature, Normaliser normaliser, int used) {
            double lambda = switch (curvature) {
                case NONCONVEX -> random.nextBoolean() ? 0 : random.nextDouble();
                case CONVEX -> 0;
                case STRONGLY_CONVEX -> 0.01 + random.nextDouble();
            };
            double l = used == 0
                    ? 0
                    : normaliser.lipschitz(problem.bounds.lipschitz().value(), used);
            double most = curvature == LossCurvature.NONCONVEX ? 1 : 1.99 / (l + 2 * lambda + 0.1);
            return new StepMap(most * (0.05 + 0.95 * random.nextDouble()), lambda, normaliser);
        }

        private void add(LedgerStep step) {
            ledger.append(step);
            stored.add(problem.step(last(), step.map(), step.used()));
            ledger.keep(ledger.size());
        }

        double[] last() {
            return stored.get(stored.size() - 1);
        }

        void rewind(int checkpoint) {
            ledger.rewound(checkpoint);
            for (int t = checkpoint; t < ledger.size(); t++) {
                LedgerStep step = ledger.step(t);
                stored.set(t + 1, problem.step(stored.get(t), step.map(), step.used()));
                ledger.keep(t + 1);
            }
        }

        double[] retrained() {
            double[] theta = stored.get(0);
            for (LedgerStep step : steps()) {
                RecordIds used = RecordIds.of(step.used().stream()
                        .filter(id -> !ledger.deleted().contains(id))
                        .toArray());
                theta = problem.step(theta, step.map(), used);
            }
            return theta;
        }

        List<LedgerStep> steps() {
            List<LedgerStep> steps = new ArrayList<>();
            for (int t = 0; t < ledger.size(); t++) {
                steps.add(ledger.step(t));
            }
            return steps;
        }

        /** Some of the records not deleted so far; at least one stays. */
        RecordIds some(Random random) {
            long[] left = LongStream.range(0, problem.records)
                    .filter(id -> !ledger.deleted().contains(id))
                    .toArray();
            int count = Math.min(left.length - 1, 1 + random.nextInt(3));
            return RecordIds.of(random.longs(0, left.length)
                    .distinct()
                    .limit(count)
                    .map(i -> left[(int) i])
                    .toArray());
        }
    }

    /** One deletion or several, each with its own rewind: 3 curvatures × 4 kinds of batches × 800 problems = 9,600. */
    @ParameterizedTest
    @EnumSource(LossCurvature.class)
    @OneIn(3)
    void theUnlearnedModelIsNeverFurtherFromTheRetrainedThanTheBound(LossCurvature curvature) {
        int exact = 0;
        int noisy = 0;
        for (Batches batches : Batches.values()) {
            for (int seed = 0; seed < PROBLEMS; seed++) {
                Random random = new Random(seed);
                Run run = new Run(random, curvature, batches, 0, 1);
                int deletions = 1 + random.nextInt(3);
                for (int i = 0; i < deletions; i++) {
                    run.ledger.delete(run.some(random));
                    int checkpoint = random.nextInt(run.ledger.size() + 1);
                    Drift planned = run.ledger.ifRewoundTo(checkpoint);
                    run.rewind(checkpoint);
                    Drift drift = run.ledger.drift();
                    assertEquals(planned, drift, "what was planned is what came");
                    requireWithin(run, drift, curvature + ", " + batches + ", seed " + seed);
                    exact += drift.isExact() ? 1 : 0;
                    noisy += drift.isExact() ? 0 : 1;
                }
            }
        }
        assertTrue(exact > 500 && noisy > 2000, exact + " exact, " + noisy + " noisy");
    }

    private static void requireWithin(Run run, Drift drift, String place) {
        double[] retrained = run.retrained();
        if (drift.isExact()) {
            assertArrayEquals(retrained, run.last(), place);
            assertEquals(0, drift.sensitivity().delta());
        } else {
            double distance = SmallProblem.distance(run.last(), retrained);
            double delta = drift.sensitivity().delta();
            assertTrue(
                    distance <= delta + run.problem.rounding(run.steps()),
                    () -> place + ": " + distance + " above " + delta);
        }
    }

    /** The twin: G halved in the bound. Every curvature and kind of batches must be seen to break it. */
    @ParameterizedTest
    @EnumSource(LossCurvature.class)
    void aBoundWithHalfTheDeletedTermsIsBroken(LossCurvature curvature) {
        for (Batches batches : Batches.values()) {
            int broken = 0;
            for (int seed = 0; seed < 60; seed++) {
                Random random = new Random(seed);
                Run run = new Run(random, curvature, batches, 1, 0.5);
                run.ledger.delete(RecordIds.of(0));
                run.rewind(run.ledger.size());
                double distance = SmallProblem.distance(run.last(), run.retrained());
                Sensitivity bound = run.ledger.drift().sensitivity();
                broken += bound.isAtMost(distance - run.problem.rounding(run.steps())) ? 1 : 0;
            }
            assertTrue(broken > 10, curvature + ", " + batches + ": only " + broken + " of 60 broken");
        }
    }

    /** Two arbitrary points, not only two that a pair of trajectories reaches. */
    @ParameterizedTest
    @EnumSource(LossCurvature.class)
    void noStepBringsTwoPointsFurtherApartThanItsBound(LossCurvature curvature) {
        for (int seed = 0; seed < PROBLEMS; seed++) {
            Random random = new Random(seed);
            Run run = new Run(random, curvature, seed % 2 == 0 ? Batches.FULL_MEAN : Batches.FULL_FIXED, 0, 1);
            double[] one = run.problem.start(random);
            double[] other = run.problem.start(random);
            RecordIds deleted = run.some(random);
            LedgerStep step = run.ledger.step(0);
            int c = deleted.size();
            StepBound bound =
                    step.map().bound(run.problem.bounds, step.used().size() - c, c, SmallProblem.distance(one, other));
            double distance = SmallProblem.distance(
                    run.problem.step(one, step.map(), step.used()),
                    run.problem.step(other, step.map(), step.used().without(deleted)));
            assertTrue(distance <= bound.distance() + run.problem.rounding(List.of(step)), "seed " + seed);
        }
    }

    @Test
    void theConvexBoundWithAFixedNormaliserIsAttained() {
        double largest = 0;
        for (int seed = 0; seed < 50; seed++) {
            Run run = new Run(new Random(seed), LossCurvature.CONVEX, Batches.FULL_FIXED, 1, 1);
            run.ledger.delete(RecordIds.of(0));
            run.rewind(run.ledger.size() / 2);
            double ratio = SmallProblem.distance(run.last(), run.retrained())
                    / run.ledger.drift().sensitivity().delta();
            largest = Math.max(largest, Double.isNaN(ratio) ? 0 : ratio);
        }
        assertEquals(1, largest, 1e-13);
    }

    @Test
    void theClosedFormIsTheLedgerWithoutItsCap() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            LossCurvature curvature = List.of(LossCurvature.values()).get(seed % 3);
            LossBounds bounds = LossBounds.of(Constant.assumed(1), Constant.assumed(0.5), curvature);
            int n = 10 + random.nextInt(20);
            int m = 1 + random.nextInt(3);
            int steps = 1 + random.nextInt(30);
            double lambda = curvature == LossCurvature.STRONGLY_CONVEX ? 0.1 : 0;
            Normaliser normaliser = seed % 2 == 0 ? new Normaliser.Mean() : new Normaliser.Fixed(n);
            StepMap map = new StepMap(0.3, lambda, normaliser);
            ContaminationLedger ledger = new ContaminationLedger(bounds);
            LedgerStep step = new LedgerStep(map, RecordIds.firstN(n));
            for (int t = 0; t < steps; t++) {
                ledger.append(step);
                ledger.keep(t + 1);
            }
            ledger.delete(RecordIds.firstN(m));
            int k = random.nextInt(steps + 1);
            double closed = new FullBatch(bounds, map, n, m, steps).rewind(k).delta();
            Drift drift = ledger.ifRewoundTo(steps - k);
            double recursion = drift.sensitivity().delta();
            // the ledger knows that only n - m records are retained, so that with a fixed normaliser it may be smaller
            assertTrue(recursion <= closed * (1 + 1e-13), "seed " + seed);
            if (drift.count(StepBound.Active.CAP) == 0
                    && (normaliser instanceof Normaliser.Mean || curvature != LossCurvature.NONCONVEX)) {
                assertEquals(closed, recursion, 1e-13 * closed, "seed " + seed);
            }
        }
    }
}
