/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import org.amend4j.network.LayerKind;
import org.amend4j.network.LayerReading;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;

/** Dropout, which does nothing to a network that is read. */
public final class DropoutKind implements LayerKind<DropoutLayer> {

    @Override
    public Class<DropoutLayer> configuration() {
        return DropoutLayer.class;
    }

    @Override
    public int read(LayerReading<DropoutLayer> reading) {
        return reading.input();
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
