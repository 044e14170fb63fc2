/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

/** A layer's configuration with a LoRA adapter: its parameters are the factors A [rows, rank] and B [rank, columns], in this order. */
public interface HasAdapter extends StandsOnBase {

    /** Key of A. Keys must not contain an underscore: Deeplearning4j splits names there. */
    String A = "A";

    /** Key of B. */
    String B = "B";

    /** Rows of the matricised weight and of A. */
    long rows();

    /** Columns of A, rows of B; >= 1. */
    int rank();

    /** Columns of the matricised weight and of B. */
    long columns();

    /** The factor s of s·A·B. */
    double scaling();

    /** Probability in [0, 1) with which an input of A is dropped in training. */
    double dropout();
}
