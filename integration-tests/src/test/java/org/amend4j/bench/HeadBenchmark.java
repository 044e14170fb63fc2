/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.integration.Libtorch;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.Objective;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Full-batch steps of a logistic head on 20,000 records of 100 features, in double: what {@code unlearn train} and every rewind on
 * a table do. By row, by the graph, by libtorch and, where there is one, by numpy, both with the two products a user would
 * write.
 */
public final class HeadBenchmark {

    private static final String BY_ROW = "amend4j, by row";
    private static final String BY_GRAPH = "amend4j, by the graph";
    private static final String TORCH = "libtorch";
    /** Logistic regression by plain gradient descent. */
    private static final String PROGRAM = """
            import sys, numpy as np
            records, inputs = int(sys.argv[1]), int(sys.argv[2])
            random = np.random.default_rng(1)
            X = random.standard_normal((records, inputs))
            t = (random.random(records) < 0.5).astype(float)
            theta = np.zeros(inputs)
            print(np.__version__, flush=True)
            for line in sys.stdin:
                for _ in range(int(line)):
                    residuals = 1 / (1 + np.exp(-(X @ theta))) - t
                    theta = theta - 0.1 * (X.T @ residuals / records)
                print(theta[0], flush=True)
            """;

    private static final String NUMPY = "numpy";

    private static final int RECORDS = 20_000;
    private static final int INPUTS = 100;
    private static final double STEP_SIZE = 0.1;

    /** Steps of a turn, so that talking to another process does not count. */
    private static final int STEPS = 10;

    private HeadBenchmark() {}

    /**
     * Measures and prints.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("head", Machine.prepare());
        boolean usual = arguments.length < 2 || arguments[1].equals("default");
        int rounds = usual ? 15 : Integer.parseInt(arguments[1]);
        double[][] x = new double[RECORDS][];
        double[] t = new double[RECORDS];
        Random random = new Random(1);
        for (int r = 0; r < RECORDS; r++) {
            x[r] = random.doubles(INPUTS, -1, 1).toArray();
            t[r] = random.nextInt(2);
        }
        List<Contender> contenders = new ArrayList<>();
        contenders.add(descent(BY_ROW, HeadObjective.logistic(x, t)));
        contenders.add(descent(BY_GRAPH, graph(x, t)));
        contenders.add(torch(x, t));
        Optional<PythonPeer> numpy =
                PythonPeer.start("python3", "-c", PROGRAM, Integer.toString(RECORDS), Integer.toString(INPUTS));
        numpy.ifPresent(process -> contenders.add(new Contender(NUMPY, () -> process.steps(STEPS), process::close)));

        OtherLoad others = new OtherLoad();
        PairedTiming timing = PairedTiming.measure(contenders, 20, rounds);
        OptionalDouble busy = others.processors();
        contenders.forEach(contender -> contender.close().run());
        report.add(
                STEPS + " full-batch steps, logistic, " + RECORDS + " × " + INPUTS + ", DOUBLE",
                new BenchReport.Result(timing, BY_ROW, busy, Map.of("rounds", rounds)));
        Map<String, Double> ratios = new LinkedHashMap<>();
        contenders.stream()
                .map(Contender::name)
                .filter(name -> !name.equals(BY_ROW))
                .forEach(name -> ratios.put(BY_ROW + " ÷ " + name, timing.medianRatio(BY_ROW, name)));
        report.note("");
        report.note(numpy.map(process -> "numpy " + process.version()).orElse("no Python with numpy here"));
        ratios.forEach((pair, ratio) ->
                report.note(String.format(Locale.ROOT, "- %s: %.3f (median of paired ratios)", pair, ratio)));
        report.keep("ratios", ratios);
        report.write(Path.of(arguments[0]));
    }

    private static Contender descent(String name, Objective objective) {
        double[] theta = new double[INPUTS];
        double[] gradient = new double[INPUTS];
        return new Contender(
                name,
                () -> {
                    for (int step = 0; step < STEPS; step++) {
                        objective.gradient(theta, gradient);
                        for (int i = 0; i < INPUTS; i++) {
                            theta[i] -= STEP_SIZE * gradient[i];
                        }
                    }
                },
                () -> {});
    }

    private static GraphObjective graph(double[][] x, double[] t) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(STEP_SIZE))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.XENT)
                                .nIn(INPUTS)
                                .nOut(1)
                                .activation(Activation.SIGMOID)
                                .hasBias(false)
                                .build(),
                        "in")
                .setOutputs("out")
                .build());
        graph.init();
        return GraphObjective.of(
                graph, Records.of(new DataSet(Nd4j.create(x), Nd4j.create(t).reshape(RECORDS, 1))));
    }

    private static Contender torch(double[][] x, double[] t) {
        NDManager manager = Libtorch.newManager();
        double[] flat = new double[RECORDS * INPUTS];
        for (int r = 0; r < RECORDS; r++) {
            System.arraycopy(x[r], 0, flat, r * INPUTS, INPUTS);
        }
        NDArray features = manager.create(flat, new Shape(RECORDS, INPUTS));
        NDArray labels = manager.create(t);
        NDArray theta = manager.zeros(new Shape(INPUTS), ai.djl.ndarray.types.DataType.FLOAT64);
        return new Contender(
                TORCH,
                () -> {
                    for (int step = 0; step < STEPS; step++) {
                        try (NDManager one = manager.newSubManager()) {
                            features.attach(one);
                            NDArray residuals = features.matMul(theta)
                                    .getNDArrayInternal()
                                    .sigmoid()
                                    .sub(labels);
                            NDArray gradient = features.transpose().matMul(residuals);
                            theta.subi(gradient.mul(STEP_SIZE / RECORDS));
                            features.attach(manager);
                        }
                    }
                },
                manager::close);
    }
}
