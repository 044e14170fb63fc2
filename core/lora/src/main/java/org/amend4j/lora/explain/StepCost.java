/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

/**
 * Multiplications, each with its addition, that a training step makes with weights and factors, and attentions between activations.
 * What is done element by element is not counted: activation functions, normalisation, losses, updaters.
 *
 * @param prefix per example, forward through what lies below everything that trains; once for all epochs where it is cached
 * @param forward per example, forward through the base's other weights
 * @param adaptersForward per example, forward through factors
 * @param backward per example, errors through the base's weights
 * @param adaptersBackward per example, errors through factors and their gradients
 * @param weightGradients per example, gradients of whole weights: of layers trained in full, of those to which adapters add, and, thrown
 *     away, of frozen ones that Deeplearning4j computes above something that trains
 * @param perStep whatever the number of examples: forming W + s·A·B, factors' gradients from a weight's, and DoRA's norms
 */
public record StepCost(
        long prefix,
        long forward,
        long adaptersForward,
        long backward,
        long adaptersBackward,
        long weightGradients,
        long perStep) {

    static final StepCost NONE = new StepCost(0, 0, 0, 0, 0, 0, 0);

    /** Of one example, the prefix apart. */
    public long perExample() {
        return forward + adaptersForward + backward + adaptersBackward + weightGradients;
    }

    StepCost plus(StepCost other) {
        return new StepCost(
                prefix + other.prefix,
                forward + other.forward,
                adaptersForward + other.adaptersForward,
                backward + other.backward,
                adaptersBackward + other.adaptersBackward,
                weightGradients + other.weightGradients,
                perStep + other.perStep);
    }
}
