/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import ai.djl.ndarray.NDArray;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Map;
import java.util.TreeMap;

/** What a libtorch network trains, by name, with DJL's native optimiser step. */
final class TorchParameters {

    private final Map<String, NDArray> arrays = new TreeMap<>();
    private final Optimizer optimizer;

    TorchParameters(UpdateRule rule, double learningRate) {
        optimizer = optimizer(rule, learningRate);
    }

    /** Lets an array train: from now on autograd records what is computed from it. */
    void train(String name, NDArray array) {
        array.setRequiresGradient(true);
        arrays.put(name, array);
    }

    /** One step of the optimiser along the gradients that {@code backward} left, which it clears. */
    void update() {
        arrays.forEach((name, array) -> {
            try (NDArray gradient = array.getGradient()) {
                optimizer.update(name, array, gradient);
            }
        });
    }

    /** The gradients that {@code backward} left, in our orientation; clears them. */
    Map<String, float[]> takeGradients() {
        Map<String, float[]> gradients = new TreeMap<>();
        arrays.forEach((name, array) -> {
            try (NDArray gradient = array.getGradient()) {
                gradients.put(name, TorchArrays.ours(gradient));
                gradient.subi(gradient);
            }
        });
        return gradients;
    }

    /** The parameters in our orientation. */
    Map<String, float[]> values() {
        Map<String, float[]> values = new TreeMap<>();
        arrays.forEach((name, array) -> values.put(name, TorchArrays.ours(array)));
        return values;
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
