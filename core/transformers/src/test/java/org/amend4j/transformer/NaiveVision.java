/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Arrays;
import org.amend4j.testkit.TinyCheckpoint;
import org.apache.commons.numbers.gamma.Erfc;

/**
 * A vision transformer's forward pass as its paper has it (arXiv 2010.11929, equations 1 to 4), or a DINOv2's, with the scales of arXiv
 * 2103.17239 and the gate of arXiv 2002.05202: in double precision, by plain loops over pixels, without any class that is tested.
 */
final class NaiveVision {

    private final TinyCheckpoint tiny;
    private final boolean dino;
    private final String prefix;
    private final int width;
    private final int patch;
    private final int channels;
    private final int side;

    NaiveVision(TinyCheckpoint tiny) {
        this.tiny = tiny;
        this.dino = tiny.text("model_type").equals("dinov2");
        String family = tiny.text("model_type") + ".";
        this.prefix = tiny.names().contains(family + "layernorm.weight") ? family : "";
        this.width = tiny.integer("hidden_size");
        this.patch = tiny.integer("patch_size");
        this.channels = tiny.integer("num_channels");
        this.side = tiny.integer("image_size");
    }

    /** @param picture channel, row, column */
    double[][] rows(double[][][] picture) {
        double[][] z = embedded(picture);
        for (int layer = 0; layer < tiny.integer("num_hidden_layers"); layer++) {
            String path = prefix + "encoder.layer." + layer + ".";
            double[][] before = norm(path + (dino ? "norm1" : "layernorm_before"), z);
            double[][] attended =
                    affine(path + "attention.output.dense", attention(path + "attention.attention.", before));
            add(z, dino ? scaled(path + "layer_scale1", attended) : attended);
            double[][] after = norm(path + (dino ? "norm2" : "layernorm_after"), z);
            add(z, dino ? scaled(path + "layer_scale2", feedForward(path + "mlp.", after)) : feedForward(path, after));
        }
        return norm(prefix + "layernorm", z);
    }

    private double[][] feedForward(String path, double[][] z) {
        if (tiny.flag("use_swiglu_ffn")) {
            double[][] wide = affine(path + "weights_in", z);
            int half = wide[0].length / 2;
            double[][] gated = new double[wide.length][half];
            for (int t = 0; t < wide.length; t++) {
                for (int i = 0; i < half; i++) {
                    gated[t][i] = wide[t][i] / (1 + Math.exp(-wide[t][i])) * wide[t][half + i];
                }
            }
            return affine(path + "weights_out", gated);
        }
        double[][] wide = affine(path + (dino ? "fc1" : "intermediate.dense"), z);
        for (double[] row : wide) {
            Arrays.setAll(row, i -> row[i] * Erfc.value(-row[i] / Math.sqrt(2)) / 2);
        }
        return affine(path + (dino ? "fc2" : "output.dense"), wide);
    }

    private double[][] scaled(String module, double[][] z) {
        float[] lambda = tiny.values(module + ".lambda1");
        for (double[] row : z) {
            Arrays.setAll(row, i -> row[i] * lambda[i]);
        }
        return z;
    }

    /** The scores of classes, of the class token's row, in a DINOv2 with the mean of the patches' behind it. */
    double[] classes(double[][][] picture) {
        double[][] rows = rows(picture);
        double[] read = Arrays.copyOf(rows[0], dino ? 2 * width : width);
        for (int t = 1; dino && t < rows.length; t++) {
            for (int i = 0; i < width; i++) {
                read[width + i] += rows[t][i] / (rows.length - 1);
            }
        }
        return affine("classifier", new double[][] {read})[0];
    }

    /** A convolution with steps of its own length, pixel by pixel. */
    private double[][] embedded(double[][][] picture) {
        float[] kernel = tiny.values(prefix + "embeddings.patch_embeddings.projection.weight");
        float[] bias = tiny.values(prefix + "embeddings.patch_embeddings.projection.bias");
        float[] token = tiny.values(prefix + "embeddings.cls_token");
        float[] positions = tiny.values(prefix + "embeddings.position_embeddings");
        int along = side / patch;
        double[][] z = new double[1 + along * along][width];
        for (int o = 0; o < width; o++) {
            z[0][o] = (double) token[o] + positions[o];
            for (int row = 0; row < along; row++) {
                for (int column = 0; column < along; column++) {
                    double sum = bias[o];
                    for (int channel = 0; channel < channels; channel++) {
                        for (int y = 0; y < patch; y++) {
                            for (int x = 0; x < patch; x++) {
                                sum += picture[channel][row * patch + y][column * patch + x]
                                        * kernel[((o * channels + channel) * patch + y) * patch + x];
                            }
                        }
                    }
                    int place = 1 + row * along + column;
                    z[place][o] = sum + positions[place * width + o];
                }
            }
        }
        return z;
    }

    private double[][] attention(String path, double[][] z) {
        double[][] q = affine(path + "query", z);
        double[][] k = affine(path + "key", z);
        double[][] v = affine(path + "value", z);
        int heads = tiny.integer("num_attention_heads");
        int size = width / heads;
        double[][] result = new double[z.length][width];
        for (int t = 0; t < z.length; t++) {
            for (int head = 0; head < heads; head++) {
                double[] weights = new double[z.length];
                for (int s = 0; s < z.length; s++) {
                    double score = 0;
                    for (int i = head * size; i < head * size + size; i++) {
                        score += q[t][i] * k[s][i];
                    }
                    weights[s] = Math.exp(score / Math.sqrt(size));
                }
                double total = Arrays.stream(weights).sum();
                for (int s = 0; s < z.length; s++) {
                    for (int i = head * size; i < head * size + size; i++) {
                        result[t][i] += weights[s] / total * v[s][i];
                    }
                }
            }
        }
        return result;
    }

    private double[][] affine(String module, double[][] z) {
        float[] weight = tiny.values(module + ".weight");
        float[] bias = tiny.names().contains(module + ".bias") ? tiny.values(module + ".bias") : null;
        int inputs = z[0].length;
        double[][] y = new double[z.length][weight.length / inputs];
        for (int t = 0; t < z.length; t++) {
            for (int o = 0; o < y[t].length; o++) {
                y[t][o] = bias == null ? 0 : bias[o];
                for (int i = 0; i < inputs; i++) {
                    y[t][o] += z[t][i] * weight[o * inputs + i];
                }
            }
        }
        return y;
    }

    private static void add(double[][] z, double[][] more) {
        for (int t = 0; t < z.length; t++) {
            for (int i = 0; i < z[t].length; i++) {
                z[t][i] += more[t][i];
            }
        }
    }

    private double[][] norm(String module, double[][] z) {
        float[] gain = tiny.values(module + ".weight");
        float[] bias = tiny.values(module + ".bias");
        double[][] y = new double[z.length][width];
        for (int t = 0; t < z.length; t++) {
            double mean = Arrays.stream(z[t]).average().orElseThrow();
            double squares = 0;
            for (double value : z[t]) {
                squares += (value - mean) * (value - mean);
            }
            double deviation = Math.sqrt(squares / width + tiny.number("layer_norm_eps", 1e-12));
            for (int i = 0; i < width; i++) {
                y[t][i] = (z[t][i] - mean) / deviation * gain[i] + bias[i];
            }
        }
        return y;
    }
}
