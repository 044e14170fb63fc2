/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import org.amend4j.checkpoint.HiddenActivation;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A graph of transformers' layers in the making; each method adds one vertex and says its name. */
final class RowsGraph {

    /** The graph's input, or the vertex that says which rows are of one picture. */
    static final String TOKENS = "tokens";

    /** The input of a graph that reads pictures. */
    private static final String PICTURES = "pictures";

    /** The output of a decoder, a module of that name. */
    static final String HEAD = "lm_head";

    private final GraphBuilder graph;

    RowsGraph(DataType type) {
        this(type, TOKENS);
    }

    private RowsGraph(DataType type, String input) {
        graph = new NeuralNetConfiguration.Builder()
                .dataType(type)
                .graphBuilder()
                .addInputs(input);
    }

    /** Of pictures that have so many rows each. */
    static RowsGraph ofPictures(DataType type, int rows) {
        RowsGraph of = new RowsGraph(type, PICTURES);
        of.graph.addVertex(TOKENS, new PictureTokens(rows), PICTURES);
        return of;
    }

    String patches(String name, PicturePatches cut) {
        graph.addVertex(name, cut, PICTURES);
        return name;
    }

    static IActivation function(HiddenActivation activation) {
        return switch (activation) {
            case SILU -> Activation.SWISH.getActivationFunction();
            case GELU -> new Gelu(Gelu.Form.EXACT);
            case GELU_TANH -> new Gelu(Gelu.Form.TANH);
        };
    }

    String embedding(String name, TransformerEmbedding.Builder settings) {
        graph.addLayer(name, settings.build(), TOKENS);
        return name;
    }

    String patchEmbedding(String name, PatchEmbedding.Builder settings, String patches) {
        graph.addLayer(name, settings.build(), patches);
        return name;
    }

    String linear(String name, String rows, Linear linear) {
        DenseLayer.Builder dense = new DenseLayer.Builder()
                .nIn(linear.inputs())
                .nOut(linear.outputs())
                .hasBias(linear.bias())
                .activation(linear.activation());
        graph.addLayer(name, dense.build(), rows);
        return name;
    }

    /** Sizes of a linear layer, and what is applied to its result. */
    record Linear(int inputs, int outputs, boolean bias, IActivation activation) {

        Linear(int inputs, int outputs, boolean bias) {
            this(inputs, outputs, bias, Activation.IDENTITY.getActivationFunction());
        }
    }

    String norm(String name, String rows, int width, RowNorm.Builder settings) {
        graph.addLayer(name, settings.nIn(width).nOut(width).build(), rows);
        return name;
    }

    String scale(String name, String rows, int width) {
        graph.addLayer(name, new LayerScale.Builder().nIn(width).nOut(width).build(), rows);
        return name;
    }

    /** Attention over queries, keys and values that are its neighbours by these names. */
    String attention(String name, AttentionRule rule, String queries, String keys, String values) {
        graph.addVertex(name, new MultiHeadAttention(rule), queries, keys, values, TOKENS);
        return name;
    }

    /** Attention over queries, keys and values that one linear made, one behind the other. */
    String fusedAttention(String name, AttentionRule rule, String together) {
        graph.addVertex(name, MultiHeadAttention.fused(rule), together, TOKENS);
        return name;
    }

    String gate(String name, IActivation activation, String opening, String passing) {
        graph.addVertex(name, new Gate(activation), opening, passing);
        return name;
    }

    /** A gate whose halves one linear made, one behind the other. */
    String fusedGate(String name, IActivation activation, String together) {
        graph.addVertex(name, Gate.fused(activation), together);
        return name;
    }

    String add(String name, String rows, String more) {
        graph.addVertex(name, new ElementWiseVertex(ElementWiseVertex.Op.Add), rows, more);
        return name;
    }

    String pooled(String name, Pooling pooling, String rows) {
        graph.addVertex(name, new SequencePooling(pooling), rows, TOKENS);
        return name;
    }

    /** A class token's row with the mean of its picture's patches behind it. */
    String classTokenAndMean(String name, String rows) {
        graph.addVertex(name, new ClassTokenAndMean(), rows, TOKENS);
        return name;
    }

    String positions(String name, String rows) {
        graph.addVertex(name, new AtPositions(), rows, TOKENS);
        return name;
    }

    /** Probabilities of classes with their cross-entropy. */
    String classes(String name, int inputs, int classes, String below) {
        return output(
                name,
                new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(inputs)
                        .nOut(classes)
                        .activation(Activation.SOFTMAX)
                        .build(),
                below);
    }

    /** A head without bias, on a row for every position. */
    String languageModelHead(String rows, int width, int vocabulary) {
        LanguageModelHead.Builder head =
                new LanguageModelHead.Builder().nIn(width).nOut(vocabulary);
        return output(HEAD, head.build(), positions("positions", rows));
    }

    String output(String name, org.deeplearning4j.nn.conf.layers.Layer layer, String below) {
        graph.addLayer(name, layer, below);
        return name;
    }

    ComputationGraphConfiguration endingIn(String output) {
        return graph.setOutputs(output).build();
    }
}
