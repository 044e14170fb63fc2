/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * LoRA in libtorch, written as a DJL user who cares about speed would: arrays in PyTorch's orientation ([out, in]),
 * fused {@code linear} calls, frozen arrays without gradients, autograd for the rest, the scale applied to the small
 * product, DJL's native optimiser steps, and every intermediate freed at the end of a step.
 */
public final class TorchLora implements LoraPeer {

    private final LoraShape shape;
    private final NDManager manager;
    private final Engine engine;
    private final TorchParameters parameters;
    private final List<NDArray> weights = new ArrayList<>();
    private final List<NDArray> biases = new ArrayList<>();
    private final List<NDArray> downs = new ArrayList<>();
    private final List<NDArray> ups = new ArrayList<>();
    private final List<NDArray> magnitudes = new ArrayList<>();
    private final NDArray outputWeight;
    private final NDArray outputBias;
    private final NDArray features;
    private final NDArray labels;

    /*
     * Factors live as long as the network. NDArray.mul(Number) closes its temporary scalar at once, but autograd still
     * holds the scalar, whose memory is a Java buffer: a garbage collection before backward() then makes gradients NaN.
     */
    private final NDArray scale;
    private final NDArray minusOneOverBatch;

    /** Copies the problem's arrays into libtorch. */
    public TorchLora(LoraProblem problem, UpdateRule rule, double learningRate) {
        shape = problem.shape();
        manager = Libtorch.newManager();
        engine = manager.getEngine();
        parameters = new TorchParameters(rule, learningRate);
        for (int layer = 0; layer < shape.depth(); layer++) {
            weights.add(TorchArrays.transposed(manager, problem.weight(layer), shape.width(), shape.width()));
            biases.add(TorchArrays.owned(manager, problem.bias(layer), shape.width()));
            downs.add(TorchArrays.transposed(manager, problem.adapterA(layer), shape.width(), shape.rank()));
            ups.add(TorchArrays.transposed(manager, problem.adapterB(layer), shape.rank(), shape.width()));
            parameters.train(LoraShape.layerName(layer) + ".A", downs.get(layer));
            parameters.train(LoraShape.layerName(layer) + ".B", ups.get(layer));
            if (shape.dora()) {
                magnitudes.add(TorchArrays.owned(manager, problem.magnitude(layer), shape.width()));
                parameters.train(LoraShape.layerName(layer) + ".magnitude", magnitudes.get(layer));
            }
        }
        outputWeight = TorchArrays.transposed(manager, problem.outputWeight(), shape.width(), shape.classes());
        outputBias = TorchArrays.owned(manager, problem.outputBias(), shape.classes());
        if (shape.trainsOutput()) {
            parameters.train("out.W", outputWeight);
            parameters.train("out.b", outputBias);
        }
        features = TorchArrays.owned(manager, problem.features(), shape.batch(), shape.width());
        labels = TorchArrays.owned(manager, problem.labels(), shape.batch(), shape.classes());
        scale = TorchArrays.owned(manager, new float[] {(float) shape.scale()}, 1);
        minusOneOverBatch = TorchArrays.owned(manager, new float[] {-1f / shape.batch()}, 1);
    }

    @Override
    public float[] output() {
        try (NDManager scope = manager.newSubManager()) {
            scope.tempAttachAll(features, labels);
            return logits().softmax(1).toFloatArray();
        }
    }

    @Override
    public double loss() {
        try (NDManager scope = manager.newSubManager()) {
            scope.tempAttachAll(features, labels);
            return meanLoss().getFloat();
        }
    }

    @Override
    public Map<String, float[]> gradients() {
        try (NDManager scope = manager.newSubManager()) {
            scope.tempAttachAll(features, labels);
            backward();
        }
        return parameters.takeGradients();
    }

    @Override
    public void step() {
        try (NDManager scope = manager.newSubManager()) {
            scope.tempAttachAll(features, labels);
            backward();
        }
        parameters.update();
    }

    @Override
    public Map<String, float[]> parameters() {
        return parameters.values();
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Arrays alive in this network's own scope: constant over steps, or something leaks. */
    int liveArrays() {
        return manager.getManagedArrays().size();
    }

    private void backward() {
        try (GradientCollector collector = engine.newGradientCollector()) {
            collector.backward(meanLoss());
        }
    }

    private NDArray meanLoss() {
        return labels.mul(logits().logSoftmax(1)).sum().mul(minusOneOverBatch);
    }

    private NDArray logits() {
        NDArray x = features;
        for (int layer = 0; layer < shape.depth(); layer++) {
            x = Activation.relu(shape.dora() ? withMagnitude(x, layer) : adapted(x, layer));
        }
        return linear(x, outputWeight, outputBias);
    }

    private NDArray adapted(NDArray x, int layer) {
        NDArray y = linear(x, weights.get(layer), biases.get(layer));
        NDArray low = linear(x, downs.get(layer)).mul(scale);
        return y.add(linear(low, ups.get(layer)));
    }

    /** As in PEFT: norms of the formed sum, without a gradient. */
    private NDArray withMagnitude(NDArray x, int layer) {
        NDArray up = ups.get(layer).stopGradient();
        NDArray down = downs.get(layer).stopGradient();
        NDArray norms = weights.get(layer).add(up.matMul(down).mul(scale)).norm(new int[] {1});
        NDArray low = linear(x, downs.get(layer)).mul(scale);
        NDArray y = linear(x, weights.get(layer)).add(linear(low, ups.get(layer)));
        return y.mul(magnitudes.get(layer).div(norms)).add(biases.get(layer));
    }

    private static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return Linear.linear(x, weight, bias).singletonOrThrow();
    }

    private static NDArray linear(NDArray x, NDArray weight) {
        return Linear.linear(x, weight).singletonOrThrow();
    }
}
