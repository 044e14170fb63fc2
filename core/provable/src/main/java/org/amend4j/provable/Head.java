/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.Optional;
import org.amend4j.graph.Records;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.internal.network.Operation.LossKind;
import org.amend4j.internal.network.OutputLoss;
import org.amend4j.numeric.Upward;
import org.amend4j.sensitivity.LinearHead;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The loss of an output layer in terms of its pre-activations.
 *
 * @param loss the loss
 * @param outputs how many pre-activations there are
 * @param largestWeight the largest of the loss's weights of classes or outputs; 1 if it has none
 * @param weighted whether it has weights
 * @param largestLogit the constants hold while no pre-activation is larger than this: beyond, Deeplearning4j clips the
 *     probability, and its gradient is neither Lipschitz with the same constant nor monotone; +∞ if it never does
 */
record Head(LinearHead loss, int outputs, double largestWeight, boolean weighted, double largestLogit) {

    /** A sum of labels may be off by what rounding makes of it. */
    private static final double LABEL_TOLERANCE = 0x1p-50;

    /**
     * The head of a layer; checks the layer's labels.
     *
     * @param index of the layer among the network's outputs
     * @throws IllegalArgumentException naming the first record with a label that is not valid
     */
    static Head of(String name, DenseForm layer, Records records, int index) {
        DenseForm.Loss given = layer.loss().orElseThrow();
        OutputLoss loss = given.known().orElseThrow(() -> unknown(name, given));
        LinearHead head = linear(loss.kind(), layer.outputs()).orElseThrow(() -> unknown(name, given));
        INDArray labels = records.all().getLabels(index).castTo(DataType.DOUBLE);
        requireProbabilities(labels, records);
        if (loss.kind() == LossKind.SOFTMAX_CROSS_ENTROPY) {
            requireSumsOfOne(labels, records);
        }
        return new Head(
                head,
                layer.outputs(),
                largest(name, loss.weights()),
                loss.weights().isPresent(),
                largestLogit(loss.clip()));
    }

    /** The softmax of one output is 1, whatever the parameters are. */
    private static Optional<LinearHead> linear(LossKind kind, int outputs) {
        return switch (kind) {
            case SOFTMAX_CROSS_ENTROPY -> outputs > 1 ? Optional.of(new LinearHead.Softmax()) : Optional.empty();
            case SIGMOID_CROSS_ENTROPY ->
                Optional.of(outputs == 1 ? new LinearHead.Logistic() : new LinearHead.Sigmoids(outputs));
            case MEAN_SQUARED_ERROR, SQUARED_ERROR -> Optional.empty();
        };
    }

    private static NotProvedException unknown(String name, DenseForm.Loss given) {
        return new NotProvedException("layer '" + name + "' has the loss " + given.loss() + " on the activation "
                + given.function()
                + ", whose constants are not known: softmax with MCXENT or NEGATIVELOGLIKELIHOOD, and sigmoid with XENT,"
                + " are");
    }

    /** Where σ reaches the clip, rounded down. */
    private static double largestLogit(double clip) {
        return clip == 0 ? Double.POSITIVE_INFINITY : Math.log((1 - clip) / clip) * (1 - 1e-12);
    }

    private static double largest(String name, Optional<INDArray> weights) {
        if (weights.isEmpty()) {
            return 1;
        }
        double most = 0;
        for (double weight : weights.get().castTo(DataType.DOUBLE).ravel().toDoubleVector()) {
            if (!(weight >= 0) || Double.isInfinite(weight)) {
                throw new NotProvedException(
                        "loss weights must be >= 0 and finite, got " + weight + " (layer '" + name + "')");
            }
            most = Math.max(most, weight);
        }
        return most;
    }

    private static void requireProbabilities(INDArray labels, Records records) {
        long columns = labels.size(1);
        double[] all = labels.dup('c').data().asDouble();
        for (int i = 0; i < all.length; i++) {
            if (!(all[i] >= 0 && all[i] <= 1)) {
                throw new IllegalArgumentException("every label must be in [0, 1], got " + all[i] + " (record "
                        + records.ids().get(Math.toIntExact(i / columns)) + ")");
            }
        }
    }

    private static void requireSumsOfOne(INDArray labels, Records records) {
        double[] sums = labels.sum(1).toDoubleVector();
        for (int k = 0; k < sums.length; k++) {
            if (!(Math.abs(sums[k] - 1) <= LABEL_TOLERANCE * labels.size(1))) {
                throw new IllegalArgumentException("the labels of a record must sum to 1 in double precision, got "
                        + sums[k] + " (record " + records.ids().get(k) + ")");
            }
        }
    }

    /**
     * The most that a record's loss is where its pre-activations have this norm: at 0 it is ln c for a softmax of c and c·ln 2 for c
     * sigmoids, and it has a bounded gradient. Rounded up. No loss is ever negative.
     */
    double lossAt(double norm) {
        // a logarithm is exact to one unit, sums of labels to less
        double atZero = (loss instanceof LinearHead.Softmax ? Math.log(outputs) : outputs * Math.log(2)) * (1 + 1e-12);
        double further = norm == 0 ? 0 : Upward.multiply(loss.outputGradient(), norm);
        return Upward.multiply(largestWeight, Upward.add(atZero, further));
    }

    /** Refuses a clip of probabilities. */
    void requireUnclipped(String name) {
        if (largestLogit < Double.POSITIVE_INFINITY) {
            throw new NotProvedException("layer '" + name + "' " + clips() + ": use new LossBinaryXENT(0.0)");
        }
    }

    /** What a clip of probabilities does. */
    String clips() {
        return "clips probabilities, so that its gradient is not the loss's beyond logits of " + largestLogit;
    }
}
