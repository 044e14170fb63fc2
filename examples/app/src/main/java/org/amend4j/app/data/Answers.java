/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.data;

import java.util.function.Function;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a classifier says of some examples, in their order: the most probable class of each, the first one of equals. */
public final class Answers {

    private final int[] classes;
    private final float[] probabilities;
    private final Accuracy accuracy;

    private Answers(int[] classes, float[] probabilities, Accuracy accuracy) {
        this.classes = classes;
        this.probabilities = probabilities;
        this.accuracy = accuracy;
    }

    /** Of a graph with one input and one output of class probabilities. */
    public static Answers of(ComputationGraph graph, Labelled examples, int batchSize) {
        graph.setLabels(
                (INDArray[]) null); // preprocessors would take the number that a fit left for that of the examples
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
    public static Answers of(Labelled examples, int batchSize, Function<int[], float[]> probabilities) {
        int[] answers = new int[examples.size()];
        float[] certain = new float[examples.size()];
        int right = 0;
        double entropy = 0;
        for (int from = 0; from < examples.size(); from += batchSize) {
            int[] batch = IntStream.range(from, Math.min(examples.size(), from + batchSize))
                    .toArray();
            float[] found = probabilities.apply(batch);
            int classes = found.length / batch.length;
            for (int i = 0; i < batch.length; i++) {
                int label = examples.label(batch[i]);
                int answer = largest(found, i * classes, classes);
                answers[batch[i]] = answer;
                certain[batch[i]] = found[i * classes + answer];
                right += answer == label ? 1 : 0;
                entropy -= Math.log(Math.max(1e-12, found[i * classes + label]));
            }
        }
        return new Answers(answers, certain, new Accuracy(right, examples.size(), entropy / examples.size()));
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

    /** The class that an example is taken for. */
    public int of(int example) {
        return classes[example];
    }

    /** The probability of that class. */
    public double probability(int example) {
        return probabilities[example];
    }

    /** How good they are. */
    public Accuracy accuracy() {
        return accuracy;
    }
}
