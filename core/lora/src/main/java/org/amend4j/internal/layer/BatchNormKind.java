/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.layer.FrozenBatchNorm;
import org.amend4j.internal.network.ChannelAffine;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerParameters;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Values.Constant;
import org.amend4j.model.TorchLayer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A batch norm with stored statistics; frozen. */
public final class BatchNormKind implements LayerKind<BatchNormalization> {

    private static final String OBSTACLE = "normalises with the batch's statistics: freeze it as part of a base model";

    @Override
    public Class<BatchNormalization> configuration() {
        return BatchNormalization.class;
    }

    @Override
    public List<String> biases(BatchNormalization layer) {
        return List.of(); // what is frozen of it runs on stored statistics, as one function of each channel
    }

    @Override
    public int read(LayerReading<BatchNormalization> reading) {
        LayerParameters parameters = reading.parameters();
        if (parameters.trained()) {
            throw reading.unsupported(OBSTACLE);
        }
        ChannelAffine affine = ChannelAffine.of(reading.layer(), parameters.arrays())
                .orElseThrow(() -> reading.unsupported("is a batch norm with a locked gamma or beta"));
        Shape shape = reading.from();
        int channels = affine.factor().length;
        if (channels != shape.channels()) {
            throw reading.unsupported("normalises " + channels + " channels, got " + shape);
        }
        Operation operation = new Operation.Affine(
                Constant.computed(reading.vertex() + ".factor", channels, affine::factor),
                Constant.computed(reading.vertex() + ".shift", channels, affine::shift));
        return reading.add(operation, shape);
    }

    @Override
    public boolean runsOnBase(BatchNormalization layer) {
        return true;
    }

    @Override
    public Layer onBase(
            BatchNormalization layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new FrozenBatchNorm(layer, conf, weights, type);
    }

    @Override
    public TorchLayer torch(BatchNormalization layer) {
        return TorchLayer.BATCH_NORM;
    }

    @Override
    public boolean mixesExamples() {
        return true;
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }

    @Override
    public Optional<String> gradientObstacle() {
        return Optional.of(OBSTACLE);
    }
}
