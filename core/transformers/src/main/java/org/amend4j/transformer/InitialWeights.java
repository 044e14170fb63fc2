/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.checkpoint.Weights;
import org.amend4j.random.SplitMix64;

/**
 * What Hugging Face's classes start with before any training: matrices normal with deviation 0.02 (those of a GPT-2 whose results are
 * added to rows, 0.02/√(2·layers)), gains and scales 1 (0 where they are offsets from 1), biases and the row of masked patches 0. Every tensor is
 * drawn by itself, from the seed and its place among the others.
 */
final class InitialWeights implements Weights {

    private static final double DEVIATION = 0.02;
    private static final Pattern GAIN =
            Pattern.compile(".*([nN]orm([12]|_before|_after)?|ln_[12f])\\.weight|.*\\.lambda1");

    /** What a GPT-2 adds to its rows. */
    private static final Pattern ADDED = Pattern.compile("transformer\\.h\\..*\\.c_proj\\.weight");

    /** A matrix of one row that starts with zeros. */
    private static final String MASK_TOKEN = ".mask_token";

    private final Map<String, List<Long>> shapes;
    private final List<String> names;
    private final long seed;
    private final float gain;
    private final int layers;

    InitialWeights(TransformerConfig config, long seed) {
        this.shapes = CheckpointFiles.shapes(config);
        this.names = List.copyOf(shapes.keySet());
        this.seed = seed;
        boolean around =
                config instanceof DecoderConfig decoder && decoder.family().hasGainsAroundOne();
        this.gain = around ? 0 : 1;
        this.layers = config.layers();
    }

    private double deviation(String name) {
        return ADDED.matcher(name).matches() ? DEVIATION / Math.sqrt(2.0 * layers) : DEVIATION;
    }

    @Override
    public float[] values(String name) {
        List<Long> shape = shapes.getOrDefault(name, List.of());
        float[] values = new float[Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact))];
        if (shape.size() > 1 && !name.endsWith(MASK_TOKEN)) {
            SplitMix64 random = new SplitMix64(SplitMix64.draw(seed, names.indexOf(name)));
            double deviation = deviation(name);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
        } else if (GAIN.matcher(name).matches()) {
            Arrays.fill(values, gain);
        }
        return values;
    }
}
