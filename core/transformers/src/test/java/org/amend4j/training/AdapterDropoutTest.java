/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.DropoutLaws;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.compiler.Examples;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.compiler.Shares;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.BaseModel;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.SmallTransformer;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Training by plans with dropout of adapters' inputs. */
class AdapterDropoutTest {

    private static final double DROPOUT = 0.4;
    private static final int EXAMPLES = 6;
    private static final long KEY = 0x1234_5678_9ABC_DEFL;

    /** Networks with adapters on layers that are products of all forms. */
    enum Kind {
        DENSE(5) {
            @Override
            ComputationGraph graph(DataType type, double dropout) {
                return adapted(TestNetworks.dense(type, 3), dropout, "dense_0", "dense_1", "out");
            }
        },
        /** Three adapters read one result, whose gradient is added up. */
        SHARED(3) {
            @Override
            ComputationGraph graph(DataType type, double dropout) {
                return adapted(TestNetworks.residual(type, 3), dropout, "below", "one", "two");
            }
        },
        /** With strides, dilation, and pixels alone. */
        IMAGES(2, 9, 8) {
            @Override
            ComputationGraph graph(DataType type, double dropout) {
                return adapted(
                        TestNetworks.convolutional(type, CNN2DFormat.NCHW, ConvolutionMode.Same, 3),
                        dropout,
                        "conv_0",
                        "conv_1",
                        "conv_2",
                        "point");
            }
        },
        /** Texts of several lengths, with adapters on words, of which nothing is dropped, and on the head. */
        TOKENS() {
            @Override
            ComputationGraph graph(DataType type, double dropout) {
                return adapted(SmallTransformer.graph(type), dropout, "embedding", "value", "head");
            }

            @Override
            DataSet data(DataType type) {
                return SmallTransformer.data(type, EXAMPLES);
            }

            @Override
            boolean isClipped() {
                return false;
            }

            @Override
            double thirdDerivatives() {
                return 1e4;
            }
        };

        private final long[] shape;

        /** @param example the shape of its features */
        Kind(long... example) {
            shape = LongStream.concat(LongStream.of(EXAMPLES), Arrays.stream(example))
                    .toArray();
        }

        abstract ComputationGraph graph(DataType type, double dropout);

        /** What they are below. */
        double thirdDerivatives() {
            return 1e3;
        }

        /** Whether plans know the gradients of single examples. */
        boolean isClipped() {
            return true;
        }

        DataSet data(DataType type) {
            return new DataSet(
                    TestNetworks.normal(type, new Random(5), shape),
                    TestNetworks.oneHot(type, new Random(6), EXAMPLES, 3, 0));
        }

        static ComputationGraph adapted(ComputationGraph plain, double dropout, String... targets) {
            AdaptedModel model = AdaptedModel.attach(
                    BaseModel.of(plain),
                    LoraConfig.of(2, 3).withTargets(targets).withDropout(dropout),
                    new FineTuneConfiguration.Builder()
                            .seed(11)
                            .updater(new Sgd(0.1))
                            .build());
            return SmallNetworks.moved(model.graph(), new Random(4), 0.3);
        }
    }

    /** A network on the host, in double. */
    private static final class Run implements AutoCloseable {

        private final Owned owned = new Owned();
        private final HostMachine machine = owned.add(HostMachine.open(3));
        private final PlanSession session;
        private final PlacedRecords records;
        private final MachineArray losses = owned.add(machine.allocate("losses", ElementType.DOUBLE, EXAMPLES));
        private final MachineArray norms = owned.add(machine.allocate("norms", ElementType.DOUBLE, EXAMPLES));

        Run(ComputationGraph graph, DataSet data) {
            Records all = Records.of(data);
            Network network = NetworkReader.training(
                    ObservedGraph.of(graph, TrainingExtras.LEAVE_TO_TRAINER).graph(), PlacedRecords.exampleShapes(all));
            session = owned.add(PlanSession.open(machine, network, Arithmetic.DOUBLE, EXAMPLES));
            records = owned.add(new PlacedRecords(machine, ElementType.DOUBLE, all, network, EXAMPLES));
            at(ParameterVectors.of(graph));
            session.setDropoutKey(KEY);
        }

        Run at(double[] theta) {
            session.setParameters(theta);
            return this;
        }

        Examples examples() {
            return records.batch(IntStream.range(0, EXAMPLES).toArray(), 0, EXAMPLES, Optional.of(losses))
                    .withShares(Shares.ofExamples(norms));
        }

        double loss() {
            session.run(Variant.VALUE, examples());
            return Arrays.stream(machine.downloadDoubles(losses)).sum();
        }

        double[] gradient(Variant variant, int parts) {
            session.run(variant, examples().divided(parts), 1e9);
            session.addGradients(parts);
            return session.readGradient();
        }

        @Override
        public void close() {
            owned.close();
        }
    }

    /** Differences with a step of 1e-5 err by 1e-10 of third derivatives. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void theGradientIsThatOfTheLossWithTheSameMask(Kind kind) {
        ComputationGraph graph = kind.graph(DataType.DOUBLE, DROPOUT);
        double[] theta = ParameterVectors.of(graph);
        try (Run run = new Run(graph, kind.data(DataType.DOUBLE))) {
            double[] gradient = run.gradient(Variant.GRADIENT, 1);
            double step = 1e-5;
            for (int k = 0; k < theta.length; k++) {
                double[] moved = theta.clone();
                moved[k] = theta[k] + step;
                double above = run.at(moved).loss();
                moved[k] = theta[k] - step;
                double below = run.at(moved).loss();
                assertEquals(
                        (above - below) / (2 * step),
                        gradient[k],
                        1e-10 * kind.thirdDerivatives(),
                        kind + ", parameter " + k);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void masksDoNotDependOnHowExamplesAreDivided(Kind kind) {
        ComputationGraph graph = kind.graph(DataType.DOUBLE, DROPOUT);
        try (Run run = new Run(graph, kind.data(DataType.DOUBLE))) {
            double[] whole = run.gradient(Variant.GRADIENT, 1);
            assertArrayEquals(whole, run.gradient(Variant.GRADIENT, 3), 1e-12);
            assertArrayEquals(whole, run.gradient(Variant.WEIGHT_GRADIENTS, 2), 1e-12);
            if (kind.isClipped()) {
                assertArrayEquals(whole, run.gradient(Variant.CLIPPED, 2), 1e-12, "nobody's share is above the bound");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anotherKeyIsAnotherLossUnlessNothingIsDropped(Kind kind) {
        DataSet data = kind.data(DataType.DOUBLE);
        int keys = 400;
        double[] losses = new double[keys];
        try (Run run = new Run(kind.graph(DataType.DOUBLE, DROPOUT), data)) {
            for (int key = 0; key < keys; key++) {
                run.session.setDropoutKey(key);
                losses[key] = run.loss();
            }
            run.session.setDropoutKey(7);
            assertEquals(losses[7], run.loss(), 0);
        }
        assertEquals(keys, Arrays.stream(losses).distinct().count());
        try (Run run = new Run(kind.graph(DataType.DOUBLE, 0), data)) {
            run.session.setDropoutKey(1);
            double loss = run.loss();
            run.session.setDropoutKey(2);
            assertEquals(loss, run.loss(), 0);
        }
    }

    /** By hand: one layer, its loss the mean of squares, and the mask of the kernels' definition. */
    @Test
    void theAdapterReadsItsInputWithoutTheDroppedElements() {
        int inputs = 9;
        int outputs = 4;
        ComputationGraph plain = SmallNetworks.initialised(SmallNetworks.builder(DataType.DOUBLE, 8)
                .addInputs("in")
                .addLayer("out", SmallNetworks.output(inputs, outputs, LossFunction.MSE, Activation.IDENTITY), "in")
                .setOutputs("out"));
        ComputationGraph graph = Kind.adapted(plain, DROPOUT, "out");
        INDArray x = TestNetworks.normal(DataType.DOUBLE, new Random(5), EXAMPLES, inputs);
        INDArray y = TestNetworks.normal(DataType.DOUBLE, new Random(6), EXAMPLES, outputs);
        try (Run run = new Run(graph, new DataSet(x, y))) {
            List<LowRank> adapters = run.session.network().adapters();
            assertEquals(1, adapters.size());
            LowRank adapter = adapters.get(0);
            assertEquals(DROPOUT, adapter.dropout());
            INDArray kept = x.dup();
            int dropped = 0;
            for (int row = 0; row < EXAMPLES; row++) {
                for (int column = 0; column < inputs; column++) {
                    boolean drops = DropoutLaws.isDropped(KEY, adapter.a().offset(), row, column, DROPOUT);
                    kept.putScalar(row, column, drops ? 0 : x.getDouble(row, column) / (1 - DROPOUT));
                    dropped += drops ? 1 : 0;
                }
            }
            assertTrue(dropped > 10 && dropped < 35, "of 54: " + dropped);
            INDArray a = parameter(graph, "A");
            INDArray b = parameter(graph, "B");
            INDArray error = x.mmul(plain.getLayer("out").getParam("W"))
                    .addiRowVector(plain.getLayer("out").getParam("b"))
                    .addi(kept.mmul(a).mmul(b).muli(adapter.scale()))
                    .subi(y);
            assertEquals(error.mul(error).sumNumber().doubleValue() / outputs, run.loss(), 1e-12);
        }
    }

    private static INDArray parameter(ComputationGraph graph, String key) {
        return Objects.requireNonNull(graph.getLayer("out").paramTable().get(key), key);
    }

    /** Full batches are recorded; every step draws anew all the same. */
    @Test
    void everyStepDrawsAnewAndTheSameSeedDrawsTheSame() {
        DataSet data = Kind.DENSE.data(DataType.FLOAT);
        ComputationGraph graph = Kind.DENSE.graph(DataType.FLOAT, DROPOUT);
        ComputationGraph still = withoutMoving(graph);
        int[] all = IntStream.range(0, EXAMPLES).toArray();
        try (Machine machine = LawMachines.plain();
                PlannedTraining one = training(machine, still, data, EXAMPLES);
                PlannedTraining same = training(machine, still, data, EXAMPLES + 1)) {
            double[] losses = new double[5];
            for (int step = 0; step < losses.length; step++) {
                one.step(all);
                same.step(all); // a batch that is not full is not recorded
                losses[step] = one.loss();
                assertEquals(losses[step], same.loss(), 0, "step " + step);
            }
            assertEquals(losses.length, Arrays.stream(losses).distinct().count(), Arrays.toString(losses));
            still.getConfiguration().getDefaultConfiguration().setSeed(12);
            try (PlannedTraining other = training(machine, still, data, EXAMPLES)) {
                other.step(all);
                assertNotEquals(losses[0], other.loss());
            }
        }
    }

    private static ComputationGraph withoutMoving(ComputationGraph graph) {
        ComputationGraph still = graph.clone();
        still.setLearningRate(1e-30);
        return still;
    }

    @Test
    void stepsOnAnyNumberOfThreadsDrawTheSame() {
        DataSet data = Kind.IMAGES.data(DataType.FLOAT);
        ComputationGraph graph = Kind.IMAGES.graph(DataType.FLOAT, DROPOUT);
        double[] expected = steps(1, graph, data);
        for (int threads = 2; threads <= 4; threads++) {
            double[] found = steps(threads, graph, data);
            for (int k = 0; k < expected.length; k++) {
                assertEquals(expected[k], found[k], 1e-5, threads + " threads, parameter " + k);
            }
        }
    }

    private static double[] steps(int threads, ComputationGraph graph, DataSet data) {
        try (Machine machine = HostMachine.open(threads);
                PlannedTraining training = training(machine, graph, data, EXAMPLES)) {
            for (int step = 0; step < 3; step++) {
                training.step(IntStream.range(0, EXAMPLES).toArray());
            }
            ComputationGraph trained = graph.clone();
            training.copyInto(trained);
            return ParameterVectors.of(trained);
        }
    }

    /** Deeplearning4j would draw from a generator that no key decides. */
    @Test
    void dropoutWithinALayerThatDeeplearning4jComputesIsRefused() {
        ComputationGraph graph =
                Kind.adapted(TestNetworks.recurrent(DataType.FLOAT, ConvolutionMode.Same, 3), DROPOUT, "conv");
        DataSet data = new DataSet(
                TestNetworks.normal(DataType.FLOAT, new Random(5), EXAMPLES, 3, 8),
                TestNetworks.oneHot(DataType.FLOAT, new Random(6), EXAMPLES, 3, 8));
        try (Machine machine = HostMachine.open(2)) {
            UnsupportedNetworkException refused =
                    assertThrows(UnsupportedNetworkException.class, () -> training(machine, graph, data, EXAMPLES));
            assertTrue(refused.getMessage().contains("'conv'"), refused.getMessage());
            assertTrue(refused.getMessage().contains("with an adapter whose dropout"), refused.getMessage());
        }
    }

    /** The same, of what trains more than factors. */
    @Test
    void dropoutUnderMagnitudesAndBesideABiasOnBIsRefused() {
        for (LoraConfig config :
                List.of(LoraConfig.of(2, 3).withDora(), LoraConfig.of(2, 3).withBiasOnB())) {
            ComputationGraph graph = dropping(config);
            try (Machine machine = HostMachine.open(2)) {
                UnsupportedNetworkException refused = assertThrows(
                        UnsupportedNetworkException.class,
                        () -> training(machine, graph, Kind.DENSE.data(DataType.FLOAT), EXAMPLES));
                assertTrue(refused.getMessage().contains("'dense_1' has adapter dropout"), refused.getMessage());
            }
        }
    }

    @Test
    void dropoutBesideATrainedBiasIsThatOfPlainFactors() {
        ComputationGraph plain = dropping(LoraConfig.of(2, 3));
        ComputationGraph biased = dropping(LoraConfig.of(2, 3).withBias(BiasMode.ADAPTED));
        DataSet data = Kind.DENSE.data(DataType.FLOAT);
        try (Machine machine = HostMachine.open(2);
                PlannedTraining ofPlain = training(machine, plain, data, EXAMPLES);
                PlannedTraining ofBiased = training(machine, biased, data, EXAMPLES)) {
            assertEquals(Optional.empty(), ofBiased.delegation());
            int[] all = IntStream.range(0, EXAMPLES).toArray();
            ofPlain.step(all);
            ofBiased.step(all);
            ofPlain.copyInto(plain);
            ofBiased.copyInto(biased);
        }
        for (String key : List.of("A", "B")) {
            INDArray expected = plain.getLayer("dense_1").getParam(key);
            assertTrue(ArrayBytes.same(expected, biased.getLayer("dense_1").getParam(key)), key);
        }
        assertNotEquals(0, biased.getLayer("dense_1").getParam("b").sumNumber().doubleValue());
    }

    private static ComputationGraph dropping(LoraConfig config) {
        return AdaptedModel.attach(
                        BaseModel.of(TestNetworks.dense(DataType.FLOAT, 3)),
                        config.withTargets("dense_1").withDropout(DROPOUT),
                        new FineTuneConfiguration.Builder()
                                .seed(3)
                                .updater(new Sgd(0.1))
                                .build())
                .graph();
    }

    @Test
    void aNetworkLearnsWithDropout() {
        DataSet data = Kind.DENSE.data(DataType.FLOAT);
        ComputationGraph graph = Kind.adapted(TestNetworks.dense(DataType.FLOAT, 3), 0.2, "dense_0", "dense_1", "out");
        graph.setLearningRate(0.05);
        double before = graph.score(data);
        try (Machine machine = LawMachines.plain();
                PlannedTraining training = training(machine, graph, data, EXAMPLES)) {
            for (int step = 0; step < 200; step++) {
                training.step(IntStream.range(0, EXAMPLES).toArray());
            }
            training.copyInto(graph);
        }
        assertTrue(graph.score(data) < 0.5 * before, graph.score(data) + " after " + before);
    }

    private static PlannedTraining training(Machine machine, ComputationGraph graph, DataSet data, int batch) {
        return PlannedTraining.of(machine, graph, Records.of(data), batch, Arithmetic.SINGLE);
    }
}
