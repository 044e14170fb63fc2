/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.List;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** Small graphs of every kind that policies are made of. */
final class Networks {

    static final InputShape.Image IMAGE = new InputShape.Image(2, 5, 4);

    private Networks() {}

    static GraphBuilder builder(DataType type, long seed) {
        return new NeuralNetConfiguration.Builder()
                .dataType(type)
                .seed(seed)
                .weightInit(WeightInit.XAVIER)
                .updater(new Sgd(1))
                .graphBuilder()
                .addInputs("in");
    }

    static ComputationGraph initialised(GraphBuilder builder) {
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        return graph;
    }

    static Layer dense(int outputs, Activation activation) {
        return new DenseLayer.Builder().nOut(outputs).activation(activation).build();
    }

    /** Two hidden layers, action head of 2, value head. */
    static ComputationGraph twoHeads(DataType type, long seed) {
        return PolicyGraphs.mlp(PolicyGraphs.Mlp.of(3, 2).withHidden(9, 5).withValue(), type, seed);
    }

    static ComputationGraph convolutional(DataType type, long seed) {
        return initialised(builder(type, seed)
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("body", dense(4, Activation.TANH), "conv")
                .addLayer("action", dense(3, Activation.IDENTITY), "body")
                .setOutputs("action")
                .setInputTypes(InputType.convolutional(5, 4, 2)));
    }

    /** LSTM, SimpleRnn, two heads. */
    static ComputationGraph recurrent(DataType type, long seed) {
        return initialised(builder(type, seed)
                .addLayer(
                        "lstm",
                        new LSTM.Builder().nOut(4).activation(Activation.TANH).build(),
                        "in")
                .addLayer(
                        "rnn",
                        new SimpleRnn.Builder()
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build(),
                        "lstm")
                .addLayer("action", dense(2, Activation.IDENTITY), "rnn")
                .addLayer("value", dense(1, Activation.IDENTITY), "rnn")
                .setOutputs("action", "value")
                .setInputTypes(InputType.recurrent(3)));
    }

    /** Adapters on some layers, with B away from zero. */
    static AdaptedModel adapted(ComputationGraph base, long seed, String... targets) {
        LoraConfig config = LoraConfig.of(2, 4).withTargets(targets);
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(base),
                List.of(targets).contains("value") ? config.withRankPattern("value", 1) : config,
                new FineTuneConfiguration.Builder()
                        .updater(new Sgd(1))
                        .seed(seed)
                        .build());
        double[] theta = ApproximatorLaws.normal((int) model.graph().numParams(), seed);
        for (int i = 0; i < theta.length; i++) {
            theta[i] *= 0.3;
        }
        GraphParameters.write(model.graph(), theta);
        return model;
    }
}
