/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.app.forget.ShadowTraining.Shadow;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.app.job.Progress;
import org.amend4j.audit.AuditedModel;
import org.amend4j.audit.Shadows;
import org.amend4j.objective.RecordIds;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Models of an attacker who knows all records and wants to know which of them a model was trained on. Each model is trained on all retained
 * subjects and on a random half of those in question, the forgotten and the never seen, so that every one of these is in exactly half of
 * the models.
 */
final class ShadowModels {

    /** With fewer, a record has not two on each side. */
    static final int LEAST = 4;

    private final ForgetfulFolder folder;
    private final Random random;
    private final int shadows;
    private final long[] subjects;
    private final ShadowTraining training;
    private final Group deleted;
    private final Group unseen;

    /** Records in question, and which shadows are trained with each of their subjects. */
    private record Group(RecordIds ids, DataSet rows, List<boolean[]> with) {}

    /**
     * Prepares them; nothing is trained.
     *
     * @param table all that was trained on, the forgotten among them
     * @param strangers subjects of the rows of the holdout
     * @param deleted records of the forgotten
     * @param shadows how many, even, at least {@value #LEAST}
     * @param seed of who is in which, of keyed batches and of noise
     * @throws IllegalArgumentException if the rows of the holdout cannot be trained on
     */
    ShadowModels(
            ForgetfulFolder folder,
            SubjectTable table,
            SubjectTable holdout,
            long[] strangers,
            RecordIds deleted,
            int shadows,
            long seed) {
        this.folder = folder;
        this.random = new Random(seed);
        this.shadows = shadows;
        long[] trained = table.subjectNumbers();
        this.subjects = SubjectTable.withoutNames(LongStream.concat(Arrays.stream(trained), Arrays.stream(strangers))
                .toArray());
        DataSet all = table.all();
        DataSet others = holdout.all();
        DataSet both = new DataSet(
                Nd4j.vstack(all.getFeatures(), others.getFeatures()), Nd4j.vstack(all.getLabels(), others.getLabels()));
        // a key that is not used: what was drawn after it is drawn from the same place still
        key();
        this.training = ShadowTraining.of(folder.network(), folder.settings(), both, subjects);
        Map<Long, boolean[]> halves = new TreeMap<>();
        this.deleted = group(deleted, table.rows(deleted), halves);
        this.unseen = group(
                RecordIds.of(LongStream.range(trained.length, subjects.length).toArray()), others, halves);
    }

    private Group group(RecordIds ids, DataSet rows, Map<Long, boolean[]> halves) {
        List<boolean[]> with = ids.stream()
                .mapToObj(id -> halves.computeIfAbsent(subjects[Math.toIntExact(id)], subject -> half()))
                .toList();
        return new Group(ids, rows, with);
    }

    /** Exactly half of the shadows, at random. */
    private boolean[] half() {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, shadows).boxed().toList());
        Collections.shuffle(order, random);
        boolean[] half = new boolean[shadows];
        order.subList(0, shadows / 2).forEach(s -> half[s] = true);
        return half;
    }

    /** For batches: the attacker's own, who does not know the real one. */
    private byte[] key() {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return key;
    }

    /**
     * Trains them all.
     *
     * @param sigma of the noise in the unlearned release; its shadows get as much
     * @param tasks who trains them
     */
    Map<AuditedModel, Shadows> train(double sigma, NumberedTasks tasks, Progress progress)
            throws IOException, InterruptedException {
        List<Shadow> inputs = new ArrayList<>();
        List<double[]> noises = new ArrayList<>();
        for (int s = 0; s < shadows; s++) {
            inputs.add(new Shadow(
                    key(),
                    LongStream.concat(without(deleted, s), without(unseen, s)).toArray()));
            noises.add(sigma > 0 ? noise(sigma) : new double[0]);
        }
        List<double[]> trained;
        try (Progress.Stage stage = progress.stage("training shadow models", shadows)) {
            trained = tasks.run("shadow models", inputs, training, stage);
        }
        Collected exact = new Collected();
        Collected noisy = new Collected();
        for (int s = 0; s < shadows; s++) {
            double[] theta = trained.get(s);
            exact.observe(s, theta);
            if (sigma > 0) {
                double[] noise = noises.get(s);
                Arrays.setAll(theta, i -> theta[i] + noise[i]);
                noisy.observe(s, theta);
            }
        }
        Map<AuditedModel, Shadows> all = new EnumMap<>(AuditedModel.class);
        for (AuditedModel model : AuditedModel.values()) {
            all.put(model, (sigma > 0 && model == AuditedModel.UNLEARNED ? noisy : exact).shadows());
        }
        return all;
    }

    private double[] noise(double sigma) {
        double[] noise = new double[training.problem().objective().dimension()];
        Arrays.setAll(noise, i -> sigma * random.nextGaussian());
        return noise;
    }

    private static LongStream without(Group group, int shadow) {
        return IntStream.range(0, group.ids().size())
                .filter(k -> !group.with().get(k)[shadow])
                .mapToLong(k -> group.ids().get(k));
    }

    /** What shadows say, sorted by whether they were trained with the record. */
    private final class Collected {
        private final Side gone = new Side(deleted);
        private final Side never = new Side(unseen);

        void observe(int shadow, double[] theta) {
            var graph = folder.network().with(training.problem(), theta);
            gone.observe(shadow, AuditJob.outputs(graph, deleted.rows()).confidences());
            never.observe(shadow, AuditJob.outputs(graph, unseen.rows()).confidences());
        }

        Shadows shadows() {
            return new Shadows(gone.group(), never.group());
        }
    }

    private final class Side {
        private final Group group;
        private final double[][] with;
        private final double[][] without;
        private final int[] seen;

        Side(Group group) {
            this.group = group;
            this.with = new double[group.ids().size()][shadows / 2];
            this.without = new double[group.ids().size()][shadows / 2];
            this.seen = new int[group.ids().size()];
        }

        void observe(int shadow, double[] confidences) {
            for (int k = 0; k < confidences.length; k++) {
                if (group.with().get(k)[shadow]) {
                    with[k][seen[k]++] = confidences[k];
                } else {
                    without[k][shadow - seen[k]] = confidences[k];
                }
            }
        }

        Shadows.Group group() {
            return new Shadows.Group(with, without);
        }
    }
}
