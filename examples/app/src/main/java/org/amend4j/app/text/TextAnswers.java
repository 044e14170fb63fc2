/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.amend4j.app.evaluation.Accuracy;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** The answers of a classifier of texts. */
public final class TextAnswers {

    private static final double LEAST = 1e-12;

    private TextAnswers() {}

    /**
     * The accuracy of a graph with probabilities of classes as its output.
     *
     * @param batch examples at a time
     */
    public static Accuracy accuracy(ComputationGraph graph, TokenExamples examples, int batch) {
        return accuracy(
                examples,
                batch,
                some -> probabilities(graph, examples.batch(some))
                        .dup('c')
                        .data()
                        .asDouble());
    }

    /**
     * How well probabilities from elsewhere do.
     *
     * @param batch examples at a time
     * @param probabilities of classes, one example's after the other's, of {@link TokenExamples#batches}, one after the other
     */
    public static Accuracy accuracy(TokenExamples examples, int batch, List<double[]> probabilities) {
        Iterator<double[]> next = probabilities.iterator();
        return accuracy(examples, batch, some -> next.next());
    }

    private static Accuracy accuracy(TokenExamples examples, int batch, Function<int[], double[]> probabilities) {
        int right = 0;
        double entropy = 0;
        for (int[] some : examples.byLength(batch)) {
            double[] found = probabilities.apply(some);
            int classes = found.length / some.length;
            for (int i = 0; i < some.length; i++) {
                int label = examples.get(some[i]).labels()[0];
                right += largest(found, i * classes, classes) == label ? 1 : 0;
                entropy -= Math.log(Math.max(LEAST, found[i * classes + label]));
            }
        }
        return new Accuracy(right, examples.size(), entropy / examples.size());
    }

    private static int largest(double[] values, int from, int count) {
        int best = 0;
        for (int k = 1; k < count; k++) {
            best = values[from + k] > values[from + best] ? k : best;
        }
        return best;
    }

    /** What a graph says of each example. */
    public static INDArray probabilities(ComputationGraph graph, DataSet batch) {
        graph.setLabels((INDArray[]) null); // those of a fit are of another number
        return graph.outputSingle(batch.getFeatures());
    }
}
