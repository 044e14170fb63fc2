/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.OptionalInt;
import org.amend4j.checkpoint.AttentionShape;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.DecoderNames;
import org.amend4j.transformer.RowsGraph.Linear;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.buffer.DataType;

/** The graph of a decoder of Llama's family, its vertices named as Hugging Face's modules. */
final class DecoderGraph {

    static final String NORM = "model.norm";

    private final DecoderConfig config;
    private final RowsGraph graph;

    private DecoderGraph(DecoderConfig config, RowsGraph graph) {
        this.config = config;
        this.graph = graph;
    }

    static ComputationGraphConfiguration of(DecoderConfig config, DataType type) {
        return new DecoderGraph(config, new RowsGraph(type)).build();
    }

    private ComputationGraphConfiguration build() {
        int width = config.hiddenSize();
        String rows = graph.embedding(
                DecoderNames.EMBEDDING_TABLE,
                new TransformerEmbedding.Builder()
                        .nIn(config.vocabulary())
                        .nOut(width)
                        .factor(config.embeddingFactor()));
        for (int layer = 0; layer < config.layers(); layer++) {
            rows = layer(layer, rows);
        }
        return graph.endingIn(graph.languageModelHead(norm(NORM, rows), width, config.vocabulary()));
    }

    /** @return the vertex of its result */
    private String layer(int index, String rows) {
        String layer = DecoderNames.layer(index);
        String attention = attention(index, layer + "self_attn", norm(layer + "input_layernorm", rows));
        String attended = graph.add(layer + "attended", rows, attention);
        String down = feedForward(layer + "mlp", norm(layer + "post_attention_layernorm", attended));
        return graph.add(layer + "result", attended, down);
    }

    private String attention(int index, String name, String rows) {
        AttentionShape shape = config.attention();
        Linear query = new Linear(config.hiddenSize(), shape.queryWidth(), shape.inputBias());
        Linear keyValue = new Linear(config.hiddenSize(), shape.keyValueWidth(), shape.inputBias());
        AttentionRule rule = AttentionRule.causal(shape.heads())
                .withKeyValueHeads(shape.keyValueHeads())
                .withRotary(Rotary.of(config.rotary(), shape.headSize()));
        OptionalInt window = config.window(index);
        String attended = graph.attention(
                name,
                window.isPresent() ? rule.withWindow(window.getAsInt()) : rule,
                headNorm(name + ".q_norm", shape.heads(), graph.linear(name + ".q_proj", rows, query)),
                headNorm(name + ".k_norm", shape.keyValueHeads(), graph.linear(name + ".k_proj", rows, keyValue)),
                graph.linear(name + ".v_proj", rows, keyValue));
        Linear output = new Linear(shape.queryWidth(), config.hiddenSize(), shape.outputBias());
        return graph.linear(name + ".o_proj", attended, output);
    }

    private String feedForward(String name, String rows) {
        boolean bias = config.feedForwardBias();
        Linear wider = new Linear(config.hiddenSize(), config.intermediateSize(), bias);
        String gated = graph.gate(
                name,
                RowsGraph.function(config.gate()),
                graph.linear(name + ".gate_proj", rows, wider),
                graph.linear(name + ".up_proj", rows, wider));
        return graph.linear(
                name + ".down_proj", gated, new Linear(config.intermediateSize(), config.hiddenSize(), bias));
    }

    private String norm(String name, String rows) {
        return graph.norm(name, rows, config.hiddenSize(), norm());
    }

    private RowNorm.Builder norm() {
        RowNorm.Kind kind = config.family().hasGainsAroundOne()
                ? RowNorm.Kind.ROOT_MEAN_SQUARE_AROUND_ONE
                : RowNorm.Kind.ROOT_MEAN_SQUARE;
        return new RowNorm.Builder(kind, config.rmsEpsilon());
    }

    /** Of families that have them; of others the rows themselves. */
    private String headNorm(String name, int heads, String rows) {
        int width = heads * config.attention().headSize();
        return config.family().hasHeadNorms() ? graph.norm(name, rows, width, norm().parts(heads)) : rows;
    }
}
