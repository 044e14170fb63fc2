/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import org.amend4j.internal.model.Containers;
import org.amend4j.internal.model.Unfrozen;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;

/** Unwraps configurations from those that only freeze or reimplement them. */
public final class Wrappers {

    private Wrappers() {}

    /** What a layer computes once everything that only freezes or replaces it is taken off. */
    public static Layer innermost(Layer layer) {
        if (Unfrozen.stopsGradients(layer)) {
            return innermost(Unfrozen.ofStopped(layer));
        }
        return layer instanceof LayerWrapper<?> wrapper && wrapper.inner() instanceof Layer inner
                ? innermost(inner)
                : layer;
    }

    /** The layers a layer works with, one level down: of a wrapper what it is around; none of most. */
    public static List<Layer> inside(Layer layer) {
        if (Unfrozen.stopsGradients(layer)) {
            return List.of(Unfrozen.ofStopped(layer));
        }
        return layer instanceof LayerWrapper<?> wrapper && wrapper.inner() instanceof Layer inner
                ? List.of(inner)
                : Containers.inside(layer);
    }

    /** What a vertex does once everything that only freezes it is taken off. */
    public static GraphVertex innermost(GraphVertex vertex) {
        if (vertex instanceof FrozenVertex frozen) {
            return innermost(frozen.getUnderlying());
        }
        return vertex instanceof LayerWrapper<?> wrapper && wrapper.inner() instanceof GraphVertex inner
                ? innermost(inner)
                : vertex;
    }
}
