/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import org.nd4j.linalg.api.ndarray.INDArray;

/** What flows between steps. */
sealed interface RowValue {

    /**
     * Activations as rows of channels, [n, h, w, c] without gaps.
     *
     * @param pending what is still to be applied to every row
     */
    record Rows(HostBlock block, RowShape shape, Epilogue pending) implements RowValue {}

    /** An array in DL4J's own shape and layout; not to be modified. */
    record Plain(INDArray array) implements RowValue {}
}
