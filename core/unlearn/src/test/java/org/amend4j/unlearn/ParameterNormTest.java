/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.numeric.Summation;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.RecordIds;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.testkit.Exhaustive;
import org.junit.jupiter.api.Test;

/** The bound of the parameters' norm, which decides how much noise a model bears, against what descents reach. */
class ParameterNormTest {

    private static final int STEPS = 60;

    /** A head on records that pull in nearly one direction, which is what makes parameters large. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Sample(RewindToDelete run, Guarantee guarantee, double[] start) {

        static Sample of(Random random) {
            int records = 1 + random.nextInt(12);
            int inputs = 1 + random.nextInt(4);
            boolean softmax = random.nextBoolean();
            int classes = softmax ? 2 + random.nextInt(3) : 2;
            double radius = Math.pow(10, random.nextDouble() * 2 - 1);
            double[][] rows = rows(random, records, inputs, radius);
            int[] labels = new int[records];
            Arrays.setAll(labels, r -> random.nextInt(8) == 0 ? random.nextInt(classes) : 0);
            HeadObjective plain = softmax
                    ? HeadObjective.softmax(rows, labels, classes)
                    : HeadObjective.logistic(
                            rows, Arrays.stream(labels).mapToDouble(x -> x).toArray());
            double decay = random.nextInt(3) == 0 ? 0 : Math.pow(10, -3 * random.nextDouble()) * radius * radius;
            int planned = records + random.nextInt(3);
            int kind = random.nextInt(4);
            int epoch = 1 + random.nextInt(6);
            double rate = kind == 1 ? 0.4 : kind == 2 ? 1.0 / epoch : 1;
            BatchSchedule batches = switch (kind) {
                case 1 -> new KeyedBatches(new byte[32], random.nextInt(), rate);
                case 2 -> new KeyedEpochs(new byte[32], random.nextInt(), epoch, id -> id);
                default -> new WholeSet();
            };
            HeadObjective decayed = plain.withWeightDecay(decay);
            HeadObjective objective = kind == 3 ? decayed : decayed.withNormaliser(rate * planned);
            LossBounds convex = (softmax ? new LinearHead.Softmax() : new LinearHead.Logistic()).bounds(radius);
            LossBounds bounds = decay > 0 ? convex.withCurvature(LossCurvature.STRONGLY_CONVEX) : convex;
            double longest = 2 / (bounds.lipschitz().value() * (kind == 3 ? 1 : 1 / rate) + 2 * decay);
            double eta = longest * (1 - 1e-9) * (random.nextInt(3) == 0 ? 1 : random.nextDouble());
            int dimension = objective.dimension();
            List<ParameterBall> balls = random.nextInt(4) == 0
                    ? List.of(ParameterBall.of(new IndexRange(0, dimension), 2 * random.nextDouble() / radius))
                    : List.of();
            Recipe recipe = new Recipe(
                    1 + random.nextInt(STEPS),
                    new StepSizes.Constant(eta),
                    batches,
                    balls,
                    CheckpointSchedule.lastOnly(),
                    Optional.empty());
            RewindToDelete run = new RewindToDelete(objective, recipe);
            double scale = random.nextBoolean() ? 0 : 3 * random.nextDouble() / radius;
            double[] start = run.start(
                    random.doubles(dimension, -scale, Math.nextUp(scale)).toArray());
            RoundingModel rounding = new RoundingModel.Head(
                    Summation.PAIRWISE, bounds.gradientBound().value(), radius, inputs, classes);
            Guarantee guarantee = Guarantee.of(
                            run, bounds, rounding, Math.nextUp(Vectors.normInOrder(start)) * (1 + 1e-12))
                    .withLossAtZero(Math.log(classes) * (1 + 1e-12));
            return new Sample(run, guarantee, start);
        }

        private static double[][] rows(Random random, int records, int inputs, double radius) {
            double[][] rows = new double[records][inputs];
            for (double[] row : rows) {
                Arrays.setAll(row, i -> (i == 0 ? 1 : 0) + 0.3 * random.nextGaussian());
                double norm = Vectors.normInOrder(row) * (1 + 1e-12);
                Arrays.setAll(row, i -> row[i] * radius / norm);
            }
            return rows;
        }

        ContaminationLedger ledger() {
            ContaminationLedger ledger = guarantee.ledger();
            run.note(ledger, List.of());
            return ledger;
        }

        double reached(RecordIds without) {
            return Vectors.normInOrder(run.run(start, run.recipe().steps(), without));
        }

        double bound() {
            return ParameterNorm.atMost(run, guarantee, ledger());
        }
    }

    @Test
    void no_training_ends_above_it_nor_one_on_fewer_records() {
        Random random = new Random(20261201);
        double closest = 0;
        for (int k = 0; k < Exhaustive.times(400, 6_000); k++) {
            Sample sample = Sample.of(random);
            double bound = sample.bound();
            double reached = sample.reached(RecordIds.of());
            assertTrue(reached <= bound, reached + " above " + bound + ": " + sample);
            assertTrue(bound <= sample.guarantee.reach().norm());
            boolean free = sample.run.recipe().balls().isEmpty() && sample.guarantee.startNorm() < 1e-300;
            closest = free ? Math.max(closest, reached / bound) : closest;
            if (sample.run.objective().records().size() > 1) {
                RecordIds one = RecordIds.of(sample.run.objective().records().get(0));
                assertTrue(sample.reached(one) <= bound, sample.toString());
            }
        }
        assertTrue(closest > 0.7, "from 0, without balls, it is nearly reached, got " + closest);
    }

    /** Each of the three is needed: without one of them the bound is exceeded, or far too large. */
    @Test
    void a_tenth_of_the_loss_at_zero_would_be_exceeded() {
        Random random = new Random(20261202);
        int exceeded = 0;
        for (int k = 0; k < 400; k++) {
            Sample sample = Sample.of(random);
            Guarantee wrong = sample.guarantee.withLossAtZero(sample.guarantee.lossAtZero() / 10);
            exceeded +=
                    sample.reached(RecordIds.of()) > ParameterNorm.atMost(sample.run, wrong, sample.ledger()) ? 1 : 0;
        }
        assertTrue(exceeded > 20, exceeded + " of 400");
    }

    /** A single step as long as the curvature allows goes further than the loss at its beginning pays for. */
    @Test
    void a_long_step_is_paid_for_by_its_own_length() {
        HeadObjective objective =
                HeadObjective.logistic(new double[][] {{1}}, new double[] {1}).withNormaliser(1);
        RewindToDelete run = new RewindToDelete(objective, Recipe.fullBatch(1, 8));
        Guarantee guarantee = Guarantee.of(
                        run,
                        new LinearHead.Logistic().bounds(1),
                        new RoundingModel.Head(Summation.PAIRWISE, 1, 1, 1, 1),
                        0)
                .withLossAtZero(Math.log(2) * (1 + 1e-12));
        Sample sample = new Sample(run, guarantee, new double[1]);
        assertEquals(4, sample.reached(RecordIds.of()), 1e-12);
        assertTrue(sample.bound() >= 4 && Math.sqrt(2 * 8 * Math.log(2)) < 4);
    }

    /** The worked example of docs/unlearning.md: digits, 10 classes, λ = 0.003. */
    @Test
    void weight_decay_bounds_it_by_the_loss_at_zero_and_uses_are_counted_once() {
        double lambda = 0.003;
        HeadObjective objective = HeadObjective.softmax(new double[][] {{1}, {0.5}}, new int[] {0, 1}, 10)
                .withWeightDecay(lambda);
        LossBounds bounds = new LinearHead.Softmax().bounds(1).withCurvature(LossCurvature.STRONGLY_CONVEX);
        RoundingModel rounding = new RoundingModel.Head(Summation.PAIRWISE, Math.sqrt(2), 1, 1, 10);
        RewindToDelete full = new RewindToDelete(objective.withNormaliser(2), Recipe.fullBatch(4_000, 1.5));
        Guarantee guarantee = Guarantee.of(full, bounds, rounding, 0).withLossAtZero(Math.log(10) * (1 + 1e-12));
        double limit = Math.sqrt(Math.log(10) / lambda);
        assertEquals(limit, new Sample(full, guarantee, new double[10]).bound(), 1e-2 * limit);
        assertTrue(guarantee.reach().norm() > 15 * limit);

        int epoch = 50;
        Recipe recipe = Recipe.fullBatch(epoch, 0.02).withBatches(new KeyedEpochs(new byte[32], 1, epoch, id -> id));
        RewindToDelete epochs = new RewindToDelete(objective.withNormaliser(2.0 / epoch), recipe);
        Guarantee once = Guarantee.of(epochs, bounds.withoutLipschitz(), rounding, 0);
        double counted = new Sample(epochs, once, new double[10]).bound();
        double ofOneUseEach = 0.02 * epoch * Math.sqrt(2);
        assertTrue(counted <= ofOneUseEach * 1.001, counted + " above " + ofOneUseEach);
        assertTrue(once.reach().norm() > 40 * counted / 2);
    }

    @Test
    void what_is_adopted_within_a_tolerance_may_be_as_much_longer() {
        Random random = new Random(5);
        Sample sample = Sample.of(random);
        while (!(sample.run.recipe().balls().isEmpty() && sample.run.objective().weightDecay() == 0)) {
            sample = Sample.of(random);
        }
        TreeMap<Integer, Constant> by = new TreeMap<>();
        by.put(sample.run.recipe().steps(), Constant.enforced(0.5, "checked"));
        Guarantee displaced = sample.guarantee.displaced(sample.run, by);
        Sample adopted = new Sample(sample.run, displaced, sample.start);
        assertEquals(sample.bound() + 0.5, adopted.bound(), 1e-9);
    }
}
