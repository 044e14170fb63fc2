/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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
        if (config.family().hasMaskToken()) {
            shapes.matrix(names.maskToken(), 1, hidden);
        }
        if (config.head() instanceof EncoderHead.Classifier classifier) {
            shapes.linear(VisionNames.CLASSIFIER, classifier.labels().size(), config.classifierInputs(), true);
        }
        return shapes.all();
    }

    @Override
    public Map<String, List<Long>> ofLayer(int index) {
        VisionLayerNames layer = names.layer(index);
        long hidden = config.hiddenSize();
        boolean bias = config.attentionBias();
        Shapes shapes = new Shapes()
                .norm(layer.normBefore(), hidden)
                .linear(layer.query(), hidden, hidden, bias)
                .linear(layer.key(), hidden, hidden, bias)
                .linear(layer.value(), hidden, hidden, bias)
                .linear(layer.output(), hidden, hidden, true)
                .norm(layer.normAfter(), hidden)
                .linear(layer.wide(), config.wideSize(), hidden, true)
                .linear(layer.narrow(), hidden, config.intermediateSize(), true);
        Stream.of(layer.attentionScale(), layer.feedForwardScale())
                .flatMap(Optional::stream)
                .forEach(scale -> shapes.vector(scale + VisionLayerNames.LAMBDA, hidden));
        return shapes.all();
    }

    @Override
    public Map<String, List<Long>> optional() {
        long hidden = config.hiddenSize();
        return config.family() instanceof VisionFamily.Vit && config.head() instanceof EncoderHead.None
                ? new Shapes().linear(names.pooler(), hidden, hidden, true).all()
                : Map.of();
    }

    @Override
    public boolean isIgnored(String name) {
        return false;
    }
}
