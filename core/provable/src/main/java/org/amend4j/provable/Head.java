/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import org.amend4j.graph.Records;
import org.amend4j.sensitivity.LinearHead;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/**
 * The loss of an output layer in terms of its pre-activations.
 *
 * @param loss the loss
 * @param largestWeight the largest of the loss's weights of classes or outputs; 1 if it has none
 * @param weighted whether it has weights
 * @param largestLogit the constants hold while no pre-activation is larger than this: beyond, Deeplearning4j clips the
 *     probability, and its gradient is neither Lipschitz with the same constant nor monotone; +∞ if it never does
 */
record Head(LinearHead loss, double largestWeight, boolean weighted, double largestLogit) {

    /** A sum of labels may be off by what rounding makes of it. */
    private static final double LABEL_TOLERANCE = 0x1p-50;

    /**
     * The head of a layer, whose labels are checked.
     *
     * @param index of the layer among the network's outputs
     * @throws IllegalArgumentException naming the first record whose label is none
     */
    static Head of(String name, OutputLayer layer, Records records, int index) {
        ILossFunction loss = layer.getLossFn();
        IActivation activation = layer.getActivationFn();
        INDArray labels = records.all().getLabels(index).castTo(DataType.DOUBLE);
        boolean softmax = activation.getClass() == ActivationSoftmax.class
                && (loss.getClass() == LossMCXENT.class || loss.getClass() == LossNegativeLogLikelihood.class);
        if (softmax && layer.getNOut() > 1) {
            requireDistributions(labels, records);
            INDArray weights = ((LossMCXENT) loss).getWeights();
            return new Head(
                    new LinearHead.Softmax(), largest(name, weights), weights != null, Double.POSITIVE_INFINITY);
        }
        if (activation.getClass() == ActivationSigmoid.class && loss instanceof LossBinaryXENT binary) {
            requireProbabilities(labels, records);
            LinearHead head = layer.getNOut() == 1
                    ? new LinearHead.Logistic()
                    : new LinearHead.Sigmoids(Math.toIntExact(layer.getNOut()));
            INDArray weights = binary.getWeights();
            return new Head(head, largest(name, weights), weights != null, largestLogit(binary.getClipEps()));
        }
        throw new NotProved("layer '" + name + "' has the loss " + loss + " on the activation " + activation
                + ", whose constants are not known: softmax with MCXENT or NEGATIVELOGLIKELIHOOD, and sigmoid with XENT,"
                + " are");
    }

    /** Where σ reaches the clip, rounded down. */
    private static double largestLogit(double clip) {
        return clip == 0 ? Double.POSITIVE_INFINITY : Math.log((1 - clip) / clip) * (1 - 1e-12);
    }

    private static double largest(String name, INDArray weights) {
        if (weights == null) {
            return 1;
        }
        double most = 0;
        for (double weight : weights.castTo(DataType.DOUBLE).ravel().toDoubleVector()) {
            if (!(weight >= 0) || Double.isInfinite(weight)) {
                throw new NotProved("loss weights must be >= 0 and finite, got " + weight + " (layer '" + name + "')");
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

    private static void requireDistributions(INDArray labels, Records records) {
        requireProbabilities(labels, records);
        double[] sums = labels.sum(1).toDoubleVector();
        for (int k = 0; k < sums.length; k++) {
            if (!(Math.abs(sums[k] - 1) <= LABEL_TOLERANCE * labels.size(1))) {
                throw new IllegalArgumentException("the labels of a record must sum to 1 in double precision, got "
                        + sums[k] + " (record " + records.ids().get(k) + ")");
            }
        }
    }

    /** Refuses a clip of probabilities. */
    void requireUnclipped(String name) {
        if (largestLogit < Double.POSITIVE_INFINITY) {
            throw new NotProved("layer '" + name + "' " + clips() + ": use new LossBinaryXENT(0.0)");
        }
    }

    /** What a clip of probabilities does. */
    String clips() {
        return "clips probabilities, so that its gradient is not the loss's beyond logits of " + largestLogit;
    }
}
