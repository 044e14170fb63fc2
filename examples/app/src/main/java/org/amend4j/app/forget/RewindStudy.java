/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.privacy.SecureGaussian;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.ReleaseNoise;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.RetainedLoss;
import org.amend4j.unlearn.RewindCandidate;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningPlan;

/**
 * A model that was trained once, what rewinding makes of it, and what retraining would have: in memory, to compare them. Every
 * rewind starts from a checkpoint of the one training.
 */
public final class RewindStudy {

    /** Of every release. */
    public static final PrivacyBudget BUDGET = new PrivacyBudget(1, 1e-5);

    private final int split;
    private final VisitModel model;
    private final HeldOutRows test;
    private final StepListener progress;
    private final MemoryVault learned;

    private RewindStudy(int split, VisitModel model, StepListener progress) {
        this.split = split;
        this.model = model;
        this.test = model.split().heldOut(VisitModel.LEAST_VISITS);
        this.progress = progress;
        this.learned = new MemoryVault(model.run().objective().dimension());
    }

    /**
     * Trains.
     *
     * @param split the number of the model's split
     * @param shares K/T of the rewinds to come
     * @param progress told of every step of everything
     */
    public static RewindStudy of(
            int split, RandHie data, double weightDecay, List<Double> shares, StepListener progress)
            throws IOException, InterruptedException {
        int[] checkpoints = shares.stream()
                .mapToInt(share -> VisitModel.STEPS - redone(share))
                .filter(step -> step > 0)
                .toArray();
        VisitModel model = VisitModel.fullBatch(data.split(split), weightDecay, CheckpointSchedule.at(checkpoints));
        RewindStudy study = new RewindStudy(split, model, progress);
        model.run().learn(model.start(), RecordIds.of(), study.learned, progress);
        return study;
    }

    /** K for a share of the steps. */
    private static int redone(double share) {
        return (int) Math.round(share * VisitModel.STEPS);
    }

    /** How many steps a study makes, for progress bars. */
    public static long steps(int deletions, List<Double> shares) {
        int rewinds = shares.stream().mapToInt(RewindStudy::redone).sum();
        return VisitModel.STEPS + (long) deletions * (VisitModel.STEPS + rewinds);
    }

    /** The rows to measure by. */
    public HeldOutRows test() {
        return test;
    }

    /** θ_T, trained on everybody. */
    public double[] learned() throws IOException {
        return learned.read(model.steps());
    }

    /** Retrains without the first subjects who ask. */
    public Deletion without(int subjects) throws IOException, InterruptedException {
        return new Deletion(subjects);
    }

    /** The first subjects who ask, deleted. */
    public final class Deletion {

        private final int subjects;
        private final RecordIds records;
        private final UnlearningPlan plan;
        private final MemoryVault retrained = new MemoryVault(dimension());
        private final RetainedLoss loss;

        private Deletion(int subjects) throws IOException, InterruptedException {
            this.subjects = subjects;
            this.records = model.split().firstSubjects(subjects);
            this.plan = model.plan(records, ReleasePolicy.of(BUDGET), Double.NaN);
            this.loss = RetainedLoss.of(model.run(), model.guarantee(), records, learned, learned.steps());
            model.withCheckpoints(CheckpointSchedule.every(1)).run().learn(model.start(), records, retrained, progress);
        }

        /** Theirs. */
        public RecordIds records() {
            return records;
        }

        /** R: θ_T, trained without them. */
        public double[] retrained() throws IOException {
            return cold(model.steps());
        }

        /** So many steps from the start, without them. */
        public double[] cold(int steps) throws IOException {
            return retrained.read(steps);
        }

        /** The first step from which on a cold run stays within so much of the retrained model's test AUC, or above it. */
        public int coldStepsTo(double within) throws IOException {
            double wanted = test.auc(retrained()) - within;
            int first = model.steps();
            while (first > 0 && test.auc(cold(first - 1)) >= wanted) {
                first--;
            }
            return first;
        }

        /**
         * Rewinds, redoes a share of the steps, and draws noise several times.
         *
         * @param share K/T, one of the study's
         */
        public GridCell rewind(double share, int draws) throws IOException, InterruptedException {
            int redone = redone(share);
            double[] unlearned = redo(redone);
            RewindCandidate candidate = candidate(model.steps() - redone);
            List<double[]> released = candidate
                    .noise()
                    .map(noise -> released(unlearned, noise, draws))
                    .orElse(List.of());
            double sigma = candidate.noise().map(noise -> noise.noise().sigma()).orElse(Double.NaN);
            return new GridCell(
                    new GridCell.Model(split, model.run().objective().weightDecay()),
                    new GridCell.Asked(subjects, records.size()),
                    new GridCell.Steps(redone, model.steps()),
                    new GridCell.Bound(
                            candidate.drift().sensitivity().delta(),
                            candidate.drift().rounding(),
                            distance(unlearned, retrained())),
                    new GridCell.Noise(sigma, sigma * Math.sqrt(unlearned.length) / Vectors.normInOrder(retrained())),
                    candidate.refusal(),
                    new GridCell.Auc(
                            test.auc(retrained()),
                            test.auc(unlearned),
                            released.stream().map(test::auc).toList(),
                            test.auc(cold(redone))),
                    Utility.of(
                            loss.rewind(model.steps() - redone, candidate.noise()), retained(), unlearned, released));
        }

        private RecordObjective retained() {
            RecordObjective all = model.run().objective();
            return all.restrictedTo(all.records().without(records));
        }

        private double[] redo(int redone) throws IOException, InterruptedException {
            int checkpoint = model.steps() - redone;
            MemoryVault branch = new MemoryVault(dimension());
            branch.keep(checkpoint, learned.read(checkpoint));
            return model.run().resume(records, branch, progress);
        }

        private RewindCandidate candidate(int checkpoint) {
            return plan.candidates().stream()
                    .filter(one -> one.checkpoint() == checkpoint)
                    .findFirst()
                    .orElseThrow();
        }

        private List<double[]> released(double[] unlearned, ReleaseNoise noise, int draws) {
            SecureGaussian source = new SecureGaussian();
            return Stream.generate(() -> source.release(unlearned, noise.noise().grid()))
                    .limit(draws)
                    .toList();
        }
    }

    private int dimension() {
        return model.run().objective().dimension();
    }

    /** ‖a - b‖. */
    public static double distance(double[] a, double[] b) {
        return Vectors.normInOrder(
                IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray());
    }
}
