/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.amend4j.descent.Assurance;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.objective.ForwardingObjective;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.performance.Domain;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.junit.jupiter.api.Test;

/** What is promised of a small logistic head, against what its steps do. */
class RetainedLossTest {

    private static final int RECORDS = 60;
    private static final int STEPS = 40;
    private static final RecordIds DELETED = RecordIds.of(3, 17, 40);

    private static HeadObjective head(double decay) {
        Random random = new Random(5);
        double[][] x = new double[RECORDS][3];
        double[] labels = new double[RECORDS];
        for (int r = 0; r < RECORDS; r++) {
            x[r] = new double[] {random.nextDouble() - 0.5, random.nextDouble() - 0.5, 0.5};
            labels[r] = x[r][0] + 0.3 * random.nextGaussian() > 0 ? 1 : 0;
        }
        return HeadObjective.logistic(x, labels).withNormaliser(64).withWeightDecay(decay);
    }

    private static Recipe recipe() {
        return Recipe.fullBatch(STEPS, 0.9).withCheckpoints(CheckpointSchedule.every(10));
    }

    private static Guarantee guarantee(RewindToDelete run) {
        LossBounds bounds = new LinearHead.Logistic()
                .bounds(1)
                .withCurvature(
                        run.objective().weightDecay() > 0 ? LossCurvature.STRONGLY_CONVEX : LossCurvature.CONVEX);
        return Guarantee.of(run, bounds, new RoundingModel.Assumed(1e-12, 1), 0);
    }

    private static RetainedLoss trained(RewindToDelete run) throws IOException, InterruptedException {
        MemoryVault vault = new MemoryVault(3);
        run.learn(new double[3], RecordIds.of(), vault, StepListener.NONE);
        return RetainedLoss.of(run, guarantee(run), DELETED, vault, new TreeSet<>(vault.steps()));
    }

    @Test
    void every_rewind_keeps_its_promise_with_the_weight_decay_as_proved_growth()
            throws IOException, InterruptedException {
        for (List<ParameterBall> balls :
                List.of(List.<ParameterBall>of(), List.of(ParameterBall.of(new IndexRange(0, 3), 0.7)))) {
            RewindToDelete run = new RewindToDelete(head(0.1), recipe().withBalls(balls));
            RetainedLoss loss = trained(run);
            assertEquals(0.1, loss.landscape().growth().value());
            assertEquals(Assurance.PROVED, loss.landscape().assurance());
            assertEquals(
                    balls.isEmpty() ? Domain.WHOLE_SPACE : Domain.SET,
                    loss.landscape().domain());
            RecordObjective retained =
                    run.objective().restrictedTo(run.objective().records().without(DELETED));
            for (int checkpoint : loss.values().keySet()) {
                MemoryVault branch = new MemoryVault(3);
                run.learn(new double[3], RecordIds.of(), branch, StepListener.NONE);
                double[] theta = run.rewind(checkpoint, DELETED, branch, StepListener.NONE);
                Prospect prospect = loss.rewind(checkpoint, Optional.empty());
                assertEquals(STEPS - checkpoint, prospect.steps());
                double reached = retained.value(theta);
                assertTrue(reached <= prospect.descent().loss() + 1e-14, balls + ", " + checkpoint);
                assertTrue(reached >= loss.bracket().lowest() - 1e-14, balls + ", " + checkpoint);
            }
            assertTrue(
                    loss.rewind(0, Optional.empty()).descent().loss()
                            < loss.rewind(0, Optional.empty()).start(),
                    "promised to go down");
        }
    }

    @Test
    void nothing_rests_on_an_estimate_without_weight_decay_either() throws IOException, InterruptedException {
        RetainedLoss loss = trained(new RewindToDelete(head(0), recipe()));
        UnlearningMethod retraining = new UnlearningMethod.Retrain(new Cost(STEPS, 1, Double.NaN));
        assertEquals(Assurance.PROVED, loss.of(retraining).assurance());
        assertEquals(0, loss.landscape().growth().value());
    }

    @Test
    void where_nothing_can_be_promised_the_reason_is_said() {
        HeadObjective head = head(0.1);
        byte[] key = new byte[32];
        refused(
                new RewindToDelete(head, recipe().withBatches(new KeyedBatches(key, 0, 0.5))),
                "steps on mini-batches do not descend on the whole loss");
        RecordObjective clipped = new ForwardingObjective(head) {
            @Override
            public RecordObjective restrictedTo(RecordIds subset) {
                throw new UnsupportedOperationException("not needed");
            }

            @Override
            public double valueAndGradient(double[] theta, double[] gradient) {
                throw new UnsupportedOperationException("not needed");
            }

            @Override
            public String fingerprint() {
                return "";
            }

            @Override
            public String settingsFingerprint() {
                return "";
            }

            @Override
            public boolean hasTrueGradient() {
                return false;
            }
        };
        refused(new RewindToDelete(clipped, recipe()), "a mean of clipped gradients is not the gradient of the loss");
        RewindToDelete tooLong = new RewindToDelete(head, Recipe.fullBatch(STEPS, 6));
        refused(tooLong, "the step size 6.00000 is not below 2/M");
        assertThrows(
                IllegalArgumentException.class,
                () -> RetainedLoss.of(tooLong, guarantee(tooLong), DELETED, new MemoryVault(3), new TreeSet<>()));
        RewindToDelete run = new RewindToDelete(head, recipe());
        LossBounds unknown = guarantee(run).bounds().withoutLipschitz();
        Guarantee nothing = Guarantee.of(run, unknown, guarantee(run).rounding(), 0);
        assertEquals(Optional.of("no Lipschitz constant of the gradient is known"), RetainedLoss.refusal(run, nothing));
        assertEquals(Optional.empty(), RetainedLoss.refusal(run, guarantee(run)));
    }

    private static void refused(RewindToDelete run, String reason) {
        String got = RetainedLoss.refusal(run, guarantee(run)).orElse("");
        assertTrue(got.startsWith(reason), got);
    }
}
