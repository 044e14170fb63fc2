/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.LawDevices;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.SmallTransformer;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Steps of training whose adapters ride in their layers' products, against steps in double on the host, where every product is one of its own. With the
 * rate 1 a step of plain descent is the gradient.
 */
class JointTrainingTest {

    private static final int RECORDS = 24;
    private static final int INPUTS = 19;
    private static final long SEED = 11;

    /** Chains of dense layers, with what may stand between them. */
    enum Case {
        /** The rectifier and its gradient end products. */
        RECTIFIERS(Activation.RELU, 4, false, false),
        /** The adapters' products with many rows are made in one pass over these. */
        WIDE(Activation.RELU, 11, false, false, 140),
        /** With rows of bfloat16 numbers only those that both read a derivative are. */
        WIDE_WITH_MANY_RANKS(Activation.GELU, 18, false, false, 140),
        /** Others are kernels of their own; the pre-activation is kept. */
        CURVES(Activation.GELU, 3, false, false),
        /** No activation at all: gradients of biases are sums. */
        LINES(Activation.IDENTITY, 5, true, false),
        /** Biases train: their gradients come with the rectifier's. */
        BIASES(Activation.RELU, 8, true, false),
        /** A result with two readers has no room beside it. */
        RESIDUAL(Activation.RELU, 9, false, true);

        private final Activation activation;
        private final int rank;
        private final boolean biases;
        private final boolean residual;
        private final int width;

        Case(Activation activation, int rank, boolean biases, boolean residual) {
            this(activation, rank, biases, residual, 33);
        }

        Case(Activation activation, int rank, boolean biases, boolean residual, int width) {
            this.activation = activation;
            this.rank = rank;
            this.biases = biases;
            this.residual = residual;
            this.width = width;
        }

        ComputationGraph graph() {
            GraphBuilder builder = new NeuralNetConfiguration.Builder()
                    .seed(SEED)
                    .dataType(DataType.FLOAT)
                    .updater(new Sgd(1))
                    .graphBuilder()
                    .addInputs("in")
                    .addLayer("first", dense(INPUTS, width), "in")
                    .addLayer("second", dense(width, width), "first")
                    .addLayer("third", dense(width, width + 7), residual ? "sum" : "second")
                    .addLayer(
                            "out",
                            new OutputLayer.Builder().nIn(width + 7).nOut(5).build(),
                            "third")
                    .setOutputs("out");
            if (residual) {
                builder.addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "second");
            }
            ComputationGraph graph = new ComputationGraph(builder.build());
            graph.init();
            LoraConfig config = LoraConfig.of(rank, 2.0 * rank)
                    .withTargets("first", "second", "third")
                    .withTrainedInFull("out");
            if (biases) {
                config = config.withBias(BiasMode.ADAPTED);
            }
            return adapted(graph, config);
        }

        private DenseLayer dense(int inputs, int outputs) {
            return new DenseLayer.Builder()
                    .nIn(inputs)
                    .nOut(outputs)
                    .activation(activation)
                    .build();
        }
    }

    /** With factors that are not 0: at first B is, and then A's gradient would be, too. */
    private static ComputationGraph adapted(ComputationGraph graph, LoraConfig config) {
        ComputationGraph adapted = AdaptedModel.attach(
                        BaseModel.of(graph),
                        config,
                        new FineTuneConfiguration.Builder()
                                .seed(SEED)
                                .updater(new Sgd(1))
                                .build())
                .graph();
        double[] noise = new Random(SEED)
                .doubles(adapted.params().length())
                .map(u -> 0.1 * (u - 0.5))
                .toArray();
        adapted.params()
                .addi(Nd4j.createFromArray(noise)
                        .castTo(DataType.FLOAT)
                        .reshape(adapted.params().shape()));
        return adapted;
    }

    private static Records records() {
        return records(RECORDS);
    }

    private static Records records(int count) {
        Random random = new Random(SEED);
        INDArray rows = Nd4j.createFromArray(random.doubles((long) count * INPUTS)
                        .map(u -> 2 * u - 1)
                        .toArray())
                .castTo(DataType.FLOAT)
                .reshape(count, INPUTS);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, count, 5);
        for (int k = 0; k < count; k++) {
            labels.putScalar(k, random.nextInt(5), 1);
        }
        return Records.of(new DataSet(rows, labels));
    }

    /** What steps take from the parameters: with one step, the gradient. */
    private static double[] moved(
            Machine machine, ComputationGraph graph, Records records, Arithmetic arithmetic, int steps) {
        double[] before = ParameterVectors.of(graph);
        try (PlannedTraining training = PlannedTraining.of(machine, graph, records, records.size(), arithmetic)) {
            training.begin(IntStream.range(0, records.size()).toArray());
            for (int step = 0; step < steps; step++) {
                if (!training.hasNext()) {
                    training.beginAgain();
                }
                training.next();
            }
            double[] after = training.snapshot().parameters();
            return IntStream.range(0, before.length)
                    .mapToDouble(k -> before[k] - after[k])
                    .toArray();
        }
    }

    private static double[] inDouble(ComputationGraph graph, Records records, int steps) {
        try (HostMachine host = HostMachine.open(1)) {
            return moved(host, graph, records, Arithmetic.DOUBLE, steps);
        }
    }

    private static double distance(double[] a, double[] b) {
        return Math.sqrt(IntStream.range(0, a.length)
                .mapToDouble(k -> (a[k] - b[k]) * (a[k] - b[k]))
                .sum());
    }

    private static double norm(double[] a) {
        return distance(a, new double[a.length]);
    }

    /** FP32 rounds some hundred sums of some forty terms: 10⁻⁵ is far above, and far below what any part left out would make. */
    @ParameterizedTest
    @EnumSource(Case.class)
    @OneIn(2)
    void aStepIsTheOneInDouble(Case some) {
        ComputationGraph graph = some.graph();
        double[] expected = inDouble(graph, records(), 1);
        try (Device device = LawDevices.plain()) {
            double[] actual = moved(device, graph, records(), Arithmetic.SINGLE, 1);
            assertTrue(
                    distance(expected, actual) <= 1e-5 * norm(expected),
                    () -> some + ": " + distance(expected, actual) / norm(expected));
        }
    }

    /**
     * Rows, weights and factors with 8 significant bits, against double. A rectifier's gradient is not continuous: of the elements before it a thousandth or
     * two are so near to 0 that rounding changes their sign, and each has its whole derivative too many or too few. The root of their share is some
     * percent in each layer of an example, in whatever form 8 bits are kept; with the root of the number of examples it falls.
     */
    @OneIn(12)
    @ParameterizedTest
    @EnumSource(Case.class)
    void withRowsOfBfloat16TheGradientOfABatchIsWithinTwoPercent(Case some) {
        ComputationGraph graph = some.graph();
        Records many = records(2048);
        double[] expected = inDouble(graph, many, 1);
        try (Device device = LawDevices.plain()) {
            double[] actual = moved(device, graph, many, Arithmetic.single(ProductPrecision.BF16), 1);
            double error = distance(expected, actual) / norm(expected);
            assertTrue(error <= 0.02 && error > 1e-4, () -> some + ": " + error);
        }
    }

    /** The second and third are recorded, and replayed. */
    @ParameterizedTest
    @ValueSource(strings = {"FP32", "BF16"})
    void recordedStepsAreThoseThatAreNot(String precision) {
        Arithmetic arithmetic = Arithmetic.single(ProductPrecision.valueOf(precision));
        ComputationGraph graph = Case.BIASES.graph();
        Records records = records();
        double[] before = ParameterVectors.of(graph);
        try (Device device = LawDevices.plain();
                PlannedTraining direct = PlannedTraining.of(device, graph, records, RECORDS + 1, arithmetic)) {
            for (int step = 0; step < 3; step++) {
                direct.step(IntStream.range(0, RECORDS).toArray()); // not a full batch: never recorded
            }
            double[] after = direct.snapshot().parameters();
            double[] expected = IntStream.range(0, before.length)
                    .mapToDouble(k -> before[k] - after[k])
                    .toArray();
            assertArrayEquals(expected, moved(device, graph, records, arithmetic, 3));
        }
    }

    /** A network whose layers are not chains has its products joint where they are, and those of rounded rows from copies. */
    @ParameterizedTest
    @ValueSource(strings = {"FP32", "TF32", "BF16"})
    @OneIn(5)
    void aTransformerLearnsAsInDouble(String precision) {
        ComputationGraph graph = adapted(SmallTransformer.graph(DataType.FLOAT), LoraConfig.of(3, 6));
        Records records = Records.of(SmallTransformer.data(DataType.FLOAT, 4));
        double[] expected = inDouble(graph, records, 1);
        ProductPrecision products = ProductPrecision.valueOf(precision);
        try (Device device = LawDevices.plain()) {
            double[] actual = moved(device, graph, records, Arithmetic.single(products), 1);
            double error = distance(expected, actual) / norm(expected);
            assertTrue(error <= (products == ProductPrecision.FP32 ? 1e-5 : 0.02), () -> precision + ": " + error);
        }
    }
}
