/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Optional;
import org.amend4j.network.LayerKind;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;

/** A transposed convolution of images; not expressed as operations. */
public final class DeconvolutionKind implements LayerKind<Deconvolution2D> {

    @Override
    public Class<Deconvolution2D> configuration() {
        return Deconvolution2D.class;
    }

    @Override
    public Optional<Boolean> channelsFirst(Deconvolution2D layer) {
        return Convolutions.channelsFirst(layer);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
