/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.OptionalInt;
import org.amend4j.checkpoint.AttentionShape;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.DecoderNames;
import org.amend4j.checkpoint.HiddenActivation;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/** The graph of a decoder of Llama's family, its vertices named as Hugging Face's modules. */
final class DecoderGraph {

    static final String TOKENS = "tokens";
    static final String EMBEDDING = "model.embed_tokens";
    static final String NORM = "model.norm";
    static final String HEAD = "lm_head";

    private final DecoderConfig config;
    private final GraphBuilder graph;

    private DecoderGraph(DecoderConfig config, GraphBuilder graph) {
        this.config = config;
        this.graph = graph;
    }

    static ComputationGraphConfiguration of(DecoderConfig config, DataType type) {
        if (config.gate() != HiddenActivation.SILU) {
            throw new IllegalArgumentException(
                    "a graph's gate must be SILU, other functions have no layer yet, got " + config.gate());
        }
        GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .dataType(type)
                .graphBuilder()
                .addInputs(TOKENS);
        DecoderGraph decoder = new DecoderGraph(config, graph);
        decoder.build();
        return graph.build();
    }

    private void build() {
        int width = config.hiddenSize();
        graph.addLayer(
                EMBEDDING,
                new TransformerEmbedding.Builder()
                        .nIn(config.vocabulary())
                        .nOut(width)
                        .build(),
                TOKENS);
        String rows = EMBEDDING;
        for (int layer = 0; layer < config.layers(); layer++) {
            rows = layer(layer, rows);
        }
        norm(NORM, rows);
        graph.addVertex("positions", new AtPositions(), NORM, TOKENS);
        graph.addLayer(
                HEAD,
                new LanguageModelHead.Builder()
                        .nIn(width)
                        .nOut(config.vocabulary())
                        .build(),
                "positions");
        graph.setOutputs(HEAD);
    }

    /** @return the vertex of its result */
    private String layer(int index, String rows) {
        String layer = DecoderNames.layer(index);
        norm(layer + "input_layernorm", rows);
        attention(index, layer + "self_attn", layer + "input_layernorm");
        String attended = add(layer + "attended", rows, layer + "self_attn.o_proj");
        norm(layer + "post_attention_layernorm", attended);
        feedForward(layer + "mlp", layer + "post_attention_layernorm");
        return add(layer + "result", attended, layer + "mlp.down_proj");
    }

    private void attention(int index, String name, String rows) {
        AttentionShape shape = config.attention();
        linear(name + ".q_proj", rows, config.hiddenSize(), shape.queryWidth(), shape.inputBias());
        linear(name + ".k_proj", rows, config.hiddenSize(), shape.keyValueWidth(), shape.inputBias());
        linear(name + ".v_proj", rows, config.hiddenSize(), shape.keyValueWidth(), shape.inputBias());
        AttentionRule rule = AttentionRule.causal(shape.heads())
                .withKeyValueHeads(shape.keyValueHeads())
                .withRotary(Rotary.of(config.rotary(), shape.headSize()));
        OptionalInt window = config.window(index);
        graph.addVertex(
                name,
                new MultiHeadAttention(window.isPresent() ? rule.withWindow(window.getAsInt()) : rule),
                name + ".q_proj",
                name + ".k_proj",
                name + ".v_proj",
                TOKENS);
        linear(name + ".o_proj", name, shape.queryWidth(), config.hiddenSize(), shape.outputBias());
    }

    private void feedForward(String name, String rows) {
        boolean bias = config.feedForwardBias();
        linear(name + ".gate_proj", rows, config.hiddenSize(), config.intermediateSize(), bias);
        linear(name + ".up_proj", rows, config.hiddenSize(), config.intermediateSize(), bias);
        graph.addVertex(
                name, new Gate(Activation.SWISH.getActivationFunction()), name + ".gate_proj", name + ".up_proj");
        linear(name + ".down_proj", name, config.intermediateSize(), config.hiddenSize(), bias);
    }

    private void norm(String name, String rows) {
        RowNorm.Builder norm = new RowNorm.Builder(RowNorm.Kind.ROOT_MEAN_SQUARE, config.rmsEpsilon());
        graph.addLayer(
                name, norm.nIn(config.hiddenSize()).nOut(config.hiddenSize()).build(), rows);
    }

    private void linear(String name, String rows, int inputs, int outputs, boolean bias) {
        DenseLayer.Builder dense =
                new DenseLayer.Builder().nIn(inputs).nOut(outputs).hasBias(bias).activation(Activation.IDENTITY);
        graph.addLayer(name, dense.build(), rows);
    }

    private String add(String name, String rows, String more) {
        graph.addVertex(name, new ElementWiseVertex(ElementWiseVertex.Op.Add), rows, more);
        return name;
    }
}
