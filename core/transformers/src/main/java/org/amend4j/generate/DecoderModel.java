/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.Gpt2Config;
import org.amend4j.checkpoint.Weights;

/**
 * What a decoder computes, with its weights, whatever the family.
 *
 * @param rotations of queries and keys by position; empty where positions turn nothing
 * @param keyValueWidth numbers of a row of keys, and of values
 * @param norm in front of the head
 * @param head to the logits
 */
record DecoderModel(
        Embedding embedding,
        IntFunction<Optional<Rotation>> rotations,
        int keyValueWidth,
        List<DecoderLayer> layers,
        Normalization norm,
        Linear head) {

    /** @throws IllegalArgumentException if weights have another size than the configuration says */
    static DecoderModel of(CausalConfig config, Weights weights) throws IOException {
        WeightReader reader = new WeightReader(weights);
        return config instanceof Gpt2Config gpt2
                ? new Gpt2Weights(gpt2, reader).model()
                : new LlamaWeights((DecoderConfig) config, reader).model();
    }

    /** All whose products adapters may change. */
    List<Linear> linears() {
        List<Linear> linears = new ArrayList<>();
        layers.forEach(layer -> linears.addAll(layer.linears()));
        linears.add(head);
        return linears;
    }

    /** Biases of norms, by their paths. */
    Map<String, float[]> biasesOfNorms() {
        Map<String, float[]> biases = new TreeMap<>(norm.biases());
        layers.stream().flatMap(DecoderLayer::norms).forEach(some -> biases.putAll(some.biases()));
        return biases;
    }
}
