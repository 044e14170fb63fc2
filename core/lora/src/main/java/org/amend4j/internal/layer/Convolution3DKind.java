/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.ConvolutionParamInitializer.WEIGHT_KEY;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;

/** A convolution of volumes. */
public final class Convolution3DKind implements LayerKind<Convolution3D> {

    @Override
    public Class<Convolution3D> configuration() {
        return Convolution3D.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(Convolution3D layer) {
        int[] size = layer.getKernelSize();
        long[] shape = {layer.getNOut(), layer.getNIn(), size[0], size[1], size[2]};
        return Weights.of(
                WEIGHT_KEY,
                WeightMatrix.ofAxes(shape, new int[] {1, 2, 3, 4}, new int[] {0}, size[0], size[1], size[2]));
    }

    @Override
    public Optional<ExampleProducts> products(Convolution3D layer, InputType from, InputType to) {
        return ExampleProducts.at(to, weights(layer).keySet());
    }
}
