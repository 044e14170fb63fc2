/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.Random;
import org.amend4j.internal.model.Configurations;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What tests put together where neither {@link TestNetworks} nor {@link RandomImageGraph} has the network they need. */
public final class SmallNetworks {

    private SmallNetworks() {}

    /** With biases that are not zero: a forgotten one shows. */
    public static GraphBuilder builder(DataType type, long seed) {
        return new NeuralNetConfiguration.Builder()
                .seed(Configurations.seed(seed))
                .dataType(type)
                .biasInit(0.1)
                .updater(new Sgd(0.1))
                .graphBuilder();
    }

    public static ComputationGraph initialised(GraphBuilder builder) {
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        return graph;
    }

    public static DenseLayer dense(int inputs, int outputs, Activation activation) {
        return dense(inputs, outputs, activation.getActivationFunction());
    }

    public static DenseLayer dense(int inputs, int outputs, IActivation function) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(outputs)
                .activation(function)
                .build();
    }

    public static OutputLayer output(int inputs, int outputs, LossFunction loss, Activation activation) {
        return output(inputs, outputs, loss.getILossFunction(), activation);
    }

    public static OutputLayer output(int inputs, int outputs, ILossFunction loss, Activation activation) {
        return new OutputLayer.Builder(loss)
                .nIn(inputs)
                .nOut(outputs)
                .activation(activation)
                .build();
    }

    /** Of as many inputs as the network's input types come to. */
    public static OutputLayer output(int outputs, LossFunction loss, Activation activation) {
        return new OutputLayer.Builder(loss)
                .nOut(outputs)
                .activation(activation)
                .build();
    }

    public static GlobalPoolingLayer pooling(PoolingType type) {
        return new GlobalPoolingLayer.Builder(type).build();
    }

    public static AdaptedModel adapted(ComputationGraph plain, LoraConfig config) {
        return AdaptedModel.attach(
                BaseModel.of(plain),
                config,
                new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build());
    }

    /** The graph, after normal numbers of this size were added to its parameters. */
    public static ComputationGraph moved(ComputationGraph graph, Random random, double size) {
        graph.params()
                .addi(TestNetworks.normal(
                                graph.params().dataType(),
                                random,
                                graph.params().shape())
                        .muli(size));
        return graph;
    }
}
