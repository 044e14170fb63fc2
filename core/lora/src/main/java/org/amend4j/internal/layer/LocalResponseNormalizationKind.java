/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import org.amend4j.internal.network.LayerKind;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;

/** Channels scaled by their neighbours; not expressed as operations. */
public final class LocalResponseNormalizationKind implements LayerKind<LocalResponseNormalization> {

    @Override
    public Class<LocalResponseNormalization> configuration() {
        return LocalResponseNormalization.class;
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
