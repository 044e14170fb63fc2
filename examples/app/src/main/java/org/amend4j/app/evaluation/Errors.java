/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.evaluation;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.amend4j.data.Labelled;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How far a regression is off, in the units of its data.
 *
 * @param examples how many there are, at least 1
 * @param mse mean of the squared errors over all examples and targets
 * @param mae mean of the errors' magnitudes
 * @param r2 1 - (sum of squared errors) / (sum of squares around the mean), the mean over the targets; empty if one is always the same
 */
public record Errors(int examples, double mse, double mae, Optional<Double> r2) {

    /** Of a graph with one input and one output. */
    public static Errors of(ComputationGraph graph, Labelled examples, int batchSize) {
        graph.setLabels((INDArray[]) null);
        return of(
                examples,
                batchSize,
                batch -> graph.outputSingle(examples.batch(batch).getFeatures())
                        .dup('c')
                        .data()
                        .asFloat());
    }

    /**
     * Of numbers from elsewhere.
     *
     * @param outputs of some examples, given by their indices, one example's after the other's
     */
    public static Errors of(Labelled examples, int batchSize, Function<int[], float[]> outputs) {
        int columns = examples.columns();
        float[] said = new float[examples.size() * columns];
        float[] wanted = new float[said.length];
        for (int from = 0; from < examples.size(); from += batchSize) {
            int[] batch = IntStream.range(from, Math.min(examples.size(), from + batchSize))
                    .toArray();
            System.arraycopy(outputs.apply(batch), 0, said, from * columns, batch.length * columns);
            for (int example : batch) {
                examples.target(example, wanted, example * columns);
            }
        }
        return of(examples.inUnits(said), examples.inUnits(wanted), columns);
    }

    private static Errors of(float[] said, float[] wanted, int columns) {
        double squares = 0;
        double magnitudes = 0;
        double explained = 0;
        for (int column = 0; column < columns; column++) {
            double mean = 0;
            for (int k = column; k < wanted.length; k += columns) {
                mean += (double) wanted[k] * columns / wanted.length;
            }
            double residual = 0;
            double total = 0;
            for (int k = column; k < wanted.length; k += columns) {
                double error = (double) said[k] - wanted[k];
                residual += error * error;
                magnitudes += Math.abs(error);
                total += (wanted[k] - mean) * (wanted[k] - mean);
            }
            squares += residual;
            explained += (1 - residual / total) / columns;
        }
        return new Errors(
                said.length / columns,
                squares / said.length,
                magnitudes / said.length,
                Double.isFinite(explained) ? Optional.of(explained) : Optional.empty());
    }

    /** The root of the mean squared error. */
    public double rmse() {
        return Math.sqrt(mse);
    }

    /** All of them, for people. */
    public String words() {
        return String.format(
                Locale.ROOT,
                "MSE %.5g, RMSE %.5g, MAE %.5g, %s",
                mse,
                rmse(),
                mae,
                r2.map(some -> String.format(Locale.ROOT, "R\u00b2 %.4f", some))
                        .orElse("no R\u00b2, since a target is always the same"));
    }
}
