/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tensors of an encoder. */
record EncoderTensors(EncoderConfig config, EncoderNames names) implements ModelTensors {

    /** Norms' names in files that TensorFlow's were made into. */
    private static final Pattern OLDER = Pattern.compile("(.*LayerNorm)\\.(gamma|beta)");

    EncoderTensors(EncoderConfig config) {
        this(config, new EncoderNames(config));
    }

    @Override
    public Map<String, List<Long>> outside() {
        long hidden = config.hiddenSize();
        Shapes shapes = new Shapes()
                .matrix(names.words(), config.vocabulary(), hidden)
                .matrix(names.positions(), config.positions(), hidden);
        if (config.types() > 0) {
            shapes.matrix(names.types(), config.types(), hidden);
        }
        shapes.norm(names.embeddings() + ".LayerNorm", hidden);
        if (config.head() instanceof EncoderHead.MaskedTokens) {
            shapes.linear(names.headDense(), hidden, hidden, true)
                    .norm(names.headNorm(), hidden)
                    .vector(names.headBias(), config.vocabulary());
        }
        if (config.head() instanceof EncoderHead.Classifier classifier) {
            shapes.linear(names.pooler(), hidden, hidden, true)
                    .linear(names.classifier(), classifier.labels().size(), hidden, true);
        }
        return shapes.all();
    }

    @Override
    public Map<String, List<Long>> ofLayer(int index) {
        EncoderLayerNames layer = names.layer(index);
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        return new Shapes()
                .linear(layer.query(), hidden, hidden, true)
                .linear(layer.key(), hidden, hidden, true)
                .linear(layer.value(), hidden, hidden, true)
                .linear(layer.output(), hidden, hidden, true)
                .norm(layer.attentionNorm(), hidden)
                .linear(layer.wide(), inner, hidden, true)
                .linear(layer.narrow(), hidden, inner, true)
                .norm(layer.norm(), hidden)
                .all();
    }

    @Override
    public Map<String, List<Long>> optional() {
        long hidden = config.hiddenSize();
        return config.head() instanceof EncoderHead.None && config.family().isTyped()
                ? new Shapes().linear(names.pooler(), hidden, hidden, true).all()
                : Map.of();
    }

    @Override
    public boolean isIgnored(String name) {
        return name.equals(names.embeddings() + ".position_ids")
                || (config.head() instanceof EncoderHead.MaskedTokens && names.isBesideMaskedTokens(name))
                || names.isUnusedPooler(name);
    }

    @Override
    public Map<String, String> copies() {
        return config.head() instanceof EncoderHead.MaskedTokens
                ? Map.of(names.scores() + ".weight", names.words(), names.scores() + ".bias", names.headBias())
                : Map.of();
    }

    @Override
    public String canonical(String stored) {
        Matcher older = OLDER.matcher(stored);
        return older.matches() ? older.group(1) + (older.group(2).equals("gamma") ? ".weight" : ".bias") : stored;
    }
}
