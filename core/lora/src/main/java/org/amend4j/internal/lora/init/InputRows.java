/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A batch of a layer's inputs, checked. */
final class InputRows {

    private InputRows() {}

    /** In double, an input a column: [nIn, rows]. */
    public static Dense columns(String target, int inputs, INDArray rows) {
        if (rows.rank() != 2 || rows.size(1) != inputs || rows.size(0) == 0) {
            throw new IllegalArgumentException("inputs must be [rows, " + inputs + "] with at least one row, got "
                    + rows.shapeInfoToString() + " (target '" + target + "')");
        }
        Dense columns = Dense.of(rows.transpose());
        if (!columns.isFinite()) {
            throw new IllegalArgumentException("inputs must be finite (target '" + target + "')");
        }
        return columns;
    }
}
