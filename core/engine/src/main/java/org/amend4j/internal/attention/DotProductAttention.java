/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.attention;

import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@code softmax(Q·Kᵀ/√k + (mask − 1)·10⁹)·V} of each example in each head, k being the size of a key in one head: what Deeplearning4j's
 * {@code dot_product_attention} computes. Where all keys of an example are masked, what rounding leaves of their scores decides.
 *
 * @param queries Q, [examples · queries, heads · k], or [queries, heads · k] that all examples share
 * @param keys K, [examples · keys, heads · k]
 * @param values V, [examples · keys, heads · v]
 * @param mask [examples, keys], 1 for keys that count and 0 for those that do not
 */
public record DotProductAttention(
        AttentionSizes sizes, INDArray queries, INDArray keys, INDArray values, Optional<INDArray> mask) {

    /** What is added to the score of a key that a mask leaves out. */
    static final double MASKED = -1e9;

    /** @throws IllegalArgumentException if shapes do not fit to one another */
    public DotProductAttention {
        require("queries", queries, sharesQueries(queries, sizes) ? 1 : sizes.examples(), sizes.queries());
        require("keys", keys, sizes.examples(), sizes.keys());
        require("values", values, sizes.examples(), sizes.keys());
        if (queries.size(1) != keys.size(1)
                || keys.size(1) % sizes.heads() != 0
                || values.size(1) % sizes.heads() != 0) {
            throw new IllegalArgumentException("queries, keys and values must be as wide as " + sizes.heads()
                    + " heads, the first two alike, got " + queries.size(1) + ", " + keys.size(1) + " and "
                    + values.size(1));
        }
        mask.ifPresent(array -> {
            if (array.rank() != 2 || array.size(0) != sizes.examples() || array.size(1) != sizes.keys()) {
                throw new IllegalArgumentException("the mask of the keys must be [" + sizes.examples() + ", "
                        + sizes.keys() + "], got " + Arrays.toString(array.shape()));
            }
        });
    }

    private static void require(String name, INDArray rows, int examples, int each) {
        if (rows.rank() != 2 || rows.size(0) != (long) examples * each) {
            throw new IllegalArgumentException(
                    name + " must be " + examples + " times " + each + " rows, got " + Arrays.toString(rows.shape()));
        }
    }

    private static boolean sharesQueries(INDArray queries, AttentionSizes sizes) {
        return queries.size(0) == sizes.queries();
    }

    /** Whether all examples have the same queries. */
    boolean sharesQueries() {
        return sharesQueries(queries, sizes);
    }

    /**
     * The derivatives at the arguments, of their shapes.
     *
     * @param queries of shared ones their sum
     */
    public record Gradients(INDArray queries, INDArray keys, INDArray values) {}

    /**
     * Writes the attention.
     *
     * @param output [examples · queries, heads · v], in C order
     */
    public void forward(INDArray output) {
        if (NativeAttention.takes(this, output)) {
            new NativeAttention(this).forward(output);
        } else {
            new PortableAttention(this).forward(output);
        }
    }

    /** From the derivative at the attention, [examples · queries, heads · v]. */
    public Gradients backward(INDArray d) {
        return NativeAttention.takes(this, d)
                ? new NativeAttention(this).backward(d)
                : new PortableAttention(this).backward(d);
    }

    static INDArray like(INDArray array) {
        return Nd4j.createUninitialized(array.dataType(), array.shape(), 'c');
    }
}
