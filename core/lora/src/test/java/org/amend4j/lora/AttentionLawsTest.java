/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Adapters on attentions, on frozen ones' sides and on some of their weights. */
class AttentionLawsTest {

    private static final long SEED = 13;
    private static final int BATCH = 3;
    private static final int STEPS = 5;

    /** Gradients and outputs of order 1 through four layers in single precision: some hundred roundings of 6e-8. */
    private static final double SINGLE = 1e-4;

    /** in → below → att (two heads) → alone (without projections) → vertex (queries from alone, keys and values from below) → out. */
    private static ComputationGraph network(DataType type) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(type)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "below",
                        new SimpleRnn.Builder()
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("att", attention(true), "below")
                .addLayer("alone", attention(false), "att")
                .addVertex(
                        "vertex",
                        new AttentionVertex.Builder()
                                .nInQueries(4)
                                .nInKeys(4)
                                .nInValues(4)
                                .nHeads(2)
                                .headSize(3)
                                .nOut(3)
                                .projectInput(true)
                                .build(),
                        "alone",
                        "below",
                        "below")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "vertex")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, STEPS, RNNFormat.NCW))
                .build());
        graph.init();
        return graph;
    }

    private static SelfAttentionLayer attention(boolean projected) {
        return new SelfAttentionLayer.Builder()
                .nIn(4)
                .nOut(4)
                .nHeads(projected ? 2 : 1)
                .projectInput(projected)
                .build();
    }

    private static MultiDataSet data(DataType type, boolean masked) {
        return data(type, masked, STEPS);
    }

    private static MultiDataSet data(DataType type, boolean masked, int steps) {
        INDArray x = TestNetworks.normal(type, new Random(SEED), BATCH, 3, steps);
        INDArray y = TestNetworks.oneHot(type, new Random(SEED), BATCH, 2, steps);
        if (!masked) {
            return new MultiDataSet(x, y);
        }
        INDArray mask = Nd4j.ones(type, BATCH, steps);
        mask.putScalar(0, steps - 1, 0);
        mask.putScalar(2, steps - 1, 0).putScalar(2, steps - 2, 0);
        return new MultiDataSet(
                new INDArray[] {x}, new INDArray[] {y}, new INDArray[] {mask}, new INDArray[] {mask.dup()});
    }

    private static AdaptedModel adapted(LoraConfig config, DataType type) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network(type)),
                config,
                FineTuneConfiguration.builder().updater(new Sgd(0.003)).build(),
                Probe.none());
        INDArray parameters = model.graph().params();
        parameters.assign(TestNetworks.normal(parameters.dataType(), new Random(3), parameters.shape())
                .muli(0.5));
        return model;
    }

    /** Names of what has adapters: everything, or some of the weights, with something below that trains and without. */
    static Stream<Arguments> adapters() {
        List<Arguments> all = new ArrayList<>();
        for (String targets : List.of(
                "below att vertex",
                "below",
                "att",
                "vertex",
                "att.Wq",
                "att.Wk",
                "att.Wv att.Wo",
                "below att.Wo",
                "vertex.Wq",
                "below vertex.Wk vertex.Wo",
                "att.Wk vertex.Wv")) {
            all.add(Arguments.of(targets, false, true));
            all.add(Arguments.of(targets, true, false));
        }
        return all.stream();
    }

    private static LoraConfig config(String targets, boolean dora) {
        LoraConfig plain = LoraConfig.of(2, 4).withTargets(targets.split(" "));
        return dora ? plain.withDora(Dora.TRUE_GRADIENT) : plain;
    }

    @ParameterizedTest(name = "adapters on {0}, DoRA {1}, masked {2}")
    @MethodSource("adapters")
    @OneIn(3)
    void the_gradient_of_every_factor_is_the_loss_s(String targets, boolean dora, boolean masked) {
        AdaptedModel model = adapted(config(targets, dora), DataType.DOUBLE);
        Gradients.check(model.graph(), data(DataType.DOUBLE, masked), 20, SEED);
        model.base().verifyUnchanged();
    }

    @Test
    void single_precision_gives_the_gradient_of_double_precision() {
        for (boolean masked : new boolean[] {false, true}) {
            INDArray exact = gradient(DataType.DOUBLE, masked);
            INDArray rounded = gradient(DataType.FLOAT, masked);
            double apart =
                    exact.sub(rounded.castTo(DataType.DOUBLE)).amaxNumber().doubleValue();
            assertTrue(apart < SINGLE * exact.amaxNumber().doubleValue(), "differ by " + apart);
        }
    }

    private static INDArray gradient(DataType type, boolean masked) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network(DataType.DOUBLE).convertDataType(type)),
                config("below att vertex", false),
                FineTuneConfiguration.builder().updater(new Sgd(0.003)).build(),
                Probe.none());
        INDArray parameters = model.graph().params();
        parameters.assign(
                TestNetworks.normal(type, new Random(3), parameters.shape()).muli(0.5));
        ComputationGraph graph = model.graph();
        MultiDataSet data = data(type, masked);
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.setLayerMaskArrays(data.getFeaturesMaskArrays(), data.getLabelsMaskArrays());
        graph.computeGradientAndScore();
        return graph.gradient().gradient().dup();
    }

    @Test
    void steps_of_fit_lower_the_loss_on_sequences_of_different_lengths() {
        AdaptedModel model = adapted(config("below att vertex", false), DataType.FLOAT);
        List<MultiDataSet> batches = List.of(data(DataType.FLOAT, true), data(DataType.FLOAT, true, STEPS + 2));
        double before = loss(model, batches);
        for (int step = 0; step < 20; step++) {
            batches.forEach(model.graph()::fit);
        }
        assertTrue(loss(model, batches) < before);
        model.base().verifyUnchanged();
    }

    /** Deeplearning4j's own vertex keeps the masks of the batch before. */
    @Test
    void a_batch_without_masks_is_not_masked_by_the_one_before() {
        for (String targets : List.of("below", "vertex")) { // the vertex is frozen, or has adapters
            ComputationGraph graph =
                    adapted(config(targets, false), DataType.FLOAT).graph();
            ComputationGraph other =
                    adapted(config(targets, false), DataType.FLOAT).graph();
            MultiDataSet without = data(DataType.FLOAT, false);
            INDArray before = graph.params().dup();
            graph.fit(data(DataType.FLOAT, true));
            graph.params().assign(before);
            graph.fit(without);
            other.fit(without);
            assertTrue(ArrayBytes.same(other.params(), graph.params()), targets);
            assertTrue(ArrayBytes.same(other.output(without.getFeatures())[0], graph.output(without.getFeatures())[0]));
        }
    }

    private static double loss(AdaptedModel model, List<MultiDataSet> batches) {
        return batches.stream()
                .mapToDouble(batch -> model.graph().score(batch, false))
                .sum();
    }
}
