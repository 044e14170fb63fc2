/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Compares a graph's gradient with central differences, in double. Every element compared is counted. */
public final class Gradients {

    /**
     * Step of the central difference. Its error is h²·f'''/6 + ε·f/h; with f and its derivatives of order 1 the two meet
     * near ε^(1/3) = 6e-6 and give about 1e-10 absolute.
     */
    private static final double STEP = 1e-5;

    /** Two orders of magnitude above that error. */
    private static final double TOLERANCE = 1e-7;

    private Gradients() {}

    /**
     * Checks {@code most} elements of the gradient (all of them if there are no more), one chosen at random of each of as many
     * stretches of the vector, so that no long array is left out.
     *
     * @return how many were checked
     */
    public static int check(ComputationGraph graph, MultiDataSet data, int most, long seed) {
        return check(graph, data, most, seed, () -> {});
    }

    /**
     * The same of a loss that is random.
     *
     * @param repeating makes the next loss draw what the last one drew
     */
    public static int check(ComputationGraph graph, MultiDataSet data, int most, long seed, Runnable repeating) {
        assertEquals(DataType.DOUBLE, graph.params().dataType(), "numerical gradients need double");
        set(graph, data);
        repeating.run();
        graph.computeGradientAndScore();
        INDArray gradient = graph.gradient().gradient().dup();
        long batch = data.getFeatures(0).size(0);
        INDArray parameters = graph.params();
        assertEquals(parameters.length(), gradient.length());
        Random random = new Random(seed);
        int n = (int) Math.min(most, parameters.length());
        int nonZero = 0;
        for (int k = 0; k < n; k++) {
            long i = (long) ((k + random.nextDouble()) * parameters.length() / n);
            double numerical =
                    (at(graph, data, i, STEP, repeating) - at(graph, data, i, -STEP, repeating)) / (2 * STEP);
            double analytic = gradient.getDouble(i) / batch;
            assertEquals(
                    numerical,
                    analytic,
                    TOLERANCE * Math.max(1, Math.abs(numerical)),
                    "element " + i + " of the gradient, seed " + seed);
            nonZero += analytic == 0 ? 0 : 1;
        }
        assertTrue(nonZero > 0, "the gradient must not vanish everywhere");
        return n;
    }

    private static double at(ComputationGraph graph, MultiDataSet data, long i, double step, Runnable repeating) {
        INDArray parameters = graph.params();
        double value = parameters.getDouble(i);
        parameters.putScalar(i, value + step);
        repeating.run();
        double score = graph.score(data, true);
        parameters.putScalar(i, value);
        return score;
    }

    private static void set(ComputationGraph graph, MultiDataSet data) {
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.setLayerMaskArrays(data.getFeaturesMaskArrays(), data.getLabelsMaskArrays());
    }
}
