/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;

/**
 * Removes the freezing wrappers that Deeplearning4j's {@code TransferLearning} puts around layers. The wrapped layer computes the
 * same and has the same parameters under the same names.
 */
public final class Unfrozen {

    private Unfrozen() {}

    /** Whether Deeplearning4j keeps a layer's parameters as they are. */
    public static boolean isFrozen(Layer layer) {
        return layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop;
    }

    /** Whether Deeplearning4j hands no gradient on to what is below a layer. */
    public static boolean stopsGradients(Layer layer) {
        return layer instanceof FrozenLayer;
    }

    /** The layer inside of one that {@linkplain #stopsGradients stops gradients}; any other layer itself. */
    public static Layer ofStopped(Layer layer) {
        return layer instanceof FrozenLayer frozen ? frozen.getLayer() : layer;
    }

    /** The running layer inside of Deeplearning4j's freezing wrappers. */
    public static org.deeplearning4j.nn.api.Layer running(org.deeplearning4j.nn.api.Layer layer) {
        if (layer instanceof org.deeplearning4j.nn.layers.FrozenLayer frozen) {
            return running(frozen.getInsideLayer());
        }
        return layer instanceof org.deeplearning4j.nn.layers.FrozenLayerWithBackprop frozen
                ? running(frozen.getInsideLayer())
                : layer;
    }

    /** The layer inside, or the layer itself if nothing freezes it. */
    public static Layer of(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return of(frozen.getLayer());
        }
        return layer instanceof FrozenLayerWithBackprop frozen ? of(frozen.getUnderlying()) : layer;
    }
}
