/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import org.amend4j.internal.validation.Checks;

/**
 * Positions as rotations (Su et al., arXiv 2104.09864), in Hugging Face's half form: at position p the numbers j and j + D/2 of a
 * head of D numbers are turned by p·f_j, with f_j = theta^(−2j/D) scaled.
 *
 * @param theta > 0
 * @param scaling what becomes of frequencies
 */
public record RotaryEmbedding(double theta, RotaryScaling scaling) {

    /** Checks theta. */
    public RotaryEmbedding {
        Checks.positive("rope_theta", theta);
    }

    /**
     * The frequencies in radians a position.
     *
     * @param headSize D, even
     * @return D/2 numbers
     */
    public double[] frequencies(int headSize) {
        double[] frequencies = new double[headSize / 2];
        for (int j = 0; j < frequencies.length; j++) {
            frequencies[j] = scaling.scaled(StrictMath.pow(theta, -2.0 * j / headSize));
        }
        return frequencies;
    }
}
