/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import org.amend4j.internal.validation.Checks;

/**
 * How adapters are combined. What is wanted is the weighted sum {@code Σ w_i·s_i·A_i·B_i}: {@link Cat} gives it, {@link Svd} the
 * nearest matrix of a smaller rank. The others are PEFT's and give something else; some prefer it.
 */
public sealed interface Combination {

    /** The {@code combination_type} of PEFT's {@code add_weighted_adapter} that this corresponds to. */
    String peftName();

    /** See {@link Cat}. */
    static Combination cat() {
        return new Cat();
    }

    /** See {@link Svd}. */
    static Combination svd(int rank) {
        return new Svd(rank);
    }

    /** See {@link Linear}. */
    static Combination linear() {
        return new Linear();
    }

    /** See {@link Pruned}. */
    static Combination pruned(Pruning pruning) {
        return new Pruned(pruning);
    }

    /** See {@link PrunedSvd}. */
    static Combination prunedSvd(Pruning pruning, int rank) {
        return new PrunedSvd(pruning, rank);
    }

    /** The factors side by side: exact, and the ranks add. */
    record Cat() implements Combination {

        @Override
        public String peftName() {
            return "cat";
        }
    }

    /**
     * The nearest matrix of this rank, found without ever forming the sum itself. It is the sum, but for rounding, where the sum
     * has no higher rank.
     *
     * @param rank most that a layer gets, >= 1; less where its weight or the adapters allow less
     */
    record Svd(int rank) implements Combination {

        /** @throws IllegalArgumentException if the rank breaks its rule */
        public Svd {
            Checks.atLeast(1, "rank", rank);
        }

        @Override
        public String peftName() {
            return "svd";
        }
    }

    /**
     * PEFT's: the sums of the A's and of the B's, {@code (Σ±√|w_i·s_i|·A_i)·(Σ√|w_i·s_i|·B_i)}. Between different adapters
     * this has products A_i·B_j that none of them learned. All must have one rank.
     */
    record Linear() implements Combination {

        @Override
        public String peftName() {
            return "linear";
        }
    }

    /**
     * PEFT's: as {@link Linear}, with the A's and the B's pruned before they are added.
     *
     * @param pruning which values are left, and how they are added
     */
    record Pruned(Pruning pruning) implements Combination {

        /** @throws IllegalArgumentException if it is missing */
        public Pruned {
            Checks.present("the pruning", pruning);
        }

        @Override
        public String peftName() {
            return pruning.peftName();
        }
    }

    /**
     * PEFT's: the changes {@code s_i·A_i·B_i} themselves are pruned and added with the weights
     * w_i, then brought to a rank. The changes of one layer at a time are in memory, 8 bytes for each value of its weight and
     * each adapter, and the time grows with the cube of its smaller side.
     *
     * @param pruning which values are left, and how they are added
     * @param rank most that a layer gets, >= 1; less where its weight allows less
     */
    record PrunedSvd(Pruning pruning, int rank) implements Combination {

        /** @throws IllegalArgumentException if a component breaks its rule */
        public PrunedSvd {
            Checks.present("the pruning", pruning);
            Checks.atLeast(1, "rank", rank);
        }

        @Override
        public String peftName() {
            return pruning.peftName() + "_svd";
        }
    }
}
