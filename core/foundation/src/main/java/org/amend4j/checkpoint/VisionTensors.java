/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.Map;

/** The tensors of a vision transformer. */
record VisionTensors(VisionConfig config, VisionNames names) implements ModelTensors {

    VisionTensors(VisionConfig config) {
        this(config, new VisionNames(config));
    }

    @Override
    public Map<String, List<Long>> outside() {
        long hidden = config.hiddenSize();
        Shapes shapes = new Shapes()
                .tensor(names.classToken(), 1, 1, hidden)
                .tensor(names.positions(), 1, config.patches() + 1L, hidden)
                .tensor(
                        names.projection() + ".weight",
                        hidden,
                        config.channels(),
                        config.patchSize(),
                        config.patchSize())
                .vector(names.projection() + ".bias", hidden)
                .norm(names.norm(), hidden);
        if (config.head() instanceof EncoderHead.Classifier classifier) {
            shapes.linear(VisionNames.CLASSIFIER, classifier.labels().size(), hidden, true);
        }
        return shapes.all();
    }

    @Override
    public Map<String, List<Long>> ofLayer(int index) {
        String layer = names.layer(index);
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        boolean bias = config.attentionBias();
        return new Shapes()
                .norm(layer + "layernorm_before", hidden)
                .linear(layer + "attention.attention.query", hidden, hidden, bias)
                .linear(layer + "attention.attention.key", hidden, hidden, bias)
                .linear(layer + "attention.attention.value", hidden, hidden, bias)
                .linear(layer + "attention.output.dense", hidden, hidden, true)
                .norm(layer + "layernorm_after", hidden)
                .linear(layer + "intermediate.dense", inner, hidden, true)
                .linear(layer + "output.dense", hidden, inner, true)
                .all();
    }

    @Override
    public Map<String, List<Long>> optional() {
        long hidden = config.hiddenSize();
        return config.head() instanceof EncoderHead.None
                ? new Shapes().linear(names.pooler(), hidden, hidden, true).all()
                : Map.of();
    }

    @Override
    public boolean isIgnored(String name) {
        return false;
    }
}
