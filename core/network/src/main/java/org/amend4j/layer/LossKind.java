/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import org.amend4j.network.LayerKind;
import org.amend4j.network.LayerReading;
import org.deeplearning4j.nn.conf.layers.LossLayer;

/** A loss on what it is given. */
public final class LossKind implements LayerKind<LossLayer> {

    @Override
    public Class<LossLayer> configuration() {
        return LossLayer.class;
    }

    @Override
    public int read(LayerReading<LossLayer> reading) {
        LossLayer layer = reading.layer();
        return reading.end(
                layer.getLossFn(),
                layer.getActivationFn(),
                activation -> reading.elementwise(activation, reading.input()));
    }
}
