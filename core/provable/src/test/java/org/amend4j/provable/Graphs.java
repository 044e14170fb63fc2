/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.Random;
import java.util.function.UnaryOperator;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.model.NormClipVertex;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** Small graphs in double with a proved constant somewhere. */
final class Graphs {

    static final long SEED = 3;

    private Graphs() {}

    static NeuralNetConfiguration.Builder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.1));
    }

    static ComputationGraph graph(GraphBuilder graph) {
        ComputationGraph result = new ComputationGraph(graph.setOutputs("out").build());
        result.init();
        return result;
    }

    static OutputLayer.Builder softmax(int nIn, int nOut) {
        return new OutputLayer.Builder(new LossMCXENT())
                .activation(Activation.SOFTMAX)
                .nIn(nIn)
                .nOut(nOut);
    }

    static OutputLayer.Builder sigmoid(int nIn, int nOut) {
        return new OutputLayer.Builder(new LossBinaryXENT(0.0))
                .activation(Activation.SIGMOID)
                .nIn(nIn)
                .nOut(nOut);
    }

    static DenseLayer dense(int nIn, int nOut, Activation activation) {
        return new DenseLayer.Builder()
                .nIn(nIn)
                .nOut(nOut)
                .activation(activation)
                .build();
    }

    /** An output layer on the input. */
    static ComputationGraph head(OutputLayer output) {
        return graph(builder().graphBuilder().addInputs("in").addLayer("out", output, "in"));
    }

    /** in → clip to the radius → out. */
    static ComputationGraph clippedHead(double radius, OutputLayer output) {
        return graph(builder()
                .graphBuilder()
                .addInputs("in")
                .addVertex("clip", new NormClipVertex(radius), "in")
                .addLayer("out", output, "clip"));
    }

    /** in(3) → body(4, tanh) → clip to the radius → out(softmax, 3). */
    static ComputationGraph withBody(double radius) {
        return graph(builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("body", dense(3, 4, Activation.TANH), "in")
                .addVertex("clip", new NormClipVertex(radius), "body")
                .addLayer("out", softmax(4, 3).build(), "clip"));
    }

    static AdaptedModel adapted(ComputationGraph network, UnaryOperator<LoraConfig> change) {
        return AdaptedModel.attach(
                BaseModel.of(network),
                change.apply(LoraConfig.of(2, 4)),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).seed(SEED).build());
    }

    /** Rows of norm R, times a little less than 1, and one-hot labels. */
    static Records softmaxRecords(int n, int width, int classes, double radius) {
        Random random = new Random(SEED);
        return Records.of(new MultiDataSet(
                onSphere(random, n, width, radius), TestNetworks.oneHot(DataType.DOUBLE, random, n, classes, 0)));
    }

    /** Rows of norm R, times a little less than 1, and labels 0 and 1. */
    static Records sigmoidRecords(int n, int width, int outputs, double radius) {
        Random random = new Random(SEED);
        INDArray features = onSphere(random, n, width, radius);
        INDArray labels = TestNetworks.normal(DataType.DOUBLE, random, n, outputs);
        return Records.of(new MultiDataSet(features, labels.gt(0).castTo(DataType.DOUBLE)));
    }

    static INDArray onSphere(Random random, int n, int width, double radius) {
        INDArray rows = TestNetworks.normal(DataType.DOUBLE, random, n, width);
        for (int i = 0; i < n; i++) {
            INDArray row = rows.getRow(i);
            row.muli(radius * (1 - 1e-14) / row.norm2Number().doubleValue());
        }
        return rows;
    }
}
