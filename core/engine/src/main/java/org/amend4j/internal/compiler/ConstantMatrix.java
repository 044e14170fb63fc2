/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.FrozenMatrix;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.StoredMatrix;
import org.amend4j.internal.backend.StoredNumbers;
import org.amend4j.internal.network.Values;

/**
 * A matrix that never changes and that rows are multiplied with.
 *
 * @param use which of its two uses
 * @param inner numbers of a row that is multiplied
 * @param columns numbers of a row of the result
 * @param per what there are rows for
 * @param rows how many each time
 */
record ConstantMatrix(Use use, int inner, int columns, RowUnit per, int rows) {

    /**
     * What rows are multiplied with.
     *
     * @param transposed whether the matrix is stored as [columns, inner]
     */
    record Use(Values.Constant values, boolean transposed) {}

    /** It in few bits, for runs of at most a size. */
    StoredMatrix stored(StoredNumbers values, RunSize most, ProductPrecision precision) {
        return new StoredMatrix(values, inner, columns, use.transposed(), rowsOf(most), precision);
    }

    /** It on a machine, for runs of at most a size. */
    FrozenMatrix on(MachineArray values, RunSize most, ProductPrecision precision) {
        return new FrozenMatrix(values, inner, columns, use.transposed(), rowsOf(most), precision);
    }

    private long rowsOf(RunSize most) {
        return (long) most.of(per) * rows;
    }

    /** Numbers of the matrix and of the most rows: what products with it may need memory for. */
    long largest(RunSize most) {
        return Math.max((long) inner * columns, rowsOf(most) * inner);
    }

    /** The same of rows that have something between them. */
    FrozenMatrix on(MatrixView stored, RunSize most, ProductPrecision precision) {
        long length = (long) (stored.rows() - 1) * stored.stride() + stored.columns();
        return new FrozenMatrix(
                stored.array().slice(0, length),
                inner,
                columns,
                use.transposed(),
                (long) most.of(per) * rows,
                precision,
                stored.stride());
    }
}
