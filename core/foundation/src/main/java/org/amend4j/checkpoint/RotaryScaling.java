/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import org.amend4j.internal.validation.Checks;

/** How the frequencies of rotary embeddings are changed for texts longer than in the original training. */
public sealed interface RotaryScaling {

    /**
     * The frequency that takes a frequency's place.
     *
     * @param frequency in radians a position, > 0
     */
    double scaled(double frequency);

    /** As they are. */
    record None() implements RotaryScaling {

        @Override
        public double scaled(double frequency) {
            return frequency;
        }
    }

    /**
     * All divided by a factor (position interpolation; Chen et al., arXiv 2306.15595).
     *
     * @param factor > 0
     */
    record Linear(double factor) implements RotaryScaling {

        /** Checks the factor. */
        public Linear {
            Checks.positive("factor of the rope scaling", factor);
        }

        @Override
        public double scaled(double frequency) {
            return frequency / factor;
        }
    }

    /**
     * Llama 3.1's: frequencies that turn fully more than {@code highTurns} times within the original length stay, those that turn
     * fewer than {@code lowTurns} times are divided by the factor, and between the two the one goes over into the other linearly
     * in the number of turns.
     *
     * @param factor > 0
     * @param lowTurns {@code low_freq_factor}, > 0
     * @param highTurns {@code high_freq_factor}, above lowTurns
     * @param originalPositions {@code original_max_position_embeddings}, >= 1
     */
    record Llama3(double factor, double lowTurns, double highTurns, int originalPositions) implements RotaryScaling {

        /** Checks the numbers. */
        public Llama3 {
            Checks.positive("factor of the rope scaling", factor);
            Checks.positive("low_freq_factor", lowTurns);
            Checks.positive("high_freq_factor", highTurns);
            Checks.atLeast(1, "original_max_position_embeddings", originalPositions);
            if (highTurns <= lowTurns) {
                throw new IllegalArgumentException(
                        "high_freq_factor must be above low_freq_factor, got " + highTurns + " and " + lowTurns);
            }
        }

        @Override
        public double scaled(double frequency) {
            double turns = originalPositions * frequency / (2 * Math.PI);
            double kept = Math.min(1, Math.max(0, (turns - lowTurns) / (highTurns - lowTurns)));
            return kept * frequency + (1 - kept) * frequency / factor;
        }
    }
}
