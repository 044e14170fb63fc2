/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import java.util.Optional;
import org.amend4j.internal.cuda.kernel.AdapterSumLayout;
import org.amend4j.internal.cuda.kernel.AdapterSumLayout.BiasPer;
import org.amend4j.internal.cuda.kernel.AdapterSumLayout.Strides;
import org.amend4j.internal.cuda.kernel.RectifierLayout;

/**
 * Which of ND4J's array layouts the kernels accept. They need contiguous rows in the array that they write; an array in
 * Fortran order has contiguous columns, so it is treated as its transpose: yᵀ += s·BᵀPᵀ, with an element of the bias for
 * each row.
 */
final class Layouts {

    private Layouts() {}

    /**
     * How {@code y += scale·low·up + bias} is launched; empty if y has neither rows nor columns without gaps between their
     * elements, or something is too large.
     *
     * @param low [y's rows, rank]
     * @param up [rank, y's columns]
     */
    static Optional<SumLaunch> adapterSum(Matrix y, Matrix low, Matrix up) {
        long rank = low.columns();
        boolean fits = low.rows() == y.rows() && up.rows() == rank && up.columns() == y.columns();
        if (!fits || rank < 1 || rank > AdapterSumLayout.MOST_RANK || !low.isReadable() || !up.isReadable()) {
            return Optional.empty();
        }
        if (y.hasContiguousRows()) {
            return Optional.of(new SumLaunch(layout(y, low, up, BiasPer.COLUMN), false));
        }
        return y.transposed().hasContiguousRows()
                ? Optional.of(
                        new SumLaunch(layout(y.transposed(), up.transposed(), low.transposed(), BiasPer.ROW), true))
                : Optional.empty();
    }

    private static AdapterSumLayout layout(Matrix y, Matrix low, Matrix up, BiasPer biasPer) {
        return new AdapterSumLayout(
                (int) y.rows(),
                (int) y.columns(),
                (int) low.columns(),
                y.lineStride(),
                new Strides((int) low.rowStride(), (int) low.columnStride()),
                new Strides((int) up.rowStride(), (int) up.columnStride()),
                biasPer);
    }

    /** How a rectifier's gradient is launched; empty if the three are not in one order, without gaps. */
    static Optional<RectifierLayout> rectifier(Matrix values, Matrix upstream, Matrix gradient) {
        return rectifierByRows(values, upstream, gradient)
                .or(() -> rectifierByRows(values.transposed(), upstream.transposed(), gradient.transposed()));
    }

    private static Optional<RectifierLayout> rectifierByRows(Matrix values, Matrix upstream, Matrix gradient) {
        boolean fits = values.rows() == upstream.rows()
                && values.columns() == upstream.columns()
                && values.rows() == gradient.rows()
                && values.columns() == gradient.columns();
        return fits && values.hasContiguousRows() && upstream.hasContiguousRows() && gradient.hasContiguousRows()
                ? Optional.of(new RectifierLayout(
                        (int) values.rows(),
                        (int) values.columns(),
                        values.lineStride(),
                        upstream.lineStride(),
                        gradient.lineStride()))
                : Optional.empty();
    }
}
