/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.function.DoubleUnaryOperator;
import org.amend4j.testkit.TinyCheckpoint;

/** A GPT-2's forward pass in double precision, by plain loops, all tokens at once, and without any class that is tested. */
final class NaiveGpt2 {

    private final TinyCheckpoint tiny;
    private final int width;
    private final int heads;

    NaiveGpt2(TinyCheckpoint tiny) {
        this.tiny = tiny;
        width = tiny.integer("n_embd");
        heads = tiny.integer("n_head");
    }

    /** The logits after each token. */
    double[][] logits(int... tokens) {
        double[][] x = new double[tokens.length][width];
        for (int t = 0; t < tokens.length; t++) {
            for (int i = 0; i < width; i++) {
                x[t][i] = tiny.values("transformer.wte.weight")[tokens[t] * width + i]
                        + tiny.values("transformer.wpe.weight")[t * width + i];
            }
        }
        for (int layer = 0; layer < tiny.integer("n_layer"); layer++) {
            String path = "transformer.h." + layer + ".";
            double[][] together = linear(path + "attn.c_attn", normal(path + "ln_1", x));
            add(x, linear(path + "attn.c_proj", attention(together)));
            double[][] inner = linear(path + "mlp.c_fc", normal(path + "ln_2", x));
            for (double[] row : inner) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = function().applyAsDouble(row[i]);
                }
            }
            add(x, linear(path + "mlp.c_proj", inner));
        }
        double[][] normal = normal("transformer.ln_f", x);
        boolean tied = !tiny.names().contains("lm_head.weight");
        return linear(tied ? "transformer.wte" : "lm_head", normal);
    }

    private DoubleUnaryOperator function() {
        return tiny.text("activation_function").equals("silu")
                ? v -> v / (1 + Math.exp(-v))
                : v -> v / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * Math.pow(v, 3))));
    }

    /** Of rows of queries, keys and values, one behind the other. */
    private double[][] attention(double[][] together) {
        int size = width / heads;
        double[][] result = new double[together.length][width];
        for (int t = 0; t < together.length; t++) {
            for (int head = 0; head < heads; head++) {
                double[] weights = new double[t + 1];
                double sum = 0;
                for (int s = 0; s <= t; s++) {
                    double score = 0;
                    for (int j = head * size; j < (head + 1) * size; j++) {
                        score += together[t][j] * together[s][width + j];
                    }
                    weights[s] = Math.exp(score / Math.sqrt(size));
                    sum += weights[s];
                }
                for (int s = 0; s <= t; s++) {
                    for (int j = head * size; j < (head + 1) * size; j++) {
                        result[t][j] += weights[s] / sum * together[s][2 * width + j];
                    }
                }
            }
        }
        return result;
    }

    private double[][] normal(String module, double[][] x) {
        double[][] result = new double[x.length][width];
        for (int t = 0; t < x.length; t++) {
            double mean = 0;
            double squares = 0;
            for (double value : x[t]) {
                mean += value / width;
                squares += value * value / width;
            }
            double root = Math.sqrt(squares - mean * mean + tiny.number("layer_norm_epsilon", 1e-5));
            for (int i = 0; i < width; i++) {
                result[t][i] =
                        (x[t][i] - mean) / root * tiny.values(module + ".weight")[i] + tiny.values(module + ".bias")[i];
            }
        }
        return result;
    }

    private double[][] linear(String module, double[][] x) {
        float[] weight = tiny.values(module + ".weight");
        int inputs = x[0].length;
        int outputs = weight.length / inputs;
        boolean biased = tiny.names().contains(module + ".bias");
        double[][] result = new double[x.length][outputs];
        for (int t = 0; t < x.length; t++) {
            for (int o = 0; o < outputs; o++) {
                result[t][o] = biased ? tiny.values(module + ".bias")[o] : 0;
                for (int i = 0; i < inputs; i++) {
                    result[t][o] += x[t][i] * weight[o * inputs + i];
                }
            }
        }
        return result;
    }

    private static void add(double[][] x, double[][] y) {
        for (int t = 0; t < x.length; t++) {
            for (int i = 0; i < x[t].length; i++) {
                x[t][i] += y[t][i];
            }
        }
    }
}
