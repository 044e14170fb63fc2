/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.DoubleUnaryOperator;
import org.amend4j.testkit.TinyCheckpoint;

/**
 * The forward pass as it is written in papers: in double precision, by plain loops, all tokens at once, every query against all keys, and
 * without any class that is tested.
 */
final class NaiveDecoder {

    private final TinyCheckpoint tiny;
    private final int hidden;
    private final int heads;
    private final int keyValueHeads;
    private final int size;

    NaiveDecoder(TinyCheckpoint tiny) {
        this.tiny = tiny;
        hidden = tiny.integer("hidden_size");
        heads = tiny.integer("num_attention_heads");
        keyValueHeads = tiny.integer("num_key_value_heads");
        size = tiny.headSize();
    }

    /** The logits after each token. */
    double[][] logits(int... tokens) {
        double[][] x = new double[tokens.length][hidden];
        for (int t = 0; t < tokens.length; t++) {
            for (int i = 0; i < hidden; i++) {
                double factor = isGemma() ? Math.sqrt(hidden) : 1;
                x[t][i] = factor * tiny.values("model.embed_tokens.weight")[tokens[t] * hidden + i];
            }
        }
        for (int layer = 0; layer < tiny.integer("num_hidden_layers"); layer++) {
            String path = "model.layers." + layer + ".";
            double[][] normal = normal(path + "input_layernorm.weight", x);
            add(x, linear(path + "self_attn.o_proj", attention(path + "self_attn.", normal, window(layer))));
            normal = normal(path + "post_attention_layernorm.weight", x);
            double[][] gate = linear(path + "mlp.gate_proj", normal);
            double[][] up = linear(path + "mlp.up_proj", normal);
            DoubleUnaryOperator function = function();
            for (int t = 0; t < x.length; t++) {
                for (int i = 0; i < up[t].length; i++) {
                    up[t][i] *= function.applyAsDouble(gate[t][i]);
                }
            }
            add(x, linear(path + "mlp.down_proj", up));
        }
        boolean tied = tiny.flag("tie_word_embeddings");
        return linear(tied ? "model.embed_tokens" : "lm_head", normal("model.norm.weight", x));
    }

    private boolean isGemma() {
        return tiny.text("model_type").equals("gemma");
    }

    private OptionalInt window(int layer) {
        boolean has = tiny.text("model_type").equals("mistral")
                || (tiny.flag("use_sliding_window") && layer >= tiny.integer("max_window_layers"));
        return has ? OptionalInt.of(tiny.integer("sliding_window")) : OptionalInt.empty();
    }

    private DoubleUnaryOperator function() {
        return switch (tiny.text("hidden_act")) {
            case "gelu" -> v -> v * normalDistribution(v);
            case "gelu_pytorch_tanh" ->
                v -> v / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * Math.pow(v, 3))));
            default -> v -> v / (1 + Math.exp(-v));
        };
    }

    /** By Simpson's rule. */
    private static double normalDistribution(double v) {
        int steps = 400;
        double width = v / steps;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            double at = i * width;
            sum += (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.exp(-at * at / 2);
        }
        return 0.5 + sum * width / 3 / Math.sqrt(2 * Math.PI);
    }

    private double[][] attention(String path, double[][] x, OptionalInt window) {
        double[][] q = rotated(heads(path + "q_norm.weight", linear(path + "q_proj", x), heads), heads);
        double[][] k = rotated(heads(path + "k_norm.weight", linear(path + "k_proj", x), keyValueHeads), keyValueHeads);
        double[][] v = linear(path + "v_proj", x);
        double[][] result = new double[x.length][heads * size];
        for (int head = 0; head < heads; head++) {
            int shared = head / (heads / keyValueHeads) * size;
            for (int t = 0; t < x.length; t++) {
                double[] p = new double[x.length];
                double sum = 0;
                for (int s = 0; s <= t; s++) {
                    if (window.isPresent() && s <= t - window.getAsInt()) {
                        continue;
                    }
                    double score = 0;
                    for (int j = 0; j < size; j++) {
                        score += q[t][head * size + j] * k[s][shared + j];
                    }
                    p[s] = Math.exp(score / Math.sqrt(size));
                    sum += p[s];
                }
                for (int s = 0; s <= t; s++) {
                    for (int j = 0; j < size; j++) {
                        result[t][head * size + j] += p[s] / sum * v[s][shared + j];
                    }
                }
            }
        }
        return result;
    }

    /** Each head as a row that is normalised, where there is a norm for it. */
    private double[][] heads(String norm, double[][] x, int count) {
        if (!tiny.names().contains(norm)) {
            return x;
        }
        double[][] result = new double[x.length][count * size];
        for (int t = 0; t < x.length; t++) {
            for (int head = 0; head < count; head++) {
                double[][] part = {Arrays.copyOfRange(x[t], head * size, (head + 1) * size)};
                System.arraycopy(normal(norm, part)[0], 0, result[t], head * size, size);
            }
        }
        return result;
    }

    /** x·cos + rotateHalf(x)·sin, where rotateHalf(a, b) = (−b, a). */
    private double[][] rotated(double[][] x, int count) {
        double[][] result = new double[x.length][count * size];
        for (int t = 0; t < x.length; t++) {
            for (int i = 0; i < count * size; i++) {
                int j = i % size;
                double frequency = Math.pow(tiny.number("rope_theta", 10_000), -2.0 * (j % (size / 2)) / size);
                double angle = t * frequency / tiny.number("rope_scaling", "factor", 1);
                double other = j < size / 2 ? -x[t][i + size / 2] : x[t][i - size / 2];
                result[t][i] = x[t][i] * Math.cos(angle) + other * Math.sin(angle);
            }
        }
        return result;
    }

    private double[][] normal(String name, double[][] x) {
        int width = x[0].length;
        double[][] result = new double[x.length][width];
        for (int t = 0; t < x.length; t++) {
            double squares = 0;
            for (double value : x[t]) {
                squares += value * value;
            }
            double root = Math.sqrt(squares / width + tiny.number("rms_norm_eps", 1e-6));
            for (int i = 0; i < width; i++) {
                result[t][i] = x[t][i] / root * (tiny.values(name)[i] + (isGemma() ? 1 : 0));
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
                double sum = biased ? tiny.values(module + ".bias")[o] : 0;
                for (int i = 0; i < inputs; i++) {
                    sum += x[t][i] * weight[o * inputs + i];
                }
                result[t][o] = sum;
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
