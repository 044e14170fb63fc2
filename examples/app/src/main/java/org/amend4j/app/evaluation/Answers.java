/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.evaluation;

import java.io.Serializable;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.amend4j.data.Labelled;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A classifier's answers to some examples, in their order: the most probable class of each, the first one of equals. */
public final class Answers implements Serializable {

    private static final long serialVersionUID = 1;
    private static final double LEAST = 1e-12;

    private final int[] classes;
    private final float[] probabilities;
    private final float[] ofLabels;
    private final int right;

    private Answers(int[] classes, float[] probabilities, float[] ofLabels, int right) {
        this.classes = classes;
        this.probabilities = probabilities;
        this.ofLabels = ofLabels;
        this.right = right;
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
        float[] ofLabels = new float[examples.size()];
        int right = 0;
        for (int from = 0; from < examples.size(); from += batchSize) {
            int[] batch = IntStream.range(from, Math.min(examples.size(), from + batchSize))
                    .toArray();
            float[] found = ofEachClass(probabilities.apply(batch), batch.length);
            int classes = found.length / batch.length;
            for (int i = 0; i < batch.length; i++) {
                int label = examples.label(batch[i]);
                int answer = largest(found, i * classes, classes);
                answers[batch[i]] = answer;
                certain[batch[i]] = found[i * classes + answer];
                ofLabels[batch[i]] = found[i * classes + label];
                right += answer == label ? 1 : 0;
            }
        }
        return new Answers(answers, certain, ofLabels, right);
    }

    /** One number is the probability of the second of two classes: it is said from 0.5 on. */
    private static float[] ofEachClass(float[] probabilities, int examples) {
        if (probabilities.length != examples) {
            return probabilities;
        }
        float[] both = new float[2 * examples];
        for (int i = 0; i < examples; i++) {
            both[2 * i] = 1 - probabilities[i];
            both[2 * i + 1] = probabilities[i];
        }
        return both;
    }

    /** Those of some examples, then those of the next ones, and so on. */
    public static Answers joined(List<Answers> parts) {
        int size = parts.stream().mapToInt(part -> part.classes.length).sum();
        Answers all = new Answers(
                new int[size],
                new float[size],
                new float[size],
                parts.stream().mapToInt(part -> part.right).sum());
        int from = 0;
        for (Answers part : parts) {
            int count = part.classes.length;
            System.arraycopy(part.classes, 0, all.classes, from, count);
            System.arraycopy(part.probabilities, 0, all.probabilities, from, count);
            System.arraycopy(part.ofLabels, 0, all.ofLabels, from, count);
            from += count;
        }
        return all;
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
        double entropy = 0;
        for (float probability : ofLabels) {
            entropy -= Math.log(Math.max(LEAST, probability));
        }
        return new Accuracy(right, classes.length, entropy / classes.length);
    }
}
