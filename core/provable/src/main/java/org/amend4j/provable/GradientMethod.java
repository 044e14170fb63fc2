/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import org.amend4j.graph.GraphObjective;
import org.amend4j.objective.HeadObjective;

/**
 * The implementation that computes gradients. It determines the order in which numbers are added, so a run must continue
 * with the one it began with; the bounds on a step hold for each.
 */
public enum GradientMethod {
    /**
     * A linear head of at most {@value #FEW} outputs that reads records as they are, without clipping or class weights, row by
     * row on several threads ({@link HeadObjective}); everything else as {@link #BY_GRAPH}. Products so narrow are what a
     * BLAS is slowest at.
     */
    BY_ROW,
    /** The graph's layers, chunk by chunk ({@link GraphObjective#of}), of all records or of each block ({@link GradientBlocks}). */
    BY_GRAPH,
    /** The bits of Deeplearning4j's {@code fit} ({@link GraphObjective#asFitted}). */
    AS_FITTED;

    static final int FEW = 4;
}
