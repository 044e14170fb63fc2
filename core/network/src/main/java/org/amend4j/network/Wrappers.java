/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;

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

    /** The layers a layer works with, one level down: of a wrapper what it is around; none of most. */
    public static List<Layer> inside(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return List.of(frozen.getLayer());
        }
        if (layer instanceof Wraps<?> wrapper && wrapper.inner() instanceof Layer inner) {
            return List.of(inner);
        }
        if (layer instanceof Bidirectional both) {
            return List.of(both.getFwd(), both.getBwd());
        }
        return layer instanceof BaseWrapperLayer wrapper ? List.of(wrapper.getUnderlying()) : List.of();
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
