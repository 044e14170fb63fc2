/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import org.amend4j.internal.validation.Checks;

/**
 * Values are set to zero before arrays are added: of trained changes most can be left out (Yu et al., "Language Models are
 * Super Mario", arXiv 2311.03099), and where adapters disagree about a sign their sum is neither's (Yadav et al.,
 * "TIES-Merging", arXiv 2306.01708).
 *
 * @param kept which values are left
 * @param signs which of them are added
 */
public record Pruning(Kept kept, Signs signs) {

    /** Which values of an array are left. */
    public sealed interface Kept {

        /** The part that is left. */
        double density();
    }

    /**
     * The largest in magnitude; of equal ones those that come first, columns before rows.
     *
     * @param density part that is left, in (0, 1], rounded down to a whole number of values
     */
    public record Largest(double density) implements Kept {

        /** @throws IllegalArgumentException if the density breaks its rule */
        public Largest {
            requireDensity(density);
        }
    }

    /**
     * Each with this probability, and then divided by it, so that the expectation is the array itself.
     *
     * @param density probability, in (0, 1]
     * @param seed equal seeds leave equal values
     */
    public record Random(double density, long seed) implements Kept {

        /** @throws IllegalArgumentException if the density breaks its rule */
        public Random {
            requireDensity(density);
        }
    }

    /** Which values at one place are added. Without {@link #ALL}, those of the elected sign, and their sum is divided by their number. */
    public enum Signs {
        /** All. */
        ALL,
        /** Those with the sign of their sum before it is weighted; positive if it is 0. */
        TOTAL,
        /** Those with the sign that more of them have; positive if it is a draw. */
        FREQUENCY
    }

    /** @throws IllegalArgumentException if a component is missing */
    public Pruning {
        Checks.present("what is kept", kept);
        Checks.present("the signs", signs);
    }

    /** PEFT's {@code magnitude_prune}. */
    public static Pruning magnitude(double density) {
        return new Pruning(new Largest(density), Signs.ALL);
    }

    /** PEFT's {@code ties}; {@code signs} is its {@code majority_sign_method}. */
    public static Pruning ties(double density, Signs signs) {
        return new Pruning(new Largest(density), signs);
    }

    /** PEFT's {@code dare_linear}. */
    public static Pruning dareLinear(double density, long seed) {
        return new Pruning(new Random(density, seed), Signs.ALL);
    }

    /** PEFT's {@code dare_ties}; {@code signs} is its {@code majority_sign_method}. */
    public static Pruning dareTies(double density, Signs signs, long seed) {
        return new Pruning(new Random(density, seed), signs);
    }

    /** PEFT's name for it. */
    String peftName() {
        if (kept instanceof Largest) {
            return signs == Signs.ALL ? "magnitude_prune" : "ties";
        }
        return signs == Signs.ALL ? "dare_linear" : "dare_ties";
    }

    /** What the draws begin with. */
    long seed() {
        return kept instanceof Random random ? random.seed() : 0;
    }

    private static void requireDensity(double density) {
        if (!(density > 0 && density <= 1)) {
            throw new IllegalArgumentException("density must be in (0, 1], got " + density);
        }
    }
}
