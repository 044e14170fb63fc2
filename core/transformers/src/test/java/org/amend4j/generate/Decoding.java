/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.amend4j.testkit.TinyCheckpoint;

/** Decoders of tiny checkpoints, and how far their logits may be from those of the reference. */
final class Decoding {

    /**
     * Some twenty products one after the other, each summed over up to 41 terms in single precision: 20 · 41 · 2^-24 = 5e-5 of the sums
     * of magnitudes, which are a few times as large as the sums.
     */
    static final double TOLERANCE = 2e-4;

    private Decoding() {}

    static Decoder decoder(TinyCheckpoint tiny, Path directory) {
        try {
            return Decoder.open(tiny.write(Files.createTempDirectory(directory, "checkpoint")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The logits after each token, in double precision, by nothing that is tested. */
    static double[][] naive(TinyCheckpoint tiny, int... tokens) {
        return tiny.text("model_type").equals("gpt2")
                ? new NaiveGpt2(tiny).logits(tokens)
                : new NaiveDecoder(tiny).logits(tokens);
    }

    static int[] tokens(long seed, int count, int vocabulary) {
        return new Random(seed).ints(count, 0, vocabulary).toArray();
    }

    /** The largest difference, in parts of the largest logit. */
    static double distance(double[][] expected, List<float[]> actual) {
        double most = 0;
        double largest = 0;
        for (int t = 0; t < expected.length; t++) {
            for (int i = 0; i < expected[t].length; i++) {
                most = Math.max(most, Math.abs(expected[t][i] - actual.get(t)[i]));
                largest = Math.max(largest, Math.abs(expected[t][i]));
            }
        }
        return most / largest;
    }

    static void assertNear(double[][] expected, List<float[]> actual) {
        double distance = distance(expected, actual);
        assertTrue(distance < TOLERANCE, "distance " + distance);
    }
}
