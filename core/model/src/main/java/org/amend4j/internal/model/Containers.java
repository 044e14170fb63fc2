/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.util.List;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;

/** Deeplearning4j's layers that contain layers; they have no common interface. */
public final class Containers {

    private Containers() {}

    /** The layers that a layer is made of; none for most. */
    public static List<Layer> inside(Layer layer) {
        if (layer instanceof Bidirectional both) {
            return List.of(both.getFwd(), both.getBwd());
        }
        return layer instanceof BaseWrapperLayer wrapper ? List.of(wrapper.getUnderlying()) : List.of();
    }

    /** Puts others in the place of the layers inside. */
    static void replace(Layer layer, UnaryOperator<Layer> by) {
        if (layer instanceof BaseWrapperLayer wrapper) {
            wrapper.setUnderlying(by.apply(wrapper.getUnderlying()));
        } else if (layer instanceof Bidirectional both) {
            both.setFwd(by.apply(both.getFwd()));
            both.setBwd(by.apply(both.getBwd()));
        }
    }
}
