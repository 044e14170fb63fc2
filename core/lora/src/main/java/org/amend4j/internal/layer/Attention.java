/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.HashMap;
import java.util.Map;
import org.amend4j.internal.attention.Projections;
import org.amend4j.internal.network.ExampleProducts;

/** The products of an attention, with several heads or without any weights. */
final class Attention {

    private Attention() {}

    /**
     * How many vectors of how many values meet.
     *
     * @param queries for each of which all keys are compared and all values added
     * @param keys as many as there are values
     * @param keyWidth values of a key, if it is not projected
     * @param valueWidth those of a value
     */
    record Sizes(long queries, long keys, long keyWidth, long valueWidth) {}

    /**
     * Of each query with each key, and of each query's scores with the values.
     *
     * @param shapes of the parameters, by key; projections are [heads, size, inputs]
     */
    static ExampleProducts products(Map<String, long[]> shapes, Sizes sizes) {
        long width = width(shapes, Projections.KEYS, sizes.keyWidth())
                + width(shapes, Projections.VALUES, sizes.valueWidth());
        Map<String, ExampleProducts.Use> uses = new HashMap<>();
        if (shapes.containsKey(Projections.OUTPUT)) {
            uses.put(Projections.QUERIES, new ExampleProducts.Use(sizes.queries(), 0, false));
            uses.put(Projections.KEYS, new ExampleProducts.Use(sizes.keys(), 0, false));
            uses.put(Projections.VALUES, new ExampleProducts.Use(sizes.keys(), 0, false));
            uses.put(Projections.OUTPUT, new ExampleProducts.Use(sizes.queries(), 0, true));
        }
        return new ExampleProducts(uses, sizes.queries() * sizes.keys() * width);
    }

    private static long width(Map<String, long[]> shapes, String projection, long otherwise) {
        long[] shape = shapes.get(projection);
        return shape == null ? otherwise : shape[0] * shape[1];
    }
}
