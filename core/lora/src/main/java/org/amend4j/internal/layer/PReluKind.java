/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import org.amend4j.internal.network.LayerKind;
import org.deeplearning4j.nn.conf.layers.PReLULayer;

/** A rectifier with learned slopes. */
public final class PReluKind implements LayerKind<PReLULayer> {

    @Override
    public Class<PReLULayer> configuration() {
        return PReLULayer.class;
    }

    @Override
    public boolean overwritesInput() {
        return true;
    }
}
