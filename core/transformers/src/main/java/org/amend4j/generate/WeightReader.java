/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.io.IOException;
import java.util.Optional;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.checkpoint.Weights;

/** Makes parts of a decoder of named weights, and refuses arrays of another size. */
final class WeightReader {

    private final Weights weights;

    WeightReader(Weights weights) {
        this.weights = weights;
    }

    Linear linear(String module, int outputs, int inputs, boolean biased) throws IOException {
        float[] weight = values(module + ".weight", (long) outputs * inputs);
        Matrix matrix = Matrix.ofLayer(weight, outputs, inputs);
        return new Linear(module, matrix, biased ? Optional.of(values(module + ".bias", outputs)) : Optional.empty());
    }

    /** A linear without bias, of another tensor's name. It computes few rows, and may be the table of embeddings. */
    Linear head(String name, int outputs, int inputs) throws IOException {
        float[] weight = values(name, (long) outputs * inputs);
        return new Linear("lm_head", TurnedMatrix.of(weight, outputs, inputs), Optional.empty());
    }

    /** The table of embeddings: the head's matrix, if it is the same, else an array. */
    Lookup words(CausalConfig config, Linear head, String module) throws IOException {
        int width = config.hiddenSize();
        Table table = config.tiedEmbeddings()
                ? head.matrix()::row
                : Table.of(values(module + ".weight", (long) config.vocabulary() * width), width);
        return new Lookup(module, table, config.vocabulary(), width);
    }

    float[] values(String name, long count) throws IOException {
        float[] values = weights.values(name);
        if (values.length != count) {
            throw new IllegalArgumentException(
                    "the weights '" + name + "' must have " + count + " values, got " + values.length);
        }
        return values;
    }
}
