/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.amend4j.internal.attention.Projections;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;

/** Weights that adapters can add to, in the order of their layer. */
final class Weights {

    private static final Set<String> PROJECTIONS = Set.of(Projections.QUERIES, Projections.KEYS, Projections.VALUES);
    private static final Set<String> MATRICES = Set.of(Projections.OUTPUT, "W", "RW");

    private final Map<String, WeightMatrix> all = new LinkedHashMap<>();

    /** The shape of a parameter of a layer written in SameDiff. */
    static long[] shape(SameDiffLayer layer, String key) {
        return Objects.requireNonNull(layer.getLayerParams().getParamShapes().get(key), key);
    }

    /** One weight under a key. */
    static Map<String, WeightMatrix> of(String key, WeightMatrix weight) {
        return Map.of(key, weight);
    }

    Weights with(String key, WeightMatrix weight) {
        all.put(key, weight);
        return this;
    }

    /** Those of a layer inside, whose keys have a prefix. */
    Weights of(String prefix, Layer inside) {
        LayerKinds.weights(inside).forEach((key, weight) -> all.put(prefix + key, weight));
        return this;
    }

    /** The four gates' weights for the inputs and for the last outputs; peepholes behind them get no adapter. */
    Weights gates(String input, String recurrent, boolean peepholes, long nIn, long n) {
        long columns = 4 * n;
        return with(input, WeightMatrix.plain(nIn, columns))
                .with(recurrent, peepholes ? WeightMatrix.firstColumns(n, columns) : WeightMatrix.plain(n, columns));
    }

    /**
     * What a layer written in SameDiff has: projections of an attention with several heads, [heads, size, inputs] each, and
     * matrices as they are; queries that are learned and biases get no adapter.
     *
     * @param shapes of the parameters, by key
     */
    Weights attention(Map<String, long[]> shapes) {
        shapes.forEach((key, shape) -> {
            if (PROJECTIONS.contains(key)) {
                with(key, WeightMatrix.ofAxes(shape, new int[] {2}, new int[] {0, 1}));
            } else if (MATRICES.contains(key)) {
                with(key, WeightMatrix.plain(shape[0], shape[1]));
            }
        });
        return this;
    }

    Map<String, WeightMatrix> all() {
        return Collections.unmodifiableMap(all);
    }
}
