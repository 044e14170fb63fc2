/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * How well a language model predicts texts.
 *
 * @param examples pieces of texts
 * @param tokens that were to be said in them
 * @param loss mean over these tokens of -ln p(token)
 */
public record TokenLosses(int examples, long tokens, double loss) {

    /** exp(loss): among how many equally probable tokens the model is as uncertain. */
    public double perplexity() {
        return Math.exp(loss);
    }

    /**
     * Of a graph of a language model.
     *
     * @param batch examples at a time
     */
    public static TokenLosses of(ComputationGraph graph, TokenExamples examples, int batch) {
        return of(
                examples,
                batch,
                some -> means(graph, examples.batch(some)).dup('c').data().asDouble());
    }

    /**
     * Of the mean loss of each example, from elsewhere.
     *
     * @param batch examples at a time
     * @param means of {@link TokenExamples#batches}, one after the other
     */
    public static TokenLosses of(TokenExamples examples, int batch, List<double[]> means) {
        Iterator<double[]> next = means.iterator();
        return of(examples, batch, some -> next.next());
    }

    private static TokenLosses of(TokenExamples examples, int batch, Function<int[], double[]> means) {
        long said = examples.labels();
        double sum = 0;
        for (int[] some : examples.byLength(batch)) {
            double[] losses = means.apply(some);
            for (int i = 0; i < some.length; i++) {
                sum += losses[i] * examples.get(some[i]).said();
            }
        }
        return new TokenLosses(examples.size(), said, sum / said);
    }

    /** The mean loss of each example. */
    public static INDArray means(ComputationGraph graph, DataSet batch) {
        return graph.scoreExamples(batch, false);
    }

    /** For people. */
    public String sentence() {
        return sentence("token");
    }

    /** For people, with a word for what was to be said. */
    public String sentence(String token) {
        return String.format(
                Locale.ROOT, "loss %.4f per %s, perplexity %.2f, on %,d %ss", loss, token, perplexity(), tokens, token);
    }
}
