/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.amend4j.testkit.TinyCheckpoint;
import org.apache.commons.numbers.gamma.Erfc;

/** BERT's forward pass as its paper has it, and DistilBERT's: in double precision, by plain loops, without any class that is tested. */
final class NaiveEncoder {

    private final TinyCheckpoint tiny;
    private final String prefix;
    private final boolean distil;
    private final int hidden;
    private final int heads;
    private final double epsilon;

    NaiveEncoder(TinyCheckpoint tiny) {
        this.tiny = tiny;
        this.prefix = tiny.names().stream().anyMatch(name -> name.startsWith("embeddings."))
                ? ""
                : tiny.text("model_type") + ".";
        this.distil = tiny.text("model_type").equals("distilbert");
        this.hidden = tiny.integer(distil ? "dim" : "hidden_size");
        this.heads = tiny.integer(distil ? "n_heads" : "num_attention_heads");
        this.epsilon = tiny.number("layer_norm_eps", 1e-12);
    }

    /** The row of each token. */
    double[][] rows(int[] tokens, int[] types) {
        int offset = tiny.text("model_type").equals("roberta") ? 2 : 0;
        double[][] x = new double[tokens.length][hidden];
        for (int t = 0; t < tokens.length; t++) {
            for (int i = 0; i < hidden; i++) {
                x[t][i] = table("word", tokens[t], i)
                        + table("position", t + offset, i)
                        + (distil ? 0 : table("token_type", types[t], i));
            }
        }
        x = norm(prefix + "embeddings.LayerNorm", x);
        for (int layer = 0; layer < tiny.integer(distil ? "n_layers" : "num_hidden_layers"); layer++) {
            x = distil
                    ? layer(
                            x,
                            prefix + "transformer.layer." + layer + ".",
                            List.of("attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin"),
                            List.of("sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm"))
                    : layer(
                            x,
                            prefix + "encoder.layer." + layer + ".",
                            List.of(
                                    "attention.self.query",
                                    "attention.self.key",
                                    "attention.self.value",
                                    "attention.output.dense"),
                            List.of(
                                    "attention.output.LayerNorm",
                                    "intermediate.dense",
                                    "output.dense",
                                    "output.LayerNorm"));
        }
        return x;
    }

    private double[][] layer(double[][] below, String path, List<String> attention, List<String> others) {
        double[][] attended = linear(
                path + attention.get(3),
                attention(path + attention.get(0), path + attention.get(1), path + attention.get(2), below));
        double[][] x = norm(path + others.get(0), sum(below, attended));
        double[][] inner = linear(path + others.get(1), x);
        DoubleUnaryOperator gelu = gelu();
        for (double[] row : inner) {
            Arrays.setAll(row, i -> gelu.applyAsDouble(row[i]));
        }
        return norm(path + others.get(3), sum(x, linear(path + others.get(2), inner)));
    }

    /** The scores of classes. */
    double[] classes(int[] tokens, int[] types, String pooler, String classifier) {
        double[] first = rows(tokens, types)[0];
        double[] pooled = linear(pooler, new double[][] {first})[0];
        Arrays.setAll(pooled, i -> distil ? Math.max(0, pooled[i]) : Math.tanh(pooled[i]));
        return linear(classifier, new double[][] {pooled})[0];
    }

    /** The logits of words for each token. */
    double[][] scores(int[] tokens, int[] types) {
        List<String> head = distil
                ? List.of("vocab_transform", "vocab_layer_norm", "vocab_projector.bias")
                : prefix.equals("bert.")
                        ? List.of(
                                "cls.predictions.transform.dense",
                                "cls.predictions.transform.LayerNorm",
                                "cls.predictions.bias")
                        : List.of("lm_head.dense", "lm_head.layer_norm", "lm_head.bias");
        DoubleUnaryOperator gelu = prefix.equals("roberta.") ? NaiveEncoder::exactGelu : gelu();
        double[][] rows = linear(head.get(0), rows(tokens, types));
        for (double[] row : rows) {
            Arrays.setAll(row, i -> gelu.applyAsDouble(row[i]));
        }
        rows = norm(head.get(1), rows);
        float[] bias = tiny.values(head.get(2));
        double[][] scores = new double[rows.length][bias.length];
        for (int t = 0; t < rows.length; t++) {
            for (int word = 0; word < bias.length; word++) {
                scores[t][word] = bias[word];
                for (int i = 0; i < hidden; i++) {
                    scores[t][word] += rows[t][i] * table("word", word, i);
                }
            }
        }
        return scores;
    }

    private static double exactGelu(double x) {
        return x * Erfc.value(-x / Math.sqrt(2)) / 2;
    }

    private double table(String kind, int row, int column) {
        return tiny.values(prefix + "embeddings." + kind + "_embeddings.weight")[row * hidden + column];
    }

    private DoubleUnaryOperator gelu() {
        return tiny.text(distil ? "activation" : "hidden_act").equals("gelu_new")
                ? x -> x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2
                : NaiveEncoder::exactGelu;
    }

    private double[][] attention(String query, String key, String value, double[][] x) {
        double[][] q = linear(query, x);
        double[][] k = linear(key, x);
        double[][] v = linear(value, x);
        double[][] result = new double[x.length][hidden];
        int size = hidden / heads;
        for (int head = 0; head < heads; head++) {
            for (int t = 0; t < x.length; t++) {
                double[] p = new double[x.length];
                double total = 0;
                for (int s = 0; s < x.length; s++) {
                    double score = 0;
                    for (int i = head * size; i < (head + 1) * size; i++) {
                        score += q[t][i] * k[s][i];
                    }
                    p[s] = Math.exp(score / Math.sqrt(size));
                    total += p[s];
                }
                for (int s = 0; s < x.length; s++) {
                    for (int i = head * size; i < (head + 1) * size; i++) {
                        result[t][i] += p[s] / total * v[s][i];
                    }
                }
            }
        }
        return result;
    }

    private double[][] linear(String module, double[][] x) {
        float[] weight = tiny.values(module + ".weight");
        float[] bias = tiny.values(module + ".bias");
        double[][] y = new double[x.length][bias.length];
        for (int t = 0; t < x.length; t++) {
            for (int o = 0; o < bias.length; o++) {
                y[t][o] = bias[o];
                for (int i = 0; i < x[t].length; i++) {
                    y[t][o] += (double) weight[o * x[t].length + i] * x[t][i];
                }
            }
        }
        return y;
    }

    private static double[][] sum(double[][] x, double[][] y) {
        double[][] sum = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] row = x[t].clone();
            double[] more = y[t];
            Arrays.setAll(row, i -> row[i] + more[i]);
            sum[t] = row;
        }
        return sum;
    }

    private double[][] norm(String module, double[][] x) {
        float[] gain = tiny.values(module + ".weight");
        float[] bias = tiny.values(module + ".bias");
        double[][] y = new double[x.length][hidden];
        for (int t = 0; t < x.length; t++) {
            double mean = Arrays.stream(x[t]).average().orElseThrow();
            double variance = Arrays.stream(x[t])
                    .map(value -> (value - mean) * (value - mean))
                    .average()
                    .orElseThrow();
            for (int i = 0; i < hidden; i++) {
                y[t][i] = gain[i] * (x[t][i] - mean) / Math.sqrt(variance + epsilon) + bias[i];
            }
        }
        return y;
    }
}
