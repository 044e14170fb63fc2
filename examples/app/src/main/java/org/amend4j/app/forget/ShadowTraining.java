/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.io.Serializable;
import java.util.function.Supplier;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.graph.BlockPlace;
import org.amend4j.graph.Records;
import org.amend4j.internal.model.GraphBytes;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.provable.ProvableGraphs;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.unlearn.BatchSchedule;
import org.amend4j.unlearn.RewindToDelete;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Trains shadow models, each by itself and in one process: here, or wherever it is sent to, with the same bits. Sent are the network, the
 * settings and the rows; arrays that are as large are not made before.
 */
final class ShadowTraining implements NumberedTasks.Work<ShadowTraining.Shadow, double[]> {

    private static final long serialVersionUID = 1;

    /** One of the models. */
    static final class Shadow implements Serializable {

        private static final long serialVersionUID = 1;

        private final byte[] key;
        private final long[] without;

        /**
         * A model.
         *
         * @param key of its batches
         * @param without records that it is not trained on
         */
        Shadow(byte[] key, long[] without) {
            this.key = key;
            this.without = without;
        }
    }

    /** What is sent. */
    private static final class Sent implements Serializable {

        private static final long serialVersionUID = 1;

        private final byte[] base;
        private final byte[] adapted;
        private final byte[] settings;
        private final DataSet rows;
        private final long[] subjects;
        private final double[] start;

        /**
         * Everything there is.
         *
         * @param adapted the adapted graph's file; empty if the whole network learns
         * @param start [dimension]
         */
        Sent(
                ForgetfulNetwork network,
                byte[] adapted,
                ForgettingSettings settings,
                DataSet rows,
                long[] subjects,
                double[] start) {
            this.base = network.baseFile();
            this.adapted = adapted;
            this.settings = SettingsFile.bytes(settings);
            this.rows = rows;
            this.subjects = subjects;
            this.start = start;
        }

        private Object readResolve() throws IOException {
            BaseModel opened = BaseModel.of(GraphBytes.graph(base));
            ForgettingSettings read = SettingsFile.of(settings);
            ComputationGraph graph = adapted.length == 0 ? opened.network() : GraphBytes.graph(adapted);
            double rate = batches(read, new byte[32], subjects).rate();
            ProvableProblem problem =
                    ProvableGraphs.of(graph, Records.of(rows).ownedBy(subjects), read.options(rate, BlockPlace.HERE));
            return new ShadowTraining(opened, problem, read, subjects, start, () -> this);
        }
    }

    /** Adapted graphs know their base only by its name, and it is found only as long as it is referenced. */
    @SuppressWarnings("unused")
    private final transient Object base;

    private final transient ProvableProblem problem;
    private final transient ForgettingSettings settings;
    private final transient long[] subjects;
    private final transient double[] start;
    private final transient Supplier<Sent> sent;

    private ShadowTraining(
            Object base,
            ProvableProblem problem,
            ForgettingSettings settings,
            long[] subjects,
            double[] start,
            Supplier<Sent> sent) {
        this.base = base;
        this.problem = problem;
        this.settings = settings;
        this.subjects = subjects;
        this.start = start;
        this.sent = sent;
    }

    /**
     * Of a network on rows.
     *
     * @throws IllegalArgumentException if they cannot be trained on
     */
    static ShadowTraining of(ForgetfulNetwork network, ForgettingSettings settings, DataSet rows, long[] subjects) {
        double rate = batches(settings, new byte[32], subjects).rate();
        ProvableProblem problem =
                network.at(BlockPlace.HERE).problem(Records.of(rows).ownedBy(subjects), settings, rate);
        double[] start = problem.start();
        return new ShadowTraining(
                network,
                problem,
                settings,
                subjects,
                start,
                () -> new Sent(
                        network, network.adaptedFile().orElseGet(() -> new byte[0]), settings, rows, subjects, start));
    }

    private static BatchSchedule batches(ForgettingSettings settings, byte[] key, long[] subjects) {
        return Schedules.batches(settings.training().batches(), key, subjects);
    }

    /** What is learnt. */
    ProvableProblem problem() {
        return problem;
    }

    /** The parameters of a shadow model. */
    @Override
    public double[] with(Shadow shadow) {
        RewindToDelete run = LearningRun.of(
                settings.training(), problem, batches(settings, shadow.key, subjects), CheckpointSchedule.lastOnly());
        return run.run(run.start(start), run.recipe().steps(), RecordIds.of(shadow.without));
    }

    private Object writeReplace() {
        return sent.get();
    }
}
