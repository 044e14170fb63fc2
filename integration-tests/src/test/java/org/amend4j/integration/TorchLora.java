package org.amend4j.integration;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.training.GradientCollector;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * LoRA in libtorch, written as a DJL user who cares about speed would: arrays in PyTorch's orientation ([out, in]),
 * fused {@code linear} calls, frozen arrays without gradients, autograd for the rest, the scale applied to the small
 * product, DJL's native optimiser steps, and every intermediate freed at the end of a step.
 */
public final class TorchLora implements LoraPeer {

    private final LoraShape shape;
    private final NDManager manager;
    private final Engine engine;
    private final Optimizer optimizer;
    private final List<NDArray> weights = new ArrayList<>();
    private final List<NDArray> biases = new ArrayList<>();
    private final List<NDArray> downs = new ArrayList<>();
    private final List<NDArray> ups = new ArrayList<>();
    private final Map<String, NDArray> trained = new TreeMap<>();
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
        optimizer = optimizer(rule, learningRate);
        for (int layer = 0; layer < shape.depth(); layer++) {
            weights.add(transposed(problem.weight(layer), shape.width(), shape.width()));
            biases.add(owned(problem.bias(layer), shape.width()));
            downs.add(transposed(problem.adapterA(layer), shape.width(), shape.rank()));
            ups.add(transposed(problem.adapterB(layer), shape.rank(), shape.width()));
            trained.put(LoraShape.layerName(layer) + ".A", downs.get(layer));
            trained.put(LoraShape.layerName(layer) + ".B", ups.get(layer));
        }
        outputWeight = transposed(problem.outputWeight(), shape.width(), shape.classes());
        outputBias = owned(problem.outputBias(), shape.classes());
        if (shape.trainsOutput()) {
            trained.put("out.W", outputWeight);
            trained.put("out.b", outputBias);
        }
        trained.values().forEach(parameter -> parameter.setRequiresGradient(true));
        features = owned(problem.features(), shape.batch(), shape.width());
        labels = owned(problem.labels(), shape.batch(), shape.classes());
        scale = owned(new float[] {(float) shape.scale()}, 1);
        minusOneOverBatch = owned(new float[] {-1f / shape.batch()}, 1);
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
        Map<String, float[]> gradients = new TreeMap<>();
        trained.forEach((name, parameter) -> gradients.put(name, takeGradient(parameter)));
        return gradients;
    }

    @Override
    public void step() {
        try (NDManager scope = manager.newSubManager()) {
            scope.tempAttachAll(features, labels);
            backward();
        }
        trained.forEach(this::update);
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
            NDArray y = linear(x, weights.get(layer), biases.get(layer));
            NDArray low = linear(x, downs.get(layer)).mul(scale);
            x = Activation.relu(y.add(linear(low, ups.get(layer))));
        }
        return linear(x, outputWeight, outputBias);
    }

    private void update(String name, NDArray parameter) {
        try (NDArray gradient = parameter.getGradient()) {
            optimizer.update(name, parameter, gradient);
        }
    }

    /** Reads a gradient, turned into our orientation where it is a matrix, and clears it. */
    private static float[] takeGradient(NDArray parameter) {
        try (NDArray gradient = parameter.getGradient()) {
            float[] values = gradient.toFloatArray();
            gradient.subi(gradient);
            Shape shape = parameter.getShape();
            return shape.dimension() == 2 ? transpose(values, (int) shape.get(0), (int) shape.get(1)) : values;
        }
    }

    private static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return Linear.linear(x, weight, bias).singletonOrThrow();
    }

    private static NDArray linear(NDArray x, NDArray weight) {
        return Linear.linear(x, weight).singletonOrThrow();
    }

    private NDArray transposed(float[] values, int rows, int columns) {
        return owned(transpose(values, rows, columns), columns, rows);
    }

    /** A copy in libtorch's own memory, aligned as it likes, instead of a view of a Java buffer. */
    private NDArray owned(float[] values, long... dimensions) {
        try (NDArray view = manager.create(values, new Shape(dimensions))) {
            return view.duplicate();
        }
    }

    private static float[] transpose(float[] values, int rows, int columns) {
        float[] result = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                result[column * rows + row] = values[row * columns + column];
            }
        }
        return result;
    }

    private static Optimizer optimizer(UpdateRule rule, double learningRate) {
        Tracker rate = Tracker.fixed((float) learningRate);
        return switch (rule) {
            case SGD -> Optimizer.sgd().setLearningRateTracker(rate).build();
            case ADAM ->
                Optimizer.adam()
                        .optLearningRateTracker(rate)
                        .optBeta1((float) UpdateRule.BETA1)
                        .optBeta2((float) UpdateRule.BETA2)
                        .optEpsilon((float) UpdateRule.EPSILON)
                        .build();
        };
    }
}
