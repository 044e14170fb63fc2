/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** What tests of vaults keep in them. */
final class Vaults {
    static final int DIMENSION = 5;
    static final String RUN = "run-a";

    private Vaults() {}

    static byte[] kek(int seed) {
        byte[] kek = new byte[32];
        new Random(seed).nextBytes(kek);
        return kek;
    }

    static SealedVault open(Path directory) throws IOException {
        return SealedVault.open(directory, RUN, DIMENSION, kek(1));
    }

    static Path file(Path directory, int step) {
        return new SealedFiles(directory, RUN, DIMENSION).file(step);
    }

    /** Random bits: numbers of every size, now and then an infinity or a NaN with a payload. */
    static double[] theta(int seed, int dimension) {
        Random random = new Random(seed);
        double[] theta = new double[dimension];
        for (int i = 0; i < dimension; i++) {
            theta[i] = switch (i % 5) {
                case 1 -> Double.longBitsToDouble(0x7ff8000000000000L | random.nextInt());
                case 2 -> -0.0;
                case 3 -> i % 2 == 0 ? Double.NEGATIVE_INFINITY : Double.MIN_VALUE;
                default -> Double.longBitsToDouble(random.nextLong());
            };
        }
        return theta;
    }

    static long[] bits(double[] theta) {
        return Arrays.stream(theta).mapToLong(Double::doubleToRawLongBits).toArray();
    }

    static void keep(CheckpointVault vault, int... steps) throws IOException {
        for (int step : steps) {
            vault.keep(step, theta(step, DIMENSION));
        }
    }

    /** Each step's checkpoint is the one {@link #keep} keeps. */
    static void requireTrue(CheckpointVault vault, int... steps) throws IOException {
        for (int step : steps) {
            assertArrayEquals(bits(theta(step, DIMENSION)), bits(vault.read(step)), "step " + step);
        }
    }

    static boolean nothingHalfWrittenIn(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.noneMatch(file -> file.toString().endsWith(".tmp"));
        }
    }
}
