/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Optional;
import org.amend4j.checkpoint.VisionConfig;
import org.amend4j.checkpoint.VisionFamily;
import org.amend4j.checkpoint.VisionLayerNames;
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
        PatchEmbedding.Builder tables =
                new PatchEmbedding.Builder(config.patches()).nIn(width).nOut(width);
        if (config.family().hasMaskToken()) {
            tables.maskToken();
        }
        String rows = graph.patchEmbedding(names.embeddings(), tables, projected);
        for (int layer = 0; layer < config.layers(); layer++) {
            rows = layer(names.layer(layer), rows);
        }
        return norm(names.norm(), rows);
    }

    private String layer(VisionLayerNames layer, String rows) {
        int width = config.hiddenSize();
        Linear inner = new Linear(width, width, config.attentionBias());
        String before = norm(layer.normBefore(), rows);
        String attention = graph.attention(
                layer.attention(),
                AttentionRule.bidirectional(config.heads()),
                graph.linear(layer.query(), before, inner),
                graph.linear(layer.key(), before, inner),
                graph.linear(layer.value(), before, inner));
        String output = graph.linear(layer.output(), attention, new Linear(width, width, true));
        String middle = graph.add(layer.attended(), rows, scaled(layer.attentionScale(), output));
        String more = feedForward(layer, norm(layer.normAfter(), middle));
        return graph.add(layer.result(), middle, scaled(layer.feedForwardScale(), more));
    }

    private String feedForward(VisionLayerNames layer, String rows) {
        IActivation activation = RowsGraph.function(config.activation());
        int width = config.hiddenSize();
        int inner = config.intermediateSize();
        String wide = config.family().isGated()
                ? graph.fusedGate(
                        layer.feedForward().orElseThrow(),
                        activation,
                        graph.linear(layer.wide(), rows, new Linear(width, config.wideSize(), true)))
                : graph.linear(layer.wide(), rows, new Linear(width, inner, true, activation));
        return graph.linear(layer.narrow(), wide, new Linear(inner, width, true));
    }

    private String scaled(Optional<String> scale, String rows) {
        return scale.map(name -> graph.scale(name, rows, config.hiddenSize())).orElse(rows);
    }

    private String norm(String name, String rows) {
        return graph.norm(name, rows, config.hiddenSize(), new RowNorm.Builder(RowNorm.Kind.LAYER, config.epsilon()));
    }

    private String output(EncoderOutput output, String rows) {
        if (output instanceof EncoderOutput.Pooled pooled) {
            return graph.pooled("pooled", pooled.pooling(), rows);
        }
        return output instanceof EncoderOutput.Classes classes ? classifier(classes, rows) : rows;
    }

    private String classifier(EncoderOutput.Classes classes, String rows) {
        if (classes.pooling().isPresent()) {
            throw new IllegalArgumentException(
                    "a vision transformer says classes of the rows that its family's classifier reads: pooling must be"
                            + " empty, got " + classes.pooling().get());
        }
        String pooled = config.family() instanceof VisionFamily.Dinov2
                ? graph.classTokenAndMean("pooled", rows)
                : graph.pooled("pooled", Pooling.FIRST, rows);
        return graph.classes(
                VisionNames.CLASSIFIER,
                config.classifierInputs(),
                classes.labels().size(),
                pooled);
    }
}
