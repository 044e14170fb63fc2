/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerParameters;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.model.TorchLayer;
import org.amend4j.transformer.RowNorm;

/** Rows normalised by their root mean square, or by mean and variance. */
public final class RowNormKind implements LayerKind<RowNorm> {

    @Override
    public Class<RowNorm> configuration() {
        return RowNorm.class;
    }

    @Override
    public int read(LayerReading<RowNorm> reading) {
        RowNorm layer = reading.layer();
        LayerParameters parameters = reading.parameters();
        boolean aroundOne = layer.kind() == RowNorm.Kind.ROOT_MEAN_SQUARE_AROUND_ONE;
        Operation norm = layer.kind() == RowNorm.Kind.LAYER
                ? new Operation.LayerNorm(
                        parameters.inOrder(RowNorm.GAIN),
                        Optional.of(parameters.inOrder(RowNorm.BIAS)),
                        layer.epsilon())
                : new Operation.RmsNorm(parameters.inOrder(RowNorm.GAIN), aroundOne, layer.epsilon());
        if (reading.from().pixels() != 1 || reading.from().channels() != layer.getNIn()) {
            throw reading.unsupported("reads rows of " + layer.getNIn() + ", got " + reading.from());
        }
        if (layer.parts() == 1) {
            return reading.add(norm, reading.from());
        }
        Shape parts = new Shape(1, layer.parts(), reading.from().channels() / layer.parts());
        int each = reading.add(norm, reading.add(new Operation.Reshape(), parts), parts);
        return reading.add(new Operation.Reshape(), each, reading.from());
    }

    @Override
    public List<String> biases(RowNorm layer) {
        return layer.kind() == RowNorm.Kind.LAYER ? List.of(RowNorm.BIAS) : List.of();
    }

    @Override
    public TorchLayer torch(RowNorm layer) {
        return TorchLayer.ROW_NORM;
    }

    @Override
    public boolean readsTokenRows() {
        return true;
    }
}
