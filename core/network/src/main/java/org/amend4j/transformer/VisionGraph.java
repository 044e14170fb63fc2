/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import org.amend4j.checkpoint.VisionConfig;
import org.amend4j.checkpoint.VisionNames;
import org.amend4j.transformer.RowsGraph.Linear;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;

/** The graph of a vision transformer, its vertices named as Hugging Face's modules. */
final class VisionGraph {

    private final VisionConfig config;
    private final VisionNames names;
    private final RowsGraph graph;

    private VisionGraph(VisionConfig config, RowsGraph graph) {
        this.config = config;
        this.names = new VisionNames(config);
        this.graph = graph;
    }

    /** @param config with the head that names follow from */
    static ComputationGraphConfiguration of(VisionConfig config, EncoderOutput output, DataType type) {
        RowsGraph graph = RowsGraph.ofPictures(type, 1 + config.patches());
        VisionGraph vision = new VisionGraph(config, graph);
        return graph.endingIn(vision.output(output, vision.rows()));
    }

    private String rows() {
        int width = config.hiddenSize();
        String patches = graph.patches("patches", new PicturePatches(config.imageSize(), config.patchSize()));
        String projected = graph.linear(names.projection(), patches, new Linear(config.patchWidth(), width, true));
        String rows = graph.patchEmbedding(
                names.embeddings(),
                new PatchEmbedding.Builder(config.patches()).nIn(width).nOut(width),
                projected);
        for (int layer = 0; layer < config.layers(); layer++) {
            rows = layer(names.layer(layer), rows);
        }
        return norm(names.norm(), rows);
    }

    private String layer(String layer, String rows) {
        int width = config.hiddenSize();
        Linear inner = new Linear(width, width, config.attentionBias());
        String before = norm(layer + "layernorm_before", rows);
        String self = layer + "attention.attention";
        String attention = graph.attention(
                self,
                AttentionRule.bidirectional(config.heads()),
                graph.linear(self + ".query", before, inner),
                graph.linear(self + ".key", before, inner),
                graph.linear(self + ".value", before, inner));
        String output = graph.linear(layer + "attention.output.dense", attention, new Linear(width, width, true));
        String middle = graph.add(layer + "attended", rows, output);
        IActivation activation = RowsGraph.function(config.activation());
        String wide = graph.linear(
                layer + "intermediate.dense",
                norm(layer + "layernorm_after", middle),
                new Linear(width, config.intermediateSize(), true, activation));
        String narrow = graph.linear(layer + "output.dense", wide, new Linear(config.intermediateSize(), width, true));
        return graph.add(layer + "result", middle, narrow);
    }

    private String norm(String name, String rows) {
        return graph.norm(name, rows, config.hiddenSize(), new RowNorm.Builder(RowNorm.Kind.LAYER, config.epsilon()));
    }

    private String output(EncoderOutput output, String rows) {
        if (output instanceof EncoderOutput.Pooled pooled) {
            return graph.pooled("pooled", pooled.pooling(), rows);
        }
        if (output instanceof EncoderOutput.Classes classes) {
            if (classes.pooling().isPresent()) {
                throw new IllegalArgumentException(
                        "a vision transformer says classes of its class token's row: pooling must be empty, got "
                                + classes.pooling().get());
            }
            String pooled = graph.pooled("pooled", Pooling.FIRST, rows);
            return graph.classes(
                    VisionNames.CLASSIFIER,
                    config.hiddenSize(),
                    classes.labels().size(),
                    pooled);
        }
        return rows;
    }
}
