/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import org.amend4j.app.data.Accuracy;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a classifier of texts says. */
public final class TextAnswers {

    private static final double LEAST = 1e-12;

    private TextAnswers() {}

    /**
     * How well a graph does whose output are probabilities of classes.
     *
     * @param batch examples at a time
     */
    public static Accuracy accuracy(ComputationGraph graph, TokenExamples examples, int batch) {
        graph.setLabels((INDArray[]) null); // those of a fit are of another number
        int right = 0;
        double entropy = 0;
        for (int[] some : examples.byLength(batch)) {
            INDArray probabilities = graph.outputSingle(examples.batch(some).getFeatures());
            INDArray answers = probabilities.argMax(1);
            for (int i = 0; i < some.length; i++) {
                int label = examples.get(some[i]).labels()[0];
                right += answers.getInt(i) == label ? 1 : 0;
                entropy -= Math.log(Math.max(LEAST, probabilities.getDouble(i, label)));
            }
        }
        return new Accuracy(right, examples.size(), entropy / examples.size());
    }
}
