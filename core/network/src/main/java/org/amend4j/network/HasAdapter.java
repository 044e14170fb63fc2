/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

/** A layer's configuration with a LoRA adapter: its parameters are the factors A [rows, rank] and B [rank, columns]. */
public interface HasAdapter extends StandsOnBase {

    /** Columns of A, rows of B; >= 1. */
    int rank();

    /** The factor s of s·A·B. */
    double scaling();
}
