/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.StorageLaws;
import org.amend4j.internal.compiler.Plan;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.numeric.Vectors;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.SmallTransformer;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Adapters above frozen weights in few bits. */
@OneIn(2)
class StoredWeightsTest {

    private static final int RECORDS = 24;

    /**
     * A network.
     *
     * @param everything what to put adapters on
     */
    private record Problem(String name, ComputationGraph plain, Targets everything, DataSet data) {

        AdaptedModel on(ComputationGraph base) {
            AdaptedModel model = SmallNetworks.adapted(base, LoraConfig.of(2, 4).withTargets(everything));
            SmallNetworks.moved(model.graph(), new Random(3), 0.2);
            return model;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Problem mlp() {
        Random random = new Random(6);
        ComputationGraph plain = SmallNetworks.initialised(SmallNetworks.builder(DataType.FLOAT, 3)
                .addInputs("in")
                .addLayer("low", SmallNetworks.dense(70, 90, Activation.RELU), "in")
                .addLayer("high", SmallNetworks.dense(90, 64, Activation.TANH), "low")
                .addLayer("out", SmallNetworks.output(64, 5, LossFunction.MCXENT, Activation.SOFTMAX), "high")
                .setOutputs("out"));
        return new Problem(
                "multi-layer perceptron",
                plain,
                Targets.names("low", "high", "out"),
                new DataSet(TestNetworks.normal(DataType.FLOAT, random, RECORDS, 70), oneHot(random, 5)));
    }

    private static Problem pictures() {
        Random random = new Random(7);
        return new Problem(
                "convolutions with a batch norm",
                TestNetworks.convolutional(DataType.FLOAT, CNN2DFormat.NHWC, ConvolutionMode.Same, 4),
                Targets.names("conv_1", "conv_2", "point", "out"),
                new DataSet(TestNetworks.normal(DataType.FLOAT, random, RECORDS, 9, 8, 2), oneHot(random, 3)));
    }

    private static Problem text() {
        return new Problem(
                "transformer",
                SmallTransformer.graph(DataType.FLOAT),
                Targets.names("query", "key", "value", "gate", "up", "down"),
                SmallTransformer.data(DataType.FLOAT, RECORDS));
    }

    private static INDArray oneHot(Random random, int classes) {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, RECORDS, classes);
        IntStream.range(0, RECORDS).forEach(row -> labels.putScalar(row, random.nextInt(classes), 1));
        return labels;
    }

    static Stream<Arguments> problemsAndStorages() {
        return Stream.of(mlp(), text())
                .flatMap(problem -> Stream.of(WeightStorage.BF16, WeightStorage.INT8, WeightStorage.NF4)
                        .map(storage -> Arguments.of(problem, storage)));
    }

    static Stream<Problem> problems() {
        return Stream.of(mlp(), pictures(), text());
    }

    private static double[] gradient(ComputationGraph graph, DataSet data, Arithmetic arithmetic) {
        double[] theta = ParameterVectors.of(graph);
        double[] gradient = new double[theta.length];
        boolean wide = arithmetic.type() == ElementType.DOUBLE; // which the host alone has
        try (Machine machine = wide ? HostMachine.open(2) : LawMachines.plain();
                PlannedObjective objective = PlannedObjective.of(
                        machine, graph, Records.of(data), PlanSettings.DEFAULT.withArithmetic(arithmetic))) {
            objective.valueAndGradient(theta, gradient);
        }
        return gradient;
    }

    private static double relative(double[] exact, double... other) {
        double[] difference = new double[exact.length];
        Arrays.setAll(difference, k -> exact[k] - other[k]);
        return Vectors.norm(difference) / Vectors.norm(exact);
    }

    /** The network whose weights of dense layers, [outputs, inputs] row after row, are replaced. */
    private static ComputationGraph replaced(Problem problem, UnaryOperator<float[]> replace) {
        ComputationGraph copy = problem.plain().clone();
        for (String name : names(problem)) {
            INDArray weight = copy.getLayer(name).getParam("W");
            float[] rows = weight.transpose().dup('c').data().asFloat();
            INDArray matrix = Nd4j.createFromArray(replace.apply(rows)).reshape('c', weight.size(1), weight.size(0));
            weight.assign(matrix.transpose());
        }
        return copy;
    }

    private static List<String> names(Problem problem) {
        return problem.name().equals("transformer")
                ? List.of("query", "key", "value", "gate", "up", "down")
                : List.of("low", "high", "out");
    }

    /** Products differ by the order of their sums, of at most 96 terms, through a few layers; 2^-24 · 96 times 20. */
    @ParameterizedTest
    @MethodSource("problemsAndStorages")
    void gradients_are_those_over_a_base_of_the_decoded_weights(Problem problem, WeightStorage storage) {
        ComputationGraph base = replaced(problem, rows -> StorageLaws.kept(storage, rows));
        double[] expected = gradient(problem.on(base).graph(), problem.data(), Arithmetic.SINGLE);
        double[] stored =
                gradient(problem.on(problem.plain()).graph(), problem.data(), Arithmetic.SINGLE.keeping(storage));
        assertTrue(relative(expected, stored) < 1.2e-4, relative(expected, stored) + "");
        // the twin: the base's own weights give another gradient
        double[] own = gradient(problem.on(problem.plain()).graph(), problem.data(), Arithmetic.SINGLE);
        assertTrue(relative(own, stored) > 5e-4, relative(own, stored) + "");
    }

    @ParameterizedTest
    @MethodSource("problems")
    void gradients_in_bf16_are_within_two_hundredths_of_those_in_double(Problem problem) {
        ComputationGraph graph = problem.on(problem.plain()).graph();
        double[] exact = gradient(graph, problem.data(), Arithmetic.DOUBLE);
        double[] stored = gradient(graph, problem.data(), Arithmetic.SINGLE.keeping(WeightStorage.BF16));
        double error = relative(exact, stored);
        assertTrue(error < 0.02 && error > 1e-4, error + "");
    }

    @Tag("kernels")
    @ParameterizedTest
    @EnumSource(value = WeightStorage.class, mode = Mode.EXCLUDE, names = "FP32")
    void training_makes_the_same_bytes_again_and_leaves_the_base(WeightStorage storage) {
        Problem problem = mlp();
        AdaptedModel model = problem.on(problem.plain());
        double[] before = ParameterVectors.of(model.base().plainCopy());
        double[] first = trained(model, problem.data(), storage);
        double[] step = trained(model, problem.data(), storage, 1);
        assertTrue(first[first.length - 1] < 0.9 * step[step.length - 1], "nothing was learnt");
        assertArrayEquals(first, trained(problem.on(problem.plain()), problem.data(), storage));
        assertArrayEquals(before, ParameterVectors.of(model.base().plainCopy()));
    }

    private static double[] trained(AdaptedModel model, DataSet data, WeightStorage storage) {
        return trained(model, data, storage, 40);
    }

    /** Parameters after some steps, then the loss; the graph stays as it is. */
    private static double[] trained(AdaptedModel model, DataSet data, WeightStorage storage, int steps) {
        try (Machine machine = LawMachines.plain();
                PlannedTraining training = PlannedTraining.of(
                        machine, model.graph(), Records.of(data), RECORDS, Arithmetic.SINGLE.keeping(storage))) {
            int[] all = IntStream.range(0, RECORDS).toArray();
            for (int step = 0; step < steps; step++) {
                training.step(all);
            }
            double[] theta = training.snapshot().parameters();
            double[] result = Arrays.copyOf(theta, theta.length + 1);
            result[theta.length] = training.loss();
            return result;
        }
    }

    @Test
    void a_fingerprint_tells_the_storage() {
        Problem problem = mlp();
        ComputationGraph graph = problem.on(problem.plain()).graph();
        try (Machine machine = LawMachines.plain()) {
            List<String> fingerprints = Stream.of(WeightStorage.values())
                    .map(storage -> {
                        PlanSettings settings = PlanSettings.DEFAULT.withArithmetic(Arithmetic.SINGLE.keeping(storage));
                        try (PlannedObjective objective =
                                PlannedObjective.of(machine, graph, Records.of(problem.data()), settings)) {
                            return objective.settingsFingerprint();
                        }
                    })
                    .distinct()
                    .toList();
            assertEquals(WeightStorage.values().length, fingerprints.size());
        }
    }

    @Test
    void a_plan_keeps_its_weights_in_few_bits_only() {
        Problem problem = mlp();
        ComputationGraph graph = problem.on(problem.plain()).graph();
        long weights = 70 * 90 + 90 * 64 + 64 * 5;
        long exact = memory(graph, problem.data(), WeightStorage.NF4);
        long wide = memory(graph, problem.data(), WeightStorage.BF16);
        long between = WeightStorage.BF16.bytes(70 * 90)
                + WeightStorage.BF16.bytes(90 * 64)
                + WeightStorage.BF16.bytes(64 * 5)
                - WeightStorage.NF4.bytes(70 * 90)
                - WeightStorage.NF4.bytes(90 * 64)
                - WeightStorage.NF4.bytes(64 * 5);
        assertEquals(between, wide - exact);
        assertTrue(between > weights);
    }

    private static long memory(ComputationGraph graph, DataSet data, WeightStorage storage) {
        try (Machine machine = LawMachines.plain();
                PlannedTraining training = PlannedTraining.of(
                        machine, graph, Records.of(data), RECORDS, Arithmetic.SINGLE.keeping(storage))) {
            training.step(IntStream.range(0, RECORDS).toArray());
            return machine.bytesInUse();
        }
    }

    /** Whose columns' norms are those of the base's weights: these are kept as they are. */
    @Test
    void layers_with_magnitudes_are_computed_as_without_a_storage() {
        Problem problem = mlp();
        AdaptedModel model = SmallNetworks.adapted(
                problem.plain(),
                LoraConfig.of(2, 4).withTargets(problem.everything()).withDora());
        SmallNetworks.moved(model.graph(), new Random(3), 0.2);
        assertArrayEquals(
                trained(model, problem.data(), WeightStorage.FP32), trained(model, problem.data(), WeightStorage.NF4));
    }

    @Test
    void a_plan_says_what_its_weights_would_take() {
        Problem problem = mlp();
        ObservedGraph twin = ObservedGraph.of(problem.on(problem.plain()).graph(), TrainingExtras.REFUSE);
        Plan plan = Plan.of(NetworkReader.training(twin.graph(), List.of(new long[] {70})), Variant.GRADIENT);
        long biases = (90 + 64 + 5) * Float.BYTES;
        for (WeightStorage storage : WeightStorage.values()) {
            assertEquals(
                    biases + storage.bytes(70 * 90) + storage.bytes(90 * 64) + storage.bytes(64 * 5),
                    plan.constantBytes(storage));
        }
        assertEquals(plan.constantBytes(), plan.constantBytes(WeightStorage.FP32));
    }

    @Test
    void numbers_in_double_are_refused_beside_it() {
        IllegalArgumentException wide =
                assertThrows(IllegalArgumentException.class, () -> Arithmetic.DOUBLE.keeping(WeightStorage.NF4));
        assertEquals("a plan in DOUBLE keeps frozen weights as they are, got NF4", wide.getMessage());
        assertNotEquals(Arithmetic.SINGLE, Arithmetic.SINGLE.keeping(WeightStorage.BF16));
    }

    /** On the host products with stored weights are made in FP32; a device rounds them. */
    @ParameterizedTest
    @MethodSource("problemsAndStorages")
    void rounded_products_beside_it_are_refused_on_the_host_and_made_on_devices(
            Problem problem, WeightStorage storage) {
        ComputationGraph graph = problem.on(problem.plain()).graph();
        Arithmetic rounded = Arithmetic.single(ProductPrecision.BF16).keeping(storage);
        if (LawMachines.isHost()) {
            Arithmetic frozen = Arithmetic.frozenIn(ProductPrecision.BF16).keeping(storage);
            assertThrows(UnsupportedNetworkException.class, () -> gradient(graph, problem.data(), frozen));
            return;
        }
        double[] stored = gradient(graph, problem.data(), rounded);
        double error = relative(gradient(graph, problem.data(), Arithmetic.SINGLE.keeping(storage)), stored);
        // a few products one after the other, and a rectifier that is rounded to the other side moves a gradient by
        // percents
        assertTrue(error < 0.05, error + "");
        // the twin: something was rounded
        assertTrue(error > 1e-3, error + "");
    }
}
