/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.List;
import java.util.Optional;

/**
 * The sizes of the measured work.
 *
 * @param name for reports
 * @param productSizes of square matrices, ascending
 * @param copiedFloats by the copy that tells the bandwidth
 * @param steps shapes of training steps
 * @param gradients shapes of full-batch gradients
 * @param pictures the demo's training, if it is measured
 */
public record Scale(
        String name,
        List<Integer> productSizes,
        int copiedFloats,
        List<DenseCase> steps,
        List<DenseCase> gradients,
        Optional<Pictures> pictures,
        Rounds rounds) {

    /** For numbers one may quote. */
    public static final Scale FULL = new Scale(
            "full",
            List.of(1024, 2048, 4096, 8192),
            1 << 26,
            List.of(
                    new DenseCase(4, 1024, 8, 256),
                    new DenseCase(4, 4096, 16, 64),
                    new DenseCase(4, 4096, 16, 256),
                    new DenseCase(4, 4096, 16, 4096)),
            List.of(new DenseCase(4, 1024, 8, 1024), new DenseCase(4, 4096, 16, 256)),
            Optional.of(new Pictures(6000, 1000, 8)),
            new Rounds(1000, 200, 9));

    /** For a look. */
    public static final Scale QUICK = new Scale(
            "quick",
            List.of(256, 512, 1024),
            1 << 24,
            List.of(new DenseCase(2, 256, 8, 64)),
            List.of(new DenseCase(2, 256, 8, 256)),
            Optional.of(new Pictures(256, 100, 1)),
            new Rounds(200, 50, 5));

    /** For the emulated device, where times say nothing. */
    public static final Scale TINY = new Scale(
            "tiny",
            List.of(32, 64),
            1 << 16,
            List.of(new DenseCase(2, 32, 4, 16)),
            List.of(new DenseCase(2, 32, 4, 32)),
            Optional.of(new Pictures(32, 20, 1)),
            new Rounds(1, 1, 3));

    public Scale {
        productSizes = List.copyOf(productSizes);
        steps = List.copyOf(steps);
        gradients = List.copyOf(gradients);
    }

    /** This without the demo. */
    public Scale withoutDemo() {
        return new Scale(name, productSizes, copiedFloats, steps, gradients, Optional.empty(), rounds);
    }

    /**
     * The demo's training.
     *
     * @param training pictures to train on
     * @param test pictures to test on
     */
    record Pictures(int training, int test, int epochs) {}

    /**
     * How one measures.
     *
     * @param warmUp milliseconds of running before anything counts, at least
     * @param each milliseconds of a round, at least
     * @param count how many rounds
     */
    record Rounds(double warmUp, double each, int count) {}
}
