/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.descent.DescentOptions;
import org.amend4j.descent.FileTrajectoryStore;
import org.amend4j.descent.GradientDescent;
import org.amend4j.descent.MemoryTrajectoryStore;
import org.amend4j.descent.StepRule;
import org.amend4j.descent.TrajectoryStore;
import org.amend4j.graph.GraphObjective;
import org.amend4j.integration.AmendObjective;
import org.amend4j.integration.DenseNetworks;
import org.amend4j.integration.LoraProblem;
import org.amend4j.integration.LoraShape;
import org.amend4j.integration.TorchLora;
import org.amend4j.integration.UpdateRule;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Full-batch gradients side by side, plain and clipped: amend4j's objectives, libtorch through DJL, Deeplearning4j's
 * {@code computeGradientAndScore}; and descent with a checkpoint on disk after every step against one that keeps them in
 * memory.
 */
public final class ObjectiveBenchmark {

    static final String PLAN = "amend4j by a plan, adapters";
    static final String PLAN_OF_ALL = "amend4j by a plan, every weight";
    static final String ADAPTERS = "amend4j, adapters";
    static final String ADAPTERS_CLIPPED = "amend4j, adapters, clipped";
    static final String TORCH = "libtorch, adapters";
    static final String PLAIN = "amend4j, every weight";
    static final String PLAIN_CLIPPED = "amend4j, every weight, clipped";
    static final String DL4J = "DL4J, every weight";
    static final String ON_DISK = "a checkpoint on disk every step";
    static final String IN_MEMORY = "checkpoints in memory";

    private static final int SEED = 42;

    /** 1024 records at 4 × 1024 take what four batches of 256 do. */
    private static final LoraShape NARROW = new LoraShape(4, 1024, 10, 8, 16, 1024, true);

    private static final LoraShape WIDE = new LoraShape(2, 4096, 10, 16, 32, 256, true);

    /** One layer of 1024 × 1024 and an output layer: 1.06 million parameters. */
    private static final LoraShape MILLION = new LoraShape(1, 1024, 10, 1, 1, 4096, true);

    private static final int DESCENT_STEPS = 30;

    private ObjectiveBenchmark() {}

    /**
     * Measures and prints.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("objective", Machine.prepare());
        boolean usual = arguments.length < 2 || arguments[1].equals("default");
        int rounds = usual ? 12 : Integer.parseInt(arguments[1]);
        Map<String, Double> ratios = new LinkedHashMap<>();

        BenchReport.Result narrow = measure(narrow(new LoraProblem(NARROW, SEED)), 10, rounds);
        report.add("full-batch gradient, 4 × 1024, rank 8, 1024 records", narrow);
        ratio(ratios, "4 × 1024: ", narrow.timing(), PLAN, TORCH);
        ratio(ratios, "4 × 1024: ", narrow.timing(), PLAN_OF_ALL, DL4J);
        ratio(ratios, "4 × 1024: ", narrow.timing(), ADAPTERS, TORCH);
        ratio(ratios, "4 × 1024: ", narrow.timing(), ADAPTERS_CLIPPED, ADAPTERS);
        ratio(ratios, "4 × 1024: ", narrow.timing(), PLAIN, DL4J);
        ratio(ratios, "4 × 1024: ", narrow.timing(), PLAIN_CLIPPED, PLAIN);

        BenchReport.Result wide = measure(adapters(new LoraProblem(WIDE, SEED)), 10, rounds);
        report.add("full-batch gradient, 2 × 4096, rank 16, 256 records", wide);
        ratio(ratios, "2 × 4096: ", wide.timing(), PLAN, TORCH);
        ratio(ratios, "2 × 4096: ", wide.timing(), ADAPTERS, TORCH);
        ratio(ratios, "2 × 4096: ", wide.timing(), ADAPTERS_CLIPPED, ADAPTERS);

        BenchReport.Result checkpoints = checkpoints(usual ? 6 : rounds);
        report.add(DESCENT_STEPS + " steps on a million parameters, 4096 records", checkpoints);
        ratio(ratios, "", checkpoints.timing(), ON_DISK, IN_MEMORY);

        report.note("");
        ratios.forEach((pair, ratio) ->
                report.note(String.format(Locale.ROOT, "- %s: %.3f (median of paired ratios)", pair, ratio)));
        report.keep("ratios", ratios);
        report.write(Path.of(arguments[0]));
    }

    private static void ratio(
            Map<String, Double> ratios, String prefix, PairedTiming timing, String above, String below) {
        ratios.put(prefix + above + " ÷ " + below, timing.medianRatio(above, below));
    }

    private static BenchReport.Result measure(List<Contender> contenders, int warmUp, int rounds) {
        OtherLoad others = new OtherLoad();
        PairedTiming timing = PairedTiming.measure(contenders, warmUp, rounds);
        contenders.forEach(contender -> contender.close().run());
        return new BenchReport.Result(timing, contenders.get(0).name(), others.processors(), Map.of("rounds", rounds));
    }

    private static List<Contender> adapters(LoraProblem problem) {
        GraphObjective objective = AmendObjective.ofAdapters(problem);
        AmendObjective plain = AmendObjective.plain(objective);
        AmendObjective clipped = AmendObjective.clipped(objective);
        TorchLora torch = new TorchLora(problem, UpdateRule.SGD, 0);
        return List.of(
                PlanContender.objective(PLAN, problem, false),
                new Contender(ADAPTERS, plain::evaluate, () -> {}),
                new Contender(ADAPTERS_CLIPPED, clipped::evaluate, () -> {}),
                new Contender(TORCH, torch::gradients, torch::close));
    }

    private static List<Contender> narrow(LoraProblem problem) {
        List<Contender> contenders = new ArrayList<>(adapters(problem));
        GraphObjective objective = AmendObjective.ofEveryWeight(problem);
        AmendObjective plain = AmendObjective.plain(objective);
        AmendObjective clipped = AmendObjective.clipped(objective);
        ComputationGraph stock = DenseNetworks.base(problem, new Sgd(0));
        DataSet records = DenseNetworks.batch(problem);
        contenders.add(PlanContender.objective(PLAN_OF_ALL, problem, true));
        contenders.add(new Contender(PLAIN, plain::evaluate, () -> {}));
        contenders.add(new Contender(PLAIN_CLIPPED, clipped::evaluate, () -> {}));
        contenders.add(new Contender(
                DL4J,
                () -> {
                    stock.setInputs(records.getFeatures());
                    stock.setLabels(records.getLabels());
                    stock.computeGradientAndScore();
                },
                stock::close));
        return contenders;
    }

    /** Whole runs in turn, the opening and closing of their stores included, the removal of their files not. */
    private static BenchReport.Result checkpoints(int rounds) throws IOException {
        GraphObjective objective = AmendObjective.ofEveryWeight(new LoraProblem(MILLION, SEED));
        double[] start = objective.parameters();
        GradientDescent descent = new GradientDescent(
                objective,
                new StepRule.Constant(1e-6),
                DescentOptions.of(DESCENT_STEPS).withCheckpoints(CheckpointSchedule.every(1)));
        OtherLoad others = new OtherLoad();
        List<Double> inMemory = new ArrayList<>();
        List<Double> onDisk = new ArrayList<>();
        for (int round = -1; round < rounds; round++) {
            double memory = milliseconds(descent, start, MemoryTrajectoryStore::new);
            Path directory = Files.createTempDirectory("checkpoints");
            double disk =
                    milliseconds(descent, start, () -> FileTrajectoryStore.open(directory, "bench", start.length));
            delete(directory);
            if (round >= 0) { // the one before is the warm-up
                inMemory.add(memory);
                onDisk.add(disk);
            }
        }
        Map<String, List<Double>> times = new LinkedHashMap<>();
        times.put(ON_DISK, onDisk);
        times.put(IN_MEMORY, inMemory);
        return new BenchReport.Result(new PairedTiming(times), ON_DISK, others.processors(), Map.of("rounds", rounds));
    }

    /** Opens a store, which may fail. */
    private interface Opening {
        TrajectoryStore open() throws IOException;
    }

    private static double milliseconds(GradientDescent descent, double[] start, Opening opening) throws IOException {
        long begin = System.nanoTime();
        try (TrajectoryStore store = opening.open()) {
            descent.run(start, store);
        }
        return (System.nanoTime() - begin) / 1e6;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
