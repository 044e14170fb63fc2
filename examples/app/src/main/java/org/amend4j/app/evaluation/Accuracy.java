/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.evaluation;

import java.util.function.Function;
import org.amend4j.data.Labelled;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * How well a classifier does.
 *
 * @param right examples with their label as the most probable class
 * @param examples number of examples, at least 1
 * @param crossEntropy mean of -ln p(label); p is held above 1e-12
 */
public record Accuracy(int right, int examples, double crossEntropy) {

    /** Of a graph with one input and one output of class probabilities. */
    public static Accuracy of(ComputationGraph graph, Labelled examples, int batchSize) {
        return Answers.of(graph, examples, batchSize).accuracy();
    }

    /** As {@link Answers#of(Labelled, int, Function)}. */
    public static Accuracy of(Labelled examples, int batchSize, Function<int[], float[]> probabilities) {
        return Answers.of(examples, batchSize, probabilities).accuracy();
    }

    /** Share of right answers, from 0 to 1. */
    public double share() {
        return (double) right / examples;
    }
}
