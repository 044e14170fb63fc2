/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.LoraConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Rows of an embedding that an adapter has trained, in place of the base's (PEFT's {@code trainable_token_indices}). The array
 * is not copied.
 *
 * @param vertex name of the embedding
 * @param indices the tokens, each once, >= 0
 * @param rows their vectors in the same order: [tokens, dimensions], FLOAT or DOUBLE
 */
public record TrainedTokens(String vertex, List<Integer> indices, INDArray rows) {

    /** @throws IllegalArgumentException if the rows are not those of the indices */
    public TrainedTokens {
        Checks.name("the vertex of trained tokens", vertex);
        indices = List.copyOf(indices);
        String place = "the trained tokens of '" + vertex + "'";
        if (new HashSet<>(indices).size() != indices.size() || indices.stream().anyMatch(index -> index < 0)) {
            throw new IllegalArgumentException(place + " must be >= 0 and different, got " + indices);
        }
        ArrayChecks.floating(place, rows);
        if (rows.rank() != 2 || rows.size(0) != indices.size()) {
            throw new IllegalArgumentException(
                    place + " must have " + indices.size() + " rows, got the shape " + ArrayChecks.shape(rows));
        }
    }

    /** A configuration that names these tokens and no others. */
    static LoraConfig named(LoraConfig config, List<TrainedTokens> tokens) {
        Map<String, List<Integer>> indices = new LinkedHashMap<>();
        tokens.forEach(some -> indices.put(some.vertex(), some.indices()));
        return config.withTrainedTokens(indices);
    }
}
