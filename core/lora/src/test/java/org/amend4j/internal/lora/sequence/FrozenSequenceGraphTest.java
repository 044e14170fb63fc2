/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.amend4j.internal.lora.sequence.FrozenSequenceTest.Kind;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.DoublesByDefault;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Frozen recurrent layers in graphs, between an adapted layer and an output, with Deeplearning4j's workspaces. */
@ExtendWith(DoublesByDefault.class)
class FrozenSequenceGraphTest {

    private static final DataType TYPE = DataType.DOUBLE;
    private static final int BATCH = 3;
    private static final int TIME = 5;
    private static final long SEED = 21;

    /** below (dense on every step, 3 -> 4) → rnn (the given kind) → mean over time, if there is time → out. */
    private static AdaptedModel attach(Kind kind) {
        boolean sequence = !kind.name().startsWith("LAST");
        var graph = new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(TYPE)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "below",
                        new DenseLayer.Builder()
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("rnn", kind.layer(RNNFormat.NCW), "below");
        if (sequence) {
            graph.addLayer("mean", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "rnn");
        }
        ComputationGraph network = new ComputationGraph(graph.addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        sequence ? "mean" : "rnn")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, RNNFormat.NCW))
                .build());
        network.init();
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network),
                LoraConfig.of(2, 4).withTargets("below"),
                FineTuneConfiguration.builder().updater(new Sgd(0.5)).build());
        INDArray parameters = model.graph().params();
        parameters.assign(TestNetworks.normal(TYPE, new Random(SEED), parameters.shape()));
        return model;
    }

    private static MultiDataSet data() {
        Random random = new Random(SEED);
        return new MultiDataSet(
                TestNetworks.normal(TYPE, random, BATCH, 3, TIME), TestNetworks.oneHot(TYPE, random, BATCH, 3, 0));
    }

    @ParameterizedTest
    @EnumSource
    @OneIn(4)
    void the_adapters_gradient_below_agrees_with_differences_and_fit_follows_it_without_touching_the_base(Kind kind) {
        AdaptedModel model = attach(kind);
        ComputationGraph graph = model.graph();
        FrozenStock running = assertInstanceOf(FrozenStock.class, graph.getLayer("rnn"));
        assertTrue(running instanceof FrozenSequence || running instanceof FrozenSequenceWrapper);
        Gradients.check(graph, data(), 20, SEED);
        INDArray before = graph.params().dup();
        INDArray gradient = graph.gradient().gradient().dup();
        double score = graph.score(data());
        graph.fit(data());
        INDArray step = before.sub(graph.params());
        // The update is the mean gradient times the rate, to rounding.
        assertTrue(step.sub(gradient.mul(0.5 / BATCH)).amaxNumber().doubleValue() < 1e-12);
        assertTrue(graph.score(data()) < score);
        assertFalse(ArrayBytes.same(before, graph.params()));
        model.base().verifyUnchanged();
        assertNull(running.getGradientsViewArray());
    }
}
