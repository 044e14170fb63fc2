/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

/** Llama 3's scaling of positions, known from what a GGUF file keeps of it: by how much each frequency is divided. */
final class GgufScaling {

    /** As all models have them that Meta published. */
    private static final double LOW_TURNS = 1;

    private static final double HIGH_TURNS = 4;

    private static final int LONGEST = 1 << 24;

    /** Divisors are computed in single precision, and between the two kinds of frequencies from a difference of nearly equal numbers. */
    private static final double TOLERANCE = 1e-4;

    private GgufScaling() {}

    /**
     * The scaling that has these divisors. Where several lengths have the same, it is the shortest: they compute the same.
     *
     * @throws IllegalArgumentException if it is not Llama 3's for a length that is a power of two
     */
    static RotaryScaling of(float[] divisors, double theta) {
        double factor = 1;
        for (float divisor : divisors) {
            factor = Math.max(factor, divisor);
        }
        if (matches(new RotaryScaling.None(), divisors, theta)) {
            return new RotaryScaling.None();
        }
        for (int original = 1; original <= LONGEST; original *= 2) {
            RotaryScaling scaling = new RotaryScaling.Llama3(factor, LOW_TURNS, HIGH_TURNS, original);
            if (matches(scaling, divisors, theta)) {
                return scaling;
            }
        }
        throw new IllegalArgumentException(
                "the tensor 'rope_freqs.weight' must hold the divisors of Llama 3's scaling, with low_freq_factor 1 and high_freq_factor 4");
    }

    private static boolean matches(RotaryScaling scaling, float[] divisors, double theta) {
        double[] plain = new RotaryEmbedding(theta, new RotaryScaling.None()).frequencies(2 * divisors.length);
        for (int i = 0; i < divisors.length; i++) {
            double divisor = plain[i] / scaling.scaled(plain[i]);
            if (!(Math.abs(divisors[i] - divisor) <= TOLERANCE * divisor)) {
                return false;
            }
        }
        return true;
    }
}
