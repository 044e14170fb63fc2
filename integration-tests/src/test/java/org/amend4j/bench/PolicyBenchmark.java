/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.amend4j.algorithm.Algorithm;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.algorithm.Preset;
import org.amend4j.algorithm.Presets;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.GraphApproximator;
import org.amend4j.policy.InputShape;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.FragmentCollector;
import org.amend4j.rollout.Task;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Environment steps per second on CartPole: rollouts of a 4-64-64-2 policy with 64 environments through Deeplearning4j's graph
 * and through a plan on the same graph's parameters, and whole training by REINFORCE and PPO. And rows per second through a small
 * convolutional network on grids, 64 at a time, without an environment.
 */
public final class PolicyBenchmark {

    private static final String ENVIRONMENT = "CartPole-v1";
    private static final int OBSERVATION = 4;
    private static final int ACTIONS = 2;
    private static final InputShape GRID = new InputShape.Image(3, 8, 8);
    private static final int ROWS = 64;
    private static final int STEPS = 128;
    private static final long SEED = 42;
    private static final double WARM_UP_SECONDS = 3;
    private static final double ROUND_SECONDS = 0.5;

    private PolicyBenchmark() {}

    /**
     * Measures and prints.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("policy", Machine.prepare());
        boolean usual = arguments.length < 2 || arguments[1].equals("default");
        int rounds = usual ? 15 : Integer.parseInt(arguments[1]);
        OtherLoad others = new OtherLoad();
        Preset reinforce = Presets.of(ENVIRONMENT, "reinforce").orElseThrow();
        Preset ppo = Presets.of(ENVIRONMENT, "ppo").orElseThrow();
        List<Rate> rates = List.of(
                rollouts("rollouts, 64 environments, plan, DOUBLE", Approximators.of(graph(DataType.DOUBLE)), rounds),
                rollouts("rollouts, 64 environments, plan, FLOAT", Approximators.of(graph(DataType.FLOAT)), rounds),
                rollouts("rollouts, 64 environments, graph, DOUBLE", onGraph(graph(DataType.DOUBLE)), rounds),
                rollouts("rollouts, 64 environments, graph, FLOAT", onGraph(graph(DataType.FLOAT)), rounds),
                rows("grids 8x8x3, plan, FLOAT", Approximators.of(grids(), GRID), rounds),
                rows("grids 8x8x3, graph, FLOAT", GraphApproximator.of(grids(), GRID), rounds),
                learning("grids 8x8x3 with gradients, plan, FLOAT", Approximators.of(grids(), GRID), rounds),
                learning("grids 8x8x3 with gradients, graph, FLOAT", GraphApproximator.of(grids(), GRID), rounds),
                training("REINFORCE, preset, plan, DOUBLE", reinforce.config(), reinforce.policy(SEED), rounds),
                training(
                        "REINFORCE, 64 episodes an update, graph, FLOAT",
                        Reinforce.Config.DEFAULT.withEpisodes(64),
                        policy(onGraph(graph(DataType.FLOAT))),
                        rounds),
                training("PPO, preset, plan, DOUBLE", ppo.config(), ppo.policy(SEED), rounds),
                training(
                        "PPO, preset, graph, FLOAT",
                        ppo.config(),
                        policy(onGraph(PolicyGraphs.mlp(
                                PolicyGraphs.Mlp.of(OBSERVATION, ACTIONS).withValue(), DataType.FLOAT, SEED))),
                        rounds));
        report.note("| what | environment steps/s, median | best |");
        report.note("|---|---|---|");
        for (Rate rate : rates) {
            report.note(String.format(Locale.ROOT, "| %s | %,.0f | %,.0f |", rate.name, rate.median(), rate.best()));
            report.keep(rate.name, rate.perSecond);
        }
        report.note(String.format(
                Locale.ROOT,
                "%nOther processes kept %.2f processors busy meanwhile.",
                others.processors().orElse(-1)));
        report.write(Path.of(arguments[0]));
    }

    private static ComputationGraph graph(DataType type) {
        return PolicyGraphs.mlp(PolicyGraphs.Mlp.of(OBSERVATION, ACTIONS), type, SEED);
    }

    /** A convolution of 16 filters and a dense layer of 64. */
    private static ComputationGraph grids() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .seed(SEED)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(16)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addLayer("body", dense(64, Activation.RELU), "conv")
                .addLayer("action", dense(4, Activation.IDENTITY), "body")
                .addLayer("value", dense(1, Activation.IDENTITY), "body")
                .setOutputs("action", "value")
                .setInputTypes(InputType.convolutional(8, 8, 3))
                .build());
        graph.init();
        return graph;
    }

    private static DenseLayer dense(int outputs, Activation activation) {
        return new DenseLayer.Builder().nOut(outputs).activation(activation).build();
    }

    private static Rate rows(String name, Approximator network, int rounds) {
        double[] inputs = numbers(ROWS * network.inputs());
        int[] every = IntStream.range(0, ROWS).toArray();
        Approximator.Stepper stepper = network.stepper(ROWS);
        return Rate.of(name, rounds, () -> stepper.step(inputs, every, new boolean[ROWS]).length / network.outputs());
    }

    private static double[] numbers(int count) {
        SplitMix64 random = new SplitMix64(SEED);
        double[] numbers = new double[count];
        Arrays.setAll(numbers, unused -> random.nextDouble());
        return numbers;
    }

    /** Both passes over mini-batches of 256 rows. */
    private static Rate learning(String name, Approximator network, int rounds) {
        int rows = 4 * ROWS;
        double[] inputs = numbers(rows * network.inputs());
        double[] errors = numbers(rows * network.outputs());
        double[] gradient = new double[network.dimension()];
        return Rate.of(name, rounds, () -> {
            network.forward(inputs, new int[] {rows}).backward(errors, gradient);
            return rows;
        });
    }

    private static Approximator onGraph(ComputationGraph graph) {
        return GraphApproximator.of(graph, new InputShape.Row(OBSERVATION));
    }

    private static Policy policy(Approximator network) {
        return new Policy(network, new Categorical(ACTIONS), new ObservationEncoder.AsIs(OBSERVATION));
    }

    private static Rate rollouts(String name, Approximator network, int rounds) {
        Policy policy = policy(network);
        FragmentCollector collector = new FragmentCollector(Task.of(ENVIRONMENT), ROWS, 0.99, false, SEED);
        SplitMix64 random = new SplitMix64(SEED);
        return Rate.of(
                name,
                rounds,
                () -> collector
                        .collect(policy, STEPS, random.nextLong())
                        .steps()
                        .rows());
    }

    /** Whole updates; the policy improves meanwhile, as in any training. */
    private static Rate training(String name, AlgorithmConfig config, Policy policy, int rounds) {
        Algorithm algorithm = config.begin(Task.of(ENVIRONMENT), policy, SEED);
        return Rate.of(name, rounds, () -> {
            long before = algorithm.steps();
            algorithm.update();
            return algorithm.steps() - before;
        });
    }

    /**
     * Steps per second, one number a round; a round lasts half a second, after a warm-up of three.
     *
     * @param perSecond [rounds]
     */
    private record Rate(String name, List<Double> perSecond) {

        static Rate of(String name, int rounds, LongSupplier steps) {
            double unused = measure(steps, WARM_UP_SECONDS);
            List<Double> rates = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                rates.add(measure(steps, ROUND_SECONDS));
            }
            return new Rate(name, rates);
        }

        private static double measure(LongSupplier steps, double atLeast) {
            long begin = System.nanoTime();
            long made = 0;
            while (seconds(begin) < atLeast) {
                made += steps.getAsLong();
            }
            return made / seconds(begin);
        }

        private static double seconds(long begin) {
            return (System.nanoTime() - begin) / 1e9;
        }

        double median() {
            return perSecond.stream().sorted().toList().get(perSecond.size() / 2);
        }

        double best() {
            return Collections.max(perSecond);
        }
    }
}
