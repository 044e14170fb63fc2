/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.checkpoint.AttentionShape;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.DecoderFamily;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.checkpoint.RotaryEmbedding;
import org.amend4j.checkpoint.RotaryScaling;
import org.amend4j.checkpoint.SpecialIds;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.Sequence;

/** A decoder of random weights whose head is its table, so that every weight is read for every token. */
final class DecoderProblem {

    /** Where a text ends and the next begins: keys and values are small beside weights. */
    private static final int LONGEST = 128;

    /** Numbers of a piece of the floor's reading: sums of so many stay in the first cache. */
    private static final int PIECE = 4096;

    private final DecoderConfig config;
    private final Map<String, List<Long>> shapes;

    DecoderProblem(int vocabulary, int width, int inner, int layers, int heads) {
        config = new DecoderConfig(
                DecoderFamily.LLAMA,
                vocabulary,
                width,
                inner,
                layers,
                new AttentionShape(heads, heads, width / heads, false, false, Optional.empty()),
                new RotaryEmbedding(10_000, new RotaryScaling.None()),
                LONGEST,
                1e-5,
                HiddenActivation.SILU,
                false,
                true,
                new SpecialIds(OptionalInt.empty(), List.of()));
        shapes = CheckpointFiles.shapes(config);
    }

    /** Number of weights. */
    long weights() {
        return shapes.values().stream().mapToLong(DecoderProblem::count).sum();
    }

    private static long count(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** The greedy choice of one token after another. */
    Contender generation(String name) throws IOException {
        Decoder decoder = new Decoder(config, weight -> normal(shapes.getOrDefault(weight, List.of())));
        return new Contender(name, new Text(decoder)::next, () -> {});
    }

    private static float[] normal(List<Long> shape) {
        Random random = new Random(shape.hashCode());
        float[] values = new float[Math.toIntExact(count(shape))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.02 * random.nextGaussian());
        }
        return values;
    }

    private static final class Text {

        private final Decoder decoder;
        private Sequence sequence;
        private int last = 1;

        Text(Decoder decoder) {
            this.decoder = decoder;
            this.sequence = decoder.begin();
        }

        void next() {
            if (sequence.length() == LONGEST) {
                sequence = decoder.begin();
            }
            float[] logits = decoder.append(sequence, last);
            last = 0;
            for (int token = 1; token < logits.length; token++) {
                if (logits[token] > logits[last]) {
                    last = token;
                }
            }
        }
    }

    /** As many numbers read once, by a thread for each processor: sums in vectors that stay in the first cache. */
    Contender floor(String name) {
        Reading reading = new Reading(weights(), Runtime.getRuntime().availableProcessors());
        return new Contender(name, reading::pass, () -> {});
    }

    private static final class Reading {

        private final List<List<float[]>> shares = new ArrayList<>();

        Reading(long numbers, int threads) {
            int pieces = Math.toIntExact(numbers / PIECE / threads);
            for (int thread = 0; thread < threads; thread++) {
                shares.add(IntStream.range(0, pieces)
                        .mapToObj(piece -> new float[PIECE])
                        .toList());
            }
        }

        void pass() {
            double sum = shares.parallelStream().mapToDouble(Reading::sum).sum();
            if (Double.isNaN(sum)) {
                throw new ArithmeticException("sums of zeros are zeros");
            }
        }

        private static double sum(List<float[]> pieces) {
            float[] sums = new float[PIECE];
            for (float[] piece : pieces) {
                add(sums, piece);
            }
            return sums[0] + sums[PIECE - 1];
        }

        private static void add(float[] sums, float[] piece) {
            for (int i = 0; i < PIECE; i++) {
                sums[i] += piece[i];
            }
        }
    }
}
