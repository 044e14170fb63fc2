/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Random;
import java.util.function.Function;
import org.amend4j.internal.model.SuppressForbidden;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Conv2D;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The multiplications that an explanation predicts are those of the products that a step makes. */
class StepCostLawsTest {

    private static final int BATCH = 4;
    private static final int STEPS = 7;
    private static final long SEED = 11;

    /** Counts multiplications of products in place of ND4J's executioner, while it is open. */
    private static final class Counted implements AutoCloseable {

        private final Field place;
        private final OpExecutioner real = Nd4j.getExecutioner();
        private long multiplications;
        private long summed = Long.MAX_VALUE;

        Counted() throws ReflectiveOperationException {
            place = place();
            place.set(
                    null,
                    Proxy.newProxyInstance(
                            OpExecutioner.class.getClassLoader(),
                            new Class<?>[] {OpExecutioner.class},
                            (proxy, method, arguments) -> {
                                if (method.getName().equals("exec") && arguments[0] instanceof Mmul product) {
                                    multiplications += of(product);
                                }
                                try {
                                    Object result = method.invoke(real, arguments);
                                    if (result instanceof INDArray[] made
                                            && arguments.length == 2
                                            && arguments[1] instanceof OpContext context) {
                                        multiplications += ofSameDiff(arguments[0], context, made[0]);
                                    }
                                    return result;
                                } catch (InvocationTargetException e) {
                                    throw e.getCause();
                                }
                            }));
        }

        /** Convolutions, and products of elements that are added up afterwards: of more elements than any others have. */
        private long ofSameDiff(Object op, OpContext context, INDArray result) {
            if (op instanceof Conv2D) {
                INDArray kernel = context.getInputArray(1);
                return result.length() * kernel.length() / kernel.size(3);
            }
            return op instanceof MulOp && result.length() >= summed ? result.length() : 0;
        }

        @SuppressForbidden("a test that looks into others' classes")
        private static Field place() throws ReflectiveOperationException {
            Field field = Nd4j.class.getDeclaredField("OP_EXECUTIONER_INSTANCE");
            field.setAccessible(true);
            return field;
        }

        /** A bias is added, and its gradient summed, by a product with a vector of ones: that is no product of the mathematics. */
        private static long of(Mmul product) {
            INDArray left = product.inputArguments().get(0);
            INDArray result = product.outputArguments().get(0);
            long inner = left.length() / result.size(0);
            boolean isOfVector = inner == 1 || result.size(0) == 1 || result.size(1) == 1;
            return isOfVector ? 0 : result.length() * inner;
        }

        @Override
        public void close() throws ReflectiveOperationException {
            place.set(null, real);
        }
    }

    private static BaseModel base(InputType input, Function<GraphBuilder, GraphBuilder> layers) {
        ComputationGraph network = new ComputationGraph(layers.apply(new NeuralNetConfiguration.Builder()
                        .seed(SEED)
                        .dataType(DataType.DOUBLE)
                        .activation(Activation.TANH)
                        .graphBuilder()
                        .addInputs("in"))
                .setOutputs("out")
                .setInputTypes(input)
                .build());
        network.init();
        return BaseModel.of(network);
    }

    /** Multiplications of the second step, before which weights in use have been formed once. */
    private static long made(BaseModel base, LoraConfig config, INDArray features, INDArray labels) throws Exception {
        ComputationGraph graph = AdaptedModel.attach(
                        base,
                        config,
                        new FineTuneConfiguration.Builder()
                                .updater(new Sgd(0.1))
                                .build(),
                        Probe.none())
                .graph();
        MultiDataSet data = new MultiDataSet(features, labels);
        graph.fit(data);
        try (Counted counted = new Counted()) {
            graph.fit(data);
            return counted.multiplications;
        }
    }

    private static long predicted(TrainingNeeds needs) {
        StepCost cost = needs.cost().orElseThrow();
        return BATCH * (cost.prefix() + cost.perExample()) + cost.perStep();
    }

    private static void assertPredicted(BaseModel base, LoraConfig config, INDArray features, INDArray labels)
            throws Exception {
        assertPredictedBut(0, base, config, features, labels);
    }

    private static void assertPredictedBut(
            long more, BaseModel base, LoraConfig config, INDArray features, INDArray labels) throws Exception {
        InputType[] types = InputType.inferInputTypes(features);
        assertEquals(
                made(base, config, features, labels),
                predicted(LoraExplanation.of(base, config, types).adapted()) + more,
                config.targets() + ", in full " + config.trainedInFull());
    }

    private static INDArray normal(long... shape) {
        return TestNetworks.normal(DataType.DOUBLE, new Random(SEED), shape);
    }

    private static INDArray classes() {
        return TestNetworks.oneHot(DataType.DOUBLE, new Random(SEED), BATCH, 3, 0);
    }

    private static LoraConfig rank2(String... targets) {
        return LoraConfig.of(2, 4).withTargets(targets);
    }

    private static Layer dense(int out) {
        return new DenseLayer.Builder().nOut(out).build();
    }

    private static Layer output() {
        return new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build();
    }

    private static BaseModel rows() {
        return base(
                InputType.feedForward(5),
                graph -> graph.addLayer("one", dense(7), "in")
                        .addLayer("two", dense(9), "one")
                        .addLayer("out", output(), "two"));
    }

    @Test
    void dense_and_output_layers() throws Exception {
        BaseModel base = rows();
        assertPredicted(base, rank2("one", "two"), normal(BATCH, 5), classes());
        assertPredicted(base, rank2("two"), normal(BATCH, 5), classes());
        assertPredicted(base, rank2("out"), normal(BATCH, 5), classes());
        assertPredicted(base, rank2("one", "out").withTrainedInFull("two"), normal(BATCH, 5), classes());
    }

    /** The norms' last sum, rank² · columns, is made in double by other means than ND4J's. */
    @Test
    void dora_with_and_without_dropout_but_for_a_sum() throws Exception {
        BaseModel base = rows();
        LoraConfig below = rank2("one", "two").withDora();
        LoraConfig above = rank2("two", "out").withDora(Dora.TRUE_GRADIENT);
        for (double dropout : new double[] {0, 0.5}) {
            assertPredictedBut(-4 * (7 + 9), base, below.withDropout(dropout), normal(BATCH, 5), classes());
            assertPredictedBut(-4 * (9 + 3), base, above.withDropout(dropout), normal(BATCH, 5), classes());
        }
    }

    @Test
    void training_everything() throws Exception {
        BaseModel base = rows();
        LoraConfig all = rank2().withTrainedInFull("one", "two", "out");
        assertEquals(
                made(base, all, normal(BATCH, 5), classes()),
                predicted(LoraExplanation.of(base, rank2("one")).fullFineTuning()));
    }

    @Test
    void convolutions() throws Exception {
        BaseModel base = base(
                InputType.convolutional(8, 6, 2),
                graph -> graph.addLayer(
                                "wide",
                                new ConvolutionLayer.Builder(3, 3).nOut(4).build(),
                                "in")
                        .addLayer(
                                "narrow",
                                new ConvolutionLayer.Builder(1, 1).nOut(5).build(),
                                "wide")
                        .addLayer("out", output(), "narrow"));
        INDArray features = normal(BATCH, 2, 8, 6);
        assertPredicted(base, rank2("wide", "narrow"), features, classes());
        assertPredicted(base, rank2("wide").withTrainedInFull("out"), features, classes());
        assertPredicted(base, rank2("narrow"), features, classes());
    }

    @Test
    void looked_up_rows() throws Exception {
        BaseModel base = base(
                InputType.feedForward(6),
                graph -> graph.addLayer(
                                "table",
                                new EmbeddingLayer.Builder().nIn(6).nOut(5).build(),
                                "in")
                        .addLayer("out", output(), "table"));
        INDArray tokens = Nd4j.createFromArray(new double[][] {{3}, {0}, {5}, {3}});
        LoraConfig config = rank2("table");
        assertEquals(
                made(base, config, tokens, classes()),
                predicted(LoraExplanation.of(base, config, InputType.feedForward(1))
                        .adapted()));
    }

    private static Layer lstm(int out) {
        return new LSTM.Builder().nOut(out).activation(Activation.TANH).build();
    }

    private static BaseModel sequences(Layer below, Layer above) {
        return base(
                InputType.recurrent(5, STEPS),
                graph -> graph.addLayer("below", below, "in")
                        .addLayer("above", above, "below")
                        .addLayer(
                                "out",
                                new RnnOutputLayer.Builder()
                                        .nOut(2)
                                        .activation(Activation.SOFTMAX)
                                        .build(),
                                "above"));
    }

    private static void assertPredictedOfSequences(BaseModel base, String... targets) throws Exception {
        assertPredicted(base, rank2(targets), normal(BATCH, 5, STEPS), labelledSteps());
    }

    private static INDArray labelledSteps() {
        return TestNetworks.oneHot(DataType.DOUBLE, new Random(SEED), BATCH, 2, STEPS);
    }

    @Test
    void lstms_adapted_and_frozen_above_an_adapter() throws Exception {
        BaseModel base = sequences(lstm(3), lstm(4));
        assertPredictedOfSequences(base, "below.W");
        assertPredictedOfSequences(base, "below.RW");
        assertPredictedOfSequences(base, "below", "above");
    }

    /** Deeplearning4j's LSTM also multiplies the zeros before the first step. */
    @Test
    void an_lstm_below_all_that_trains_but_for_zeros() throws Exception {
        assertPredictedBut(
                BATCH * 3 * 12,
                sequences(lstm(3), lstm(4)),
                rank2("above.W", "out"),
                normal(BATCH, 5, STEPS),
                labelledSteps());
    }

    @Test
    @SuppressWarnings("deprecation") // old models have Graves' layers
    void simple_bidirectional_and_old_recurrent_layers() throws Exception {
        assertPredictedOfSequences(
                sequences(new SimpleRnn.Builder().nOut(3).build(), new Bidirectional(lstm(2))), "below", "above");
        assertPredictedOfSequences(
                sequences(
                        new GravesBidirectionalLSTM.Builder()
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build(),
                        new SimpleRnn.Builder().nOut(3).build()),
                "below");
    }

    @Test
    void the_last_step_of_an_lstm() throws Exception {
        BaseModel base = base(
                InputType.recurrent(5, STEPS),
                graph -> graph.addLayer("last", new LastTimeStep(lstm(4)), "in").addLayer("out", output(), "last"));
        assertPredicted(base, rank2("last", "out"), normal(BATCH, 5, STEPS), classes());
    }

    /** In a forward pass; the votes of 24 capsules for 3 of 2 values are more numbers than any others. */
    @Test
    void capsules() throws Exception {
        for (int routings = 1; routings <= 3; routings++) {
            int times = routings;
            BaseModel base = base(
                    InputType.convolutional(7, 5, 2),
                    graph -> graph.addLayer(
                                    "primary",
                                    new PrimaryCapsules.Builder(4, 4)
                                            .kernelSize(3, 3)
                                            .stride(2, 2)
                                            .build(),
                                    "in")
                            .addLayer("voting", new CapsuleLayer.Builder(3, 2, times).build(), "primary")
                            .addLayer("strength", new CapsuleStrengthLayer.Builder().build(), "voting")
                            .addLayer("out", output(), "strength"));
            InputType type = InputType.convolutional(7, 5, 2);
            StepCost cost = LoraExplanation.of(base, rank2("primary", "voting"), type)
                    .adapted()
                    .cost()
                    .orElseThrow();
            try (Counted counted = new Counted()) {
                counted.summed = BATCH * 24 * 3 * 2;
                base.network().output(normal(BATCH, 2, 7, 5));
                assertEquals(BATCH * cost.forward(), counted.multiplications, "with " + routings + " routings");
            }
        }
    }

    /** Deeplearning4j's dense layer multiplies by its weight again on its way back, which is not predicted. */
    @Test
    void a_layer_that_adds_to_its_weight_but_for_what_deeplearning4j_repeats() throws Exception {
        BaseModel base = base(
                InputType.feedForward(5),
                graph -> graph.addLayer("one", dense(7), "in")
                        .addLayer(
                                "two",
                                new DenseLayer.Builder()
                                        .nOut(9)
                                        .hasLayerNorm(true)
                                        .build(),
                                "one")
                        .addLayer("out", output(), "two"));
        assertPredictedBut(BATCH * 7 * 9, base, rank2("two"), normal(BATCH, 5), classes());
        assertPredictedBut(BATCH * 7 * 9, base, rank2("one"), normal(BATCH, 5), classes());
    }
}
