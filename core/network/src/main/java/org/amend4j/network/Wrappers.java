/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;

/** Configurations without what only freezes them or does their work in another way. */
public final class Wrappers {

    private Wrappers() {}

    /** What a layer computes once everything that only freezes or replaces it is taken off. */
    public static Layer innermost(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return innermost(frozen.getLayer());
        }
        return layer instanceof Wraps<?> wrapper && wrapper.inner() instanceof Layer inner ? innermost(inner) : layer;
    }

    /** What a vertex does once everything that only freezes it is taken off. */
    public static GraphVertex innermost(GraphVertex vertex) {
        if (vertex instanceof FrozenVertex frozen) {
            return innermost(frozen.getUnderlying());
        }
        return vertex instanceof Wraps<?> wrapper && wrapper.inner() instanceof GraphVertex inner
                ? innermost(inner)
                : vertex;
    }
}
