/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.Weights;

/**
 * What a decoder computes, with its weights, whatever the family.
 *
 * @param frequencies by which positions turn queries and keys; none where they do not
 * @param norm in front of the head
 * @param head to the logits
 */
record DecoderModel(
        Embedding embedding, double[] frequencies, List<DecoderLayer> layers, Normalization norm, Linear head) {

    /** @throws IllegalArgumentException if weights have another size than the configuration says */
    static DecoderModel of(DecoderConfig config, Weights weights) throws IOException {
        return new LlamaWeights(config, new WeightReader(weights)).model();
    }

    /** All that adapters may add to. */
    List<Linear> linears() {
        List<Linear> linears = new ArrayList<>();
        layers.forEach(layer -> linears.addAll(layer.linears()));
        linears.add(head);
        return linears;
    }
}
