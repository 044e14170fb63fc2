/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.layer.LoraDense;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerParameters;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.model.TorchLayer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A dense layer, with or without layer norm; with it, an adapter adds to the weight. */
public final class DenseKind implements LayerKind<DenseLayer> {

    /** Of a layer norm's variance: a row without any is divided by 1e-12, as ND4J does. */
    private static final double EPSILON = 1e-24;

    @Override
    public Class<DenseLayer> configuration() {
        return DenseLayer.class;
    }

    @Override
    public int read(LayerReading<DenseLayer> reading) {
        DenseLayer layer = reading.layer();
        reading.requireNoWeightNoise(layer);
        boolean normed = layer.hasLayerNorm();
        int sums = reading.product(layer.getNIn(), layer.getNOut(), layer.hasBias() && !normed, Activation.IDENTITY);
        return reading.activated(layer.getActivationFn(), normed ? layerNorm(reading, sums) : sums);
    }

    private static int layerNorm(LayerReading<DenseLayer> reading, int sums) {
        LayerParameters parameters = reading.parameters();
        Operation norm = new Operation.LayerNorm(
                parameters.inOrder(DefaultParamInitializer.GAIN_KEY),
                parameters.vector(
                        DefaultParamInitializer.BIAS_KEY, reading.layer().hasBias()),
                EPSILON);
        return reading.add(norm, sums, reading.shapeOf(sums));
    }

    @Override
    public Optional<DenseForm> denseForm(DenseLayer layer) {
        return Optional.of(DenseForm.stock(
                layer,
                layer.hasBias(),
                layer.hasLayerNorm()
                        ? new DenseForm.Other("layer normalisation")
                        : new DenseForm.Function(layer.getActivationFn())));
    }

    @Override
    public Optional<WeightMatrix> weight(DenseLayer layer) {
        return layer.hasLayerNorm()
                ? Optional.empty()
                : Optional.of(WeightMatrix.dense(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public Map<String, WeightMatrix> weights(DenseLayer layer) {
        return Weights.of(DefaultParamInitializer.WEIGHT_KEY, WeightMatrix.dense(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public Optional<ExampleProducts> products(DenseLayer layer, InputType from, InputType to) {
        return ExampleProducts.at(to, weights(layer).keySet());
    }

    @Override
    public Layer onBase(DenseLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new LoraDense(conf, weights, type);
    }

    @Override
    public TorchLayer torch(DenseLayer layer) {
        return TorchLayer.DENSE;
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }

    @Override
    public boolean readsRows() {
        return true;
    }

    @Override
    public boolean isStepwise(DenseLayer layer) {
        return true;
    }

    @Override
    public boolean readsSteps() {
        return true;
    }

    @Override
    public boolean readsTokenRows() {
        return true;
    }
}
