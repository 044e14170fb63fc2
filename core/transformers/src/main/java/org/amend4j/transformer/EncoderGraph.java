/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderFamily;
import org.amend4j.checkpoint.EncoderLayerNames;
import org.amend4j.checkpoint.EncoderNames;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.transformer.RowsGraph.Linear;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;

/** The graph of an encoder built like BERT, its vertices named as Hugging Face's modules. */
final class EncoderGraph {

    private final EncoderConfig config;
    private final EncoderNames names;
    private final RowsGraph graph;

    private EncoderGraph(EncoderConfig config, RowsGraph graph) {
        this.config = config;
        this.names = new EncoderNames(config);
        this.graph = graph;
    }

    /** @param config with the head that names follow from */
    static ComputationGraphConfiguration of(EncoderConfig config, EncoderOutput output, DataType type) {
        EncoderGraph encoder = new EncoderGraph(config, new RowsGraph(type));
        return encoder.graph.endingIn(encoder.output(output, encoder.rows()));
    }

    private String rows() {
        TransformerEmbedding.Builder tables = new TransformerEmbedding.Builder()
                .nIn(config.vocabulary())
                .nOut(config.hiddenSize())
                .positions(config.positions(), config.family().positionOffset());
        if (config.types() > 0) {
            tables.types(config.types());
        }
        String rows = norm(names.embeddings() + ".LayerNorm", graph.embedding(names.wordEmbeddings(), tables));
        for (int layer = 0; layer < config.layers(); layer++) {
            rows = layer(names.layer(layer), rows);
        }
        return rows;
    }

    private String layer(EncoderLayerNames layer, String rows) {
        int width = config.hiddenSize();
        Linear square = new Linear(width, width, true);
        String attention = graph.attention(
                layer.attention(),
                AttentionRule.bidirectional(config.heads()),
                graph.linear(layer.query(), rows, square),
                graph.linear(layer.key(), rows, square),
                graph.linear(layer.value(), rows, square));
        String output = graph.linear(layer.output(), attention, square);
        String middle = norm(layer.attentionNorm(), graph.add(layer.attended(), rows, output));
        IActivation activation = RowsGraph.function(config.activation());
        String wide =
                graph.linear(layer.wide(), middle, new Linear(width, config.intermediateSize(), true, activation));
        String narrow = graph.linear(layer.narrow(), wide, new Linear(config.intermediateSize(), width, true));
        return norm(layer.norm(), graph.add(layer.result(), middle, narrow));
    }

    private String norm(String name, String rows) {
        return graph.norm(name, rows, config.hiddenSize(), new RowNorm.Builder(RowNorm.Kind.LAYER, config.epsilon()));
    }

    private String output(EncoderOutput output, String rows) {
        if (output instanceof EncoderOutput.Pooled pooled) {
            return graph.pooled("pooled", pooled.pooling(), rows);
        }
        if (output instanceof EncoderOutput.Classes classes) {
            return classifier(classes, rows);
        }
        return output instanceof EncoderOutput.MaskedTokens ? scores(rows) : rows;
    }

    /** RoBERTa's has the exact GELU, whatever its layers have. */
    private String scores(String rows) {
        int width = config.hiddenSize();
        HiddenActivation activation =
                config.family() == EncoderFamily.ROBERTA ? HiddenActivation.GELU : config.activation();
        String dense =
                graph.linear(names.headDense(), rows, new Linear(width, width, true, RowsGraph.function(activation)));
        LanguageModelHead.Builder head =
                new LanguageModelHead.Builder().biased().nIn(width).nOut(config.vocabulary());
        String positions = graph.positions("positions", norm(names.headNorm(), dense));
        return graph.output(names.scores(), head.build(), positions);
    }

    private String classifier(EncoderOutput.Classes classes, String rows) {
        int width = config.hiddenSize();
        String pooled = graph.pooled("pooled", classes.pooling().orElse(Pooling.FIRST), rows);
        Activation function = config.family() == EncoderFamily.DISTILBERT ? Activation.RELU : Activation.TANH;
        String below = classes.pooling().isPresent()
                ? pooled
                : graph.linear(
                        names.pooler(), pooled, new Linear(width, width, true, function.getActivationFunction()));
        return graph.classes(names.classifier(), width, classes.labels().size(), below);
    }
}
