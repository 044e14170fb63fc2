/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Optional;
import org.amend4j.network.LayerKind;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;

/** A convolution of each channel by itself, then one of single pixels; not known in operations. */
public final class SeparableConvolutionKind implements LayerKind<SeparableConvolution2D> {

    @Override
    public Class<SeparableConvolution2D> configuration() {
        return SeparableConvolution2D.class;
    }

    @Override
    public Optional<Boolean> channelsFirst(SeparableConvolution2D layer) {
        return Convolutions.channelsFirst(layer);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
