/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.objective.RecordIds;
import org.amend4j.unlearn.StepListener;
import org.junit.jupiter.api.Test;

/** Comparisons of rewinds, on made-up subjects. */
class RewindStudyTest {

    private static final List<Double> SHARES = List.of(0.25, 1.0);

    @Test
    void the_area_of_held_out_rows_is_that_of_their_ranks_ties_counting_half() throws IOException {
        RandHie data = MadeUp.subjects(60);
        RandHieSplit split = data.split(1);
        HeldOutRows rows = split.heldOut(1);
        assertEquals(split.test().size(), rows.size());
        int[] test = split.test().stream().mapToInt(Math::toIntExact).toArray();
        double[] labels =
                IntStream.of(test).mapToDouble(row -> data.label(row, 1)).toArray();
        Random random = new Random(3);
        for (int trial = 0; trial < 20; trial++) {
            double[] theta = random.doubles(RandHie.FEATURES, -1, 1).toArray();
            // the rows of a person tie
            double[] scores = IntStream.of(test)
                    .mapToDouble(row -> Ranks.dot(theta, data.features(row)))
                    .toArray();
            assertEquals(Ranks.auc(scores, labels), rows.auc(theta), 1e-12);
        }
        assertEquals(0.5, rows.auc(new double[RandHie.FEATURES]));
    }

    @Test
    void redoing_every_step_is_retraining() throws IOException, InterruptedException {
        RewindStudy study = RewindStudy.of(0, MadeUp.subjects(60), 0.01, SHARES, StepListener.NONE);
        RewindStudy.Deletion deletion = study.without(5);
        GridCell all = deletion.rewind(1, 3);
        assertEquals(0, all.distance());
        assertEquals(0, all.bound().delta());
        assertEquals(all.auc().retrained(), all.auc().withoutNoise());
        assertEquals(all.auc().retrained(), all.auc().cold());
        assertEquals(0, all.auc().released().size(), "nothing is to be hidden");
        GridCell quarter = deletion.rewind(0.25, 3);
        assertTrue(
                quarter.distance() > 0 && quarter.distance() <= quarter.bound().delta() + 1e-12, quarter.toString());
        assertEquals(100, quarter.steps().redone());
        assertEquals(15, quarter.deletion().records());
        assertEquals(3, quarter.auc().released().size());
    }

    @Test
    void a_study_makes_the_steps_that_it_says() throws IOException, InterruptedException {
        AtomicLong made = new AtomicLong();
        RewindStudy study = RewindStudy.of(0, MadeUp.subjects(60), 0.01, SHARES, (step, of) -> made.incrementAndGet());
        for (int subjects : new int[] {1, 2}) {
            RewindStudy.Deletion deletion = study.without(subjects);
            for (double share : SHARES) {
                deletion.rewind(share, 1);
            }
        }
        assertEquals(400 + 2 * (400 + 100 + 400), made.get());
        assertEquals(made.get(), RewindStudy.steps(2, SHARES));
    }

    @Test
    void from_its_first_sufficient_step_on_a_cold_run_stays_within_what_was_asked()
            throws IOException, InterruptedException {
        RewindStudy study = RewindStudy.of(0, MadeUp.subjects(60), 0.01, SHARES, StepListener.NONE);
        RewindStudy.Deletion deletion = study.without(5);
        HeldOutRows test = study.test();
        double wanted = test.auc(deletion.retrained()) - 0.001;
        int first = deletion.coldStepsTo(0.001);
        assertTrue(first > 0, "a start at zero ranks nothing");
        assertTrue(test.auc(deletion.cold(first - 1)) < wanted);
        for (int step = first; step <= VisitModel.STEPS; step++) {
            assertTrue(test.auc(deletion.cold(step)) >= wanted, "step " + step);
        }
    }

    @Test
    void cold_runs_are_the_steps_of_descent_without_the_deleted() throws IOException, InterruptedException {
        RandHie data = MadeUp.subjects(60);
        VisitModel model = VisitModel.fullBatch(data.split(0), 0.01, CheckpointSchedule.lastOnly());
        RewindStudy.Deletion deletion =
                RewindStudy.of(0, data, 0.01, SHARES, StepListener.NONE).without(5);
        RecordIds deleted = data.split(0).firstSubjects(5);
        assertEquals(deleted, deletion.records());
        for (int steps : new int[] {0, 1, 37}) {
            assertArrayEquals(model.run().run(model.start(), steps, deleted), deletion.cold(steps), 0);
        }
    }

    @Test
    void no_bound_is_broken_with_little_weight_decay_or_much_for_one_person_or_many() throws IOException {
        List<GridCell> cells = RandHieRewindsTest.cells(
                MadeUp.subjects(80),
                List.of(0.0, 0.001, 0.01, 0.03),
                List.of(1, 10, 42),
                List.of(0.1, 0.25, 0.5, 0.9),
                2);
        assertEquals(10 * 4 * 3 * 4, cells.size());
        cells.forEach(cell -> assertTrue(cell.distance() <= cell.bound().delta() + 1e-12, cell.toString()));
        cells.forEach(cell -> assertFalse(RandHieRewindsTest.isAbovePromise(cell), cell.toString()));
    }
}
