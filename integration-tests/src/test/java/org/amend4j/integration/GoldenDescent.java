/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.descent.DescentOptions;
import org.amend4j.descent.DescentResult;
import org.amend4j.descent.FileTrajectoryStore;
import org.amend4j.descent.GradientDescent;
import org.amend4j.descent.StepRule;
import org.amend4j.environment.XorMdp;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.Objective;
import org.amend4j.objective.PartialObjective;
import org.amend4j.objective.RecordIds;

/**
 * Descents whose trajectories are golden files: {@code begun} after {@link #BEGUN} steps, {@code ended} after {@link #ENDED}. Those
 * on a graph stand on the golden adapter {@link GoldenAdapter#DENSE}.
 */
enum GoldenDescent {
    LOGISTIC(true) {
        @Override
        Problem on(Path adapters) {
            HeadObjective objective = HeadObjective.logistic(
                    features(), labels().stream().mapToDouble(kind -> kind % 2).toArray());
            return new Problem(objective.withNormaliser(32), StepRule.Armijo.of(4), new double[INPUTS]);
        }
    },
    SOFTMAX(true) {
        @Override
        Problem on(Path adapters) {
            HeadObjective objective = HeadObjective.softmax(
                            features(),
                            labels().stream().mapToInt(Integer::intValue).toArray(),
                            3)
                    .withBias()
                    .withWeightDecay(0.01)
                    .restrictedTo(RecordIds.of(
                            IntStream.range(2, RECORDS).asLongStream().toArray()));
            return new Problem(objective, new StepRule.Constant(0.5), Golden.made(objective.dimension(), 3));
        }
    },
    /** Of a table of logits. */
    EXACT_RETURN(true) {
        @Override
        Problem on(Path adapters) {
            return exact(new LogitMap.Table(XorMdp.plain().observationSpace().count(), 2));
        }
    },
    /** Of an adapter on a table of logits. */
    EXACT_RETURN_LOW_RANK(true) {
        @Override
        Problem on(Path adapters) {
            return exact(new LogitMap.LowRank(
                    new double[XorMdp.plain().observationSpace().count()][2], 2, 1));
        }
    },
    ADAPTER(false) {
        @Override
        Problem on(Path adapters) throws IOException {
            return of(graph(adapters));
        }
    },
    RESTRICTED(false) {
        @Override
        Problem on(Path adapters) throws IOException {
            GraphObjective graph = graph(adapters).withNormaliser(8).withChunk(2);
            return new Problem(graph.restrictedTo(RecordIds.of(0, 2, 5)), new StepRule.Adapt2(0.1), graph.parameters());
        }
    },
    CLIPPED(false) {
        @Override
        Problem on(Path adapters) throws IOException {
            GraphObjective graph = graph(adapters);
            return new Problem(graph.clipped(Clipping.perRecord(0.5)), new StepRule.Constant(0.25), graph.parameters());
        }
    },
    PARTIAL(false) {
        @Override
        Problem on(Path adapters) throws IOException {
            GraphObjective graph = graph(adapters);
            List<IndexRange> free = List.of(new IndexRange(0, 3), new IndexRange(7, 12));
            PartialObjective partial = PartialObjective.of(graph, free, graph.parameters());
            return new Problem(partial, StepRule.Armijo.of(1), new double[partial.dimension()]);
        }
    },
    AS_FITTED(false) {
        @Override
        Problem on(Path adapters) throws IOException {
            AdaptedModel model = adapted(adapters);
            return of(GraphObjective.asFitted(model.graph(), Records.of(GoldenAdapter.DENSE.data())));
        }
    };

    static final int BEGUN = 4;
    static final int ENDED = 8;

    private static final int RECORDS = 30;
    private static final int INPUTS = 4;

    private final boolean plainJava;

    GoldenDescent(boolean plainJava) {
        this.plainJava = plainJava;
    }

    /** What is descended, by which rule, from where. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Problem(Objective objective, StepRule rule, double[] start) {

        /** What a run in a folder belongs to. */
        FileTrajectoryStore open(Path folder) throws IOException {
            return FileTrajectoryStore.open(folder, objective.fingerprint(), objective.dimension());
        }

        DescentResult run(int steps, FileTrajectoryStore store) throws IOException {
            DescentOptions options = DescentOptions.of(steps).withCheckpoints(CheckpointSchedule.every(2));
            return new GradientDescent(objective, rule, options).run(start, store);
        }
    }

    /**
     * The problem.
     *
     * @param adapters folder of the golden adapter that graphs stand on
     */
    abstract Problem on(Path adapters) throws IOException;

    /** Whether all of it is plain Java; else products are by a BLAS, whose bits depend on the processor. */
    boolean isPlainJava() {
        return plainJava;
    }

    String folder() {
        return "descent/" + name().toLowerCase(Locale.ROOT);
    }

    void write(Path folder, Path adapters) throws IOException {
        Files.createDirectories(folder);
        Problem problem = on(adapters);
        for (int steps : new int[] {BEGUN, ENDED}) {
            try (FileTrajectoryStore store = problem.open(folder.resolve(steps == BEGUN ? "begun" : "ended"))) {
                problem.run(steps, store);
            }
        }
        Golden.removeLocks(folder);
    }

    static AdaptedModel adapted(Path adapters) throws IOException {
        BaseModel base = BaseModel.open(adapters.resolve("base.zip"));
        return AdaptedModel.load(base, adapters.resolve("adapter"), GoldenAdapter.training());
    }

    private static GraphObjective graph(Path adapters) throws IOException {
        AdaptedModel model = adapted(adapters);
        return GraphObjective.of(model.graph(), Records.of(GoldenAdapter.DENSE.data()))
                .withWeightDecay(0.001);
    }

    private static Problem of(GraphObjective objective) {
        return new Problem(objective, StepRule.Armijo.of(1), objective.parameters());
    }

    private static Problem exact(LogitMap map) {
        ExactReturn objective = ExactReturn.of(XorMdp.plain(), map, 0.9);
        return new Problem(objective, StepRule.Armijo.of(1), Golden.made(objective.dimension(), 23));
    }

    private static double[][] features() {
        double[] numbers = Golden.made(RECORDS * INPUTS, 21);
        double[][] features = new double[RECORDS][INPUTS];
        for (int i = 0; i < numbers.length; i++) {
            features[i / INPUTS][i % INPUTS] = numbers[i] / 2;
        }
        return features;
    }

    private static List<Integer> labels() {
        return new Random(22).ints(RECORDS, 0, 3).boxed().toList();
    }
}
