/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.Random;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small networks of every shape the library must handle, with seeded weights that are nowhere zero. */
public final class TestNetworks {

    private TestNetworks() {}

    private static GraphBuilder builder(DataType type, long seed) {
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(type)
                .weightInit(WeightInit.XAVIER)
                .biasInit(0.1)
                .updater(new Sgd(0.1))
                .graphBuilder();
    }

    private static ComputationGraph initialised(GraphBuilder graph) {
        ComputationGraph result = new ComputationGraph(graph.build());
        result.init();
        return result;
    }

    /** in(5) → dense_0(7, tanh) → dense_1(6, relu) → out(3, softmax). */
    public static ComputationGraph dense(DataType type, long seed) {
        return initialised(builder(type, seed)
                .addInputs("in")
                .addLayer("dense_0", dense(5, 7, Activation.TANH), "in")
                .addLayer("dense_1", dense(7, 6, Activation.SIGMOID), "dense_0")
                .addLayer("out", output(6, 3), "dense_1")
                .setOutputs("out"));
    }

    /** in(4) → a(5, tanh) → b(3, identity), for external errors. */
    public static ComputationGraph withoutLoss(DataType type, long seed) {
        return initialised(builder(type, seed)
                .addInputs("in")
                .addLayer("a", dense(4, 5, Activation.TANH), "in")
                .addLayer("b", dense(5, 3, Activation.IDENTITY), "a")
                .setOutputs("b"));
    }

    /** Residual: below [3 -> 4], one and two [4 -> 4] on it, sum = below + one + two, out [4 -> 3]. */
    public static ComputationGraph residual(DataType type, long seed) {
        return initialised(builder(type, seed)
                .addInputs("in")
                .addLayer("below", dense(3, 4, Activation.TANH), "in")
                .addLayer("one", dense(4, 4, Activation.TANH), "below")
                .addLayer("two", dense(4, 4, Activation.SIGMOID), "below")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "below", "one", "two")
                .addLayer("out", output(4, 3), "sum")
                .setOutputs("out"));
    }

    /** Two inputs, a shared vertex, an addition, a merge and two outputs. */
    public static ComputationGraph branching(DataType type, long seed) {
        return initialised(builder(type, seed)
                .addInputs("left", "right")
                .addLayer("l", dense(4, 6, Activation.TANH), "left")
                .addLayer("r", dense(3, 6, Activation.TANH), "right")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "l", "r")
                .addLayer("shared", dense(6, 5, Activation.SIGMOID), "sum")
                .addLayer("side", dense(5, 4, Activation.TANH), "shared")
                .addVertex("both", new MergeVertex(), "shared", "side")
                .addLayer("out_a", output(9, 3), "both")
                .addLayer("out_b", output(5, 2), "shared")
                .setOutputs("out_a", "out_b"));
    }

    /** conv → batch norm → relu6 as Keras imports it → strided or dilated conv → 1×1 conv → pooling → out, in the given format and mode. */
    public static ComputationGraph convolutional(DataType type, CNN2DFormat format, ConvolutionMode mode, long seed) {
        ComputationGraph graph = initialised(builder(type, seed)
                .addInputs("in")
                .addLayer("conv_0", convolution(3, 3, 1, 1, 4, mode, format), "in")
                .addLayer("norm", new BatchNormalization.Builder().build(), "conv_0")
                .addLayer(
                        "act",
                        new ActivationLayer.Builder()
                                .activation(new ActivationReLU(6.0, 0.0, 0.0))
                                .build(),
                        "norm")
                .addLayer("conv_1", convolution(3, 2, 2, 1, 5, mode, format), "act")
                .addLayer("conv_2", convolution(2, 2, 1, 2, 4, ConvolutionMode.Same, format), "conv_1")
                .addLayer("point", convolution(1, 1, 1, 1, 6, mode, format), "conv_2")
                .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "point")
                .addLayer("out", output(6, 3), "pool")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(9, 8, 2, format)));
        statistics(graph, "norm", seed);
        return graph;
    }

    /** conv1d → lstm → rnn output, in NCW. */
    public static ComputationGraph recurrent(DataType type, ConvolutionMode mode, long seed) {
        return initialised(builder(type, seed)
                .addInputs("in")
                .addLayer(
                        "conv",
                        new Convolution1DLayer.Builder(3)
                                .nOut(5)
                                .convolutionMode(mode)
                                .dilation(2)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer(
                        "lstm",
                        new LSTM.Builder().nOut(4).activation(Activation.TANH).build(),
                        "conv")
                .addLayer("out", sequenceOutput(), "lstm")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, 8, RNNFormat.NCW)));
    }

    /**
     * below (1D convolution) → attention vertex (queries and keys from below, values from the input, two heads) → self
     * (self-attention layer) → above (1D convolution) → rnn output, in NCW.
     */
    public static ComputationGraph attention(DataType type, long seed) {
        return initialised(builder(type, seed)
                .addInputs("in")
                .addLayer("below", sequenceConvolution(4), "in")
                .addVertex(
                        "attention",
                        new AttentionVertex.Builder()
                                .nInQueries(4)
                                .nInKeys(4)
                                .nInValues(3)
                                .nHeads(2)
                                .headSize(2)
                                .nOut(5)
                                .projectInput(true)
                                .build(),
                        "below",
                        "below",
                        "in")
                .addLayer(
                        "self",
                        new SelfAttentionLayer.Builder()
                                .nOut(4)
                                .nHeads(2)
                                .projectInput(true)
                                .build(),
                        "attention")
                .addLayer("above", sequenceConvolution(4), "self")
                .addLayer("out", sequenceOutput(), "above")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, 6, RNNFormat.NCW)));
    }

    /**
     * rnn (the given layer) → mid (1D convolution of one step) → top (LSTM) → rnn output, in NCW with 3 inputs.
     */
    public static ComputationGraph aboveARecurrentLayer(DataType type, long seed, Layer recurrent) {
        return initialised(builder(type, seed)
                .addInputs("in")
                .addLayer("rnn", recurrent, "in")
                .addLayer(
                        "mid",
                        new Convolution1DLayer.Builder(1)
                                .convolutionMode(ConvolutionMode.Same)
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build(),
                        "rnn")
                .addLayer(
                        "top",
                        new LSTM.Builder().nOut(4).activation(Activation.TANH).build(),
                        "mid")
                .addLayer("out", sequenceOutput(), "top")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, RNNFormat.NCW)));
    }

    private static Convolution1DLayer sequenceConvolution(int nOut) {
        return new Convolution1DLayer.Builder(3)
                .nOut(nOut)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.TANH)
                .build();
    }

    private static RnnOutputLayer sequenceOutput() {
        return new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static DenseLayer dense(int nIn, int nOut, Activation activation) {
        return new DenseLayer.Builder()
                .nIn(nIn)
                .nOut(nOut)
                .activation(activation)
                .build();
    }

    private static OutputLayer output(int nIn, int nOut) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(nIn)
                .nOut(nOut)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ConvolutionLayer convolution(
            int height, int width, int stride, int dilation, int nOut, ConvolutionMode mode, CNN2DFormat format) {
        return new ConvolutionLayer.Builder(height, width)
                .stride(stride, stride)
                .dilation(dilation, dilation)
                .convolutionMode(mode)
                .dataFormat(format)
                .nOut(nOut)
                .activation(Activation.TANH)
                .build();
    }

    /** Gives a batch norm statistics, gains and biases that are not the initial zeros and ones. */
    private static void statistics(ComputationGraph graph, String name, long seed) {
        Random random = new Random(seed);
        graph.getLayer(name).paramTable().forEach((key, values) -> {
            for (long i = 0; i < values.length(); i++) {
                values.putScalar(i, key.equals("gamma") ? 0.5 + random.nextDouble() : 0.3 * random.nextGaussian());
            }
        });
    }

    /** Normal values. */
    public static INDArray normal(DataType type, Random random, long... shape) {
        INDArray result = Nd4j.create(type, shape);
        for (long i = 0; i < result.length(); i++) {
            result.putScalar(i, random.nextGaussian());
        }
        return result;
    }

    /** One-hot rows [n, classes], or [n, classes, time] if {@code time > 0}. */
    public static INDArray oneHot(DataType type, Random random, int n, int classes, int time) {
        INDArray result = time > 0 ? Nd4j.create(type, n, classes, time) : Nd4j.create(type, n, classes);
        for (int i = 0; i < n; i++) {
            for (int t = 0; t < Math.max(1, time); t++) {
                long[] index =
                        time > 0 ? new long[] {i, random.nextInt(classes), t} : new long[] {i, random.nextInt(classes)};
                result.putScalar(index, 1);
            }
        }
        return result;
    }
}
