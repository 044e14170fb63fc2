/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import java.util.Arrays;
import org.amend4j.random.RandomBytes;

/**
 * Adds {@link DiscreteGaussian} noise on a {@link GaussianGrid}: every released number is a multiple of the grid step, so
 * the low bits reveal nothing about the value under the noise (Mironov 2012). The bits come from a cryptographic generator,
 * and the noise can be neither seeded nor reproduced. Not thread-safe.
 */
public final class SecureGaussian {

    private final Chance chance;

    /** Seeded by the operating system. */
    public SecureGaussian() {
        this(RandomBytes.secure());
    }

    SecureGaussian(RandomBytes source) {
        this.chance = new RejectionChance(source);
    }

    /**
     * A noisy copy: parameters rounded to the grid, plus g times discrete Gaussian noise of parameter σ/g, independent
     * per coordinate. Casting it to float afterwards costs nothing.
     *
     * @param parameters not changed
     * @throws ArithmeticException if a parameter is not finite or above the grid's bound; then nothing was drawn
     */
    public double[] release(double[] parameters, GaussianGrid grid) {
        long[] onGrid = grid.toGrid(parameters);
        DiscreteGaussian noise = new DiscreteGaussian(chance, grid.units());
        double[] released = new double[parameters.length];
        for (int i = 0; i < released.length; i++) {
            released[i] = grid.fromGrid(Math.addExact(onGrid[i], noise.next()));
        }
        Arrays.fill(onGrid, 0);
        return released;
    }
}
