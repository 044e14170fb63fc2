/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import java.util.List;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.blocks.BlockSum.Wanted;

/**
 * Computes the sums of blocks, here or elsewhere; {@link BlockedObjective} makes an objective of them. Equal vectors give every block
 * equal bytes, wherever it is computed, after whichever others: all that distinguishes implementations is where that is. Not
 * thread-safe unless an implementation says so.
 */
public interface BlockSums {

    /** The records, in their blocks. */
    RecordBlocks blocks();

    /** The length of the parameter vector, at least 1. */
    int dimension();

    /** The type in which a block's records are computed; blocks are added up in double. */
    Precision precision();

    /** The adapters among the parameters; empty if there are none or the norms of their weights' gradients are not known. */
    List<AdapterBlock> adapters();

    /** Whether gradients are those of values; clipped ones are not. */
    boolean hasTrueGradient();

    /** Names the function of a block's records, the same for every block: {@link org.amend4j.objective.RecordObjective#settingsFingerprint}. */
    String settingsFingerprint();

    /** Names what each block in {@link #blocks} computes, its records included, in their order. */
    List<String> fingerprints();

    /**
     * Computes every block once.
     *
     * @param theta [dimension]; only read
     * @param receiver is given each block's sum, or sums of whole nodes of {@link RecordBlocks#tree}, in any order, by the calling
     *     thread, before this returns
     * @throws IllegalArgumentException if the length is wrong
     */
    void evaluate(double[] theta, Wanted wanted, Receiver receiver);

    /**
     * The same sums over some records only.
     *
     * @param subset some of the records, at least one
     * @throws IllegalArgumentException if it holds ids that are not here
     */
    BlockSums restrictedTo(RecordIds subset);

    /** Is given sums of blocks, or of nodes of their tree. */
    @FunctionalInterface
    interface Receiver {

        /**
         * Takes one.
         *
         * @param from the first of a node's places in {@link #blocks}; of one block, its place
         * @param to behind its last
         * @param sum the sum; its arrays are the receiver's from now on
         */
        void take(int from, int to, BlockSum sum);
    }
}
