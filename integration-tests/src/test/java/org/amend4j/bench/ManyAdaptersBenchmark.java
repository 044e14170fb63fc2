/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.serving.AdapterSet;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Outputs of four dense layers, 1024 wide, with adapters of rank 8: a batch in which 64 adapters meet against one for all rows, the
 * base and a merged network; and one row with and without switching before it, whose difference is what switching costs.
 */
public final class ManyAdaptersBenchmark {

    private static final String MIXED = "64 adapters in the batch";
    private static final String ONE = "one adapter";
    private static final String BASE = "the base in the set";
    private static final String MERGED = "merged, by DL4J";
    private static final String STOCK = "the base, by DL4J";
    private static final String SWITCHED = "switched before each output";
    private static final String SAME = "the same adapter";

    private static final int WIDTH = 1024;
    private static final int LAYERS = 4;
    private static final int RANK = 8;
    private static final int ADAPTERS = 64;
    private static final int BATCH = 256;
    private static final int ROUNDS = 15;
    private static final int WARM_UP = 10;

    private ManyAdaptersBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("many-adapters", Machine.prepare());
        int rounds = arguments.length < 2 || arguments[1].equals("default") ? ROUNDS : Integer.parseInt(arguments[1]);
        BaseModel base = BaseModel.of(network());
        AdapterSet set = new AdapterSet(base);
        IntStream.range(0, ADAPTERS).forEach(i -> set.add("a" + i, adapter(base, i)));
        report.add("a batch of " + BATCH + " rows", measured(batches(base, set), MIXED, rounds));
        report.add("one row", measured(rows(set), SWITCHED, rounds));
        report.write(Path.of(arguments[0]));
    }

    private static BenchReport.Result measured(List<Contender> contenders, String subject, int rounds) {
        OtherLoad others = new OtherLoad();
        PairedTiming timing = PairedTiming.measure(contenders, WARM_UP, rounds);
        contenders.forEach(contender -> contender.close().run());
        return new BenchReport.Result(timing, subject, others.processors(), Map.of("rounds", rounds));
    }

    private static List<Contender> batches(BaseModel base, AdapterSet set) {
        INDArray features = TestNetworks.normal(DataType.FLOAT, new Random(2), BATCH, WIDTH);
        List<String> names =
                IntStream.range(0, BATCH).mapToObj(i -> "a" + i % ADAPTERS).toList();
        ComputationGraph merged = adapter(base, 0).merge().network();
        return List.of(
                contender(MIXED, () -> set.output(features, names)),
                new Contender(ONE, () -> set.output(features), () -> {}, () -> begin(set, "a0")),
                new Contender(BASE, () -> set.output(features), () -> {}, () -> begin(set)),
                contender(MERGED, () -> merged.outputSingle(features)),
                contender(STOCK, () -> base.network().outputSingle(features)));
    }

    private static List<Contender> rows(AdapterSet set) {
        INDArray row = TestNetworks.normal(DataType.FLOAT, new Random(3), 1, WIDTH);
        AtomicInteger next = new AtomicInteger();
        Runnable switching = () -> {
            set.activate("a" + next.incrementAndGet() % ADAPTERS);
            set.output(row);
        };
        return List.of(
                contender(SWITCHED, switching),
                new Contender(SAME, () -> set.output(row), () -> {}, () -> begin(set, "a0")));
    }

    private static Contender contender(String name, Runnable step) {
        return new Contender(name, step, () -> {});
    }

    private static void begin(AdapterSet set, String... active) {
        Machine.allThreads();
        set.activate(active);
    }

    private static AdaptedModel adapter(BaseModel base, int seed) {
        AdaptedModel model = AdaptedModel.attach(
                base,
                LoraConfig.of(RANK, 2 * RANK).withTargets(Targets.regex(".*")),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).seed(seed).build(),
                Probe.none());
        INDArray parameters = model.graph().params();
        parameters.addi(Nd4j.getDistributions().createNormal(0, 0.01).sample(parameters.shape()));
        return model;
    }

    private static ComputationGraph network() {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in");
        for (int i = 0; i < LAYERS; i++) {
            DenseLayer layer = new DenseLayer.Builder()
                    .nIn(WIDTH)
                    .nOut(WIDTH)
                    .activation(Activation.RELU)
                    .build();
            builder.addLayer("dense_" + i, layer, i == 0 ? "in" : "dense_" + (i - 1));
        }
        ComputationGraph graph =
                new ComputationGraph(builder.setOutputs("dense_" + (LAYERS - 1)).build());
        graph.init();
        return graph;
    }
}
