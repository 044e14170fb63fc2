/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import org.amend4j.checkpoint.Gpt2Config;
import org.amend4j.checkpoint.Gpt2Names;
import org.amend4j.transformer.RowsGraph.Linear;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.buffer.DataType;

/** The graph of a GPT-2, its vertices named as Hugging Face's modules; that of the words has the table of positions, too. */
final class Gpt2Graph {

    private final Gpt2Config config;
    private final RowsGraph graph;

    private Gpt2Graph(Gpt2Config config, RowsGraph graph) {
        this.config = config;
        this.graph = graph;
    }

    static ComputationGraphConfiguration of(Gpt2Config config, DataType type) {
        return new Gpt2Graph(config, new RowsGraph(type)).build();
    }

    private ComputationGraphConfiguration build() {
        TransformerEmbedding.Builder tables = new TransformerEmbedding.Builder()
                .nIn(config.vocabulary())
                .nOut(config.hiddenSize())
                .positions(config.positions(), 0);
        String rows = graph.embedding(Gpt2Names.WORD_TABLE, tables);
        for (int layer = 0; layer < config.layers(); layer++) {
            rows = layer(Gpt2Names.layer(layer), rows);
        }
        return graph.endingIn(
                graph.languageModelHead(norm(Gpt2Names.NORM, rows), config.hiddenSize(), config.vocabulary()));
    }

    /** @return the vertex of its result */
    private String layer(String layer, String rows) {
        String attention = attention(layer + "attn", norm(layer + "ln_1", rows));
        String attended = graph.add(layer + "attended", rows, attention);
        String narrow = feedForward(layer + "mlp", norm(layer + "ln_2", attended));
        return graph.add(layer + "result", attended, narrow);
    }

    private String attention(String name, String rows) {
        int width = config.hiddenSize();
        String together = graph.linear(name + ".c_attn", rows, new Linear(width, 3 * width, true));
        String attended = graph.fusedAttention(name, AttentionRule.causal(config.heads()), together);
        return graph.linear(name + ".c_proj", attended, new Linear(width, width, true));
    }

    private String feedForward(String name, String rows) {
        int width = config.hiddenSize();
        int inner = config.innerSize();
        Linear wider = new Linear(width, inner, true, RowsGraph.function(config.activation()));
        return graph.linear(
                name + ".c_proj", graph.linear(name + ".c_fc", rows, wider), new Linear(inner, width, true));
    }

    private String norm(String name, String rows) {
        return graph.norm(name, rows, config.hiddenSize(), new RowNorm.Builder(RowNorm.Kind.LAYER, config.epsilon()));
    }
}
