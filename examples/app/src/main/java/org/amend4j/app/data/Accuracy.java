/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.data;

import java.util.function.Function;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How well a classifier does.
 *
 * @param right examples whose most probable class is their label
 * @param examples number of examples, at least 1
 * @param crossEntropy mean of -ln p(label); p is held above 1e-12
 */
public record Accuracy(int right, int examples, double crossEntropy) {

    /** Runs the examples through a graph with one input and one output of class probabilities. */
    public static Accuracy of(ComputationGraph graph, Labelled examples, int batchSize) {
        return of(examples, batchSize, batch -> {
            INDArray output = graph.outputSingle(examples.batch(batch).getFeatures());
            return output.dup('c').data().asFloat();
        });
    }

    /**
     * Of class probabilities from elsewhere.
     *
     * @param probabilities of some examples, given by their indices, one example's after the other's
     */
    public static Accuracy of(Labelled examples, int batchSize, Function<int[], float[]> probabilities) {
        int right = 0;
        double entropy = 0;
        for (int from = 0; from < examples.size(); from += batchSize) {
            int[] batch = IntStream.range(from, Math.min(examples.size(), from + batchSize))
                    .toArray();
            float[] found = probabilities.apply(batch);
            int classes = found.length / batch.length;
            for (int i = 0; i < batch.length; i++) {
                int label = examples.label(batch[i]);
                right += largest(found, i * classes, classes) == label ? 1 : 0;
                entropy -= Math.log(Math.max(1e-12, found[i * classes + label]));
            }
        }
        return new Accuracy(right, examples.size(), entropy / examples.size());
    }

    private static int largest(float[] values, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (values[from + i] > values[from + best]) {
                best = i;
            }
        }
        return best;
    }

    /** Share of right answers, from 0 to 1. */
    public double share() {
        return (double) right / examples;
    }
}
