/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** What a Deeplearning4j graph trains, by name ({@code vertex.key}), row-major. */
final class Dl4jParameters {

    private Dl4jParameters() {}

    /** The gradients of a batch's mean loss. */
    static Map<String, float[]> gradients(ComputationGraph graph, DataSet batch) {
        graph.setInput(0, batch.getFeatures());
        graph.setLabel(0, batch.getLabels());
        graph.computeGradientAndScore();
        // Deeplearning4j's gradient is the sum over the batch; its updater divides.
        return rowMajor(graph.gradient().gradientForVariable(), sum -> sum.div(batch.numExamples()));
    }

    /** Copies of the parameters. */
    static Map<String, float[]> values(ComputationGraph graph) {
        return rowMajor(graph.paramTable(), UnaryOperator.identity());
    }

    private static Map<String, float[]> rowMajor(Map<String, INDArray> table, UnaryOperator<INDArray> change) {
        Map<String, float[]> arrays = new TreeMap<>();
        table.forEach((name, array) -> {
            int underscore = name.lastIndexOf('_');
            String key = name.substring(0, underscore) + '.' + name.substring(underscore + 1);
            arrays.put(key, MergedDl4j.rowMajor(change.apply(array)));
        });
        return arrays;
    }
}
