/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import org.amend4j.backend.Arithmetic;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.TokenSegments;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Values;

/** Where the values of a plan are during one run, and what computes. */
interface Bindings {

    Machine machine();

    Kernels kernels();

    Arithmetic arithmetic();

    /** What this part of a run has. */
    RunSize size();

    /** What the parts before it have. */
    RunSize before();

    /** The tokens of its examples. */
    PlacedTokens tokens();

    /** What decides which inputs of adapters are dropped. */
    MachineArray dropoutKey();

    /** Where a value's rows are, of the examples of this run, with what is between them. */
    MachineArray memory(Value value);

    /** Weights with their adapters beside them. */
    JointWeights joints();

    /** Copies all adapters beside their weights. */
    void placeAdapters();

    /** A value's numbers, of the examples of this run; it has nothing between its rows. */
    default MachineArray array(Value value) {
        if (!value.isGapless()) {
            throw new AssertionError("'" + value.name() + "' has something between its rows");
        }
        return memory(value);
    }

    /** Constants or trained parameters. */
    MachineArray parameter(Values values);

    /** A matrix [rows, columns] of constants or trained parameters, as it is stored. */
    MatrixView stored(Values values, int rows, int columns);

    /** A matrix that never changes, to multiply rows with. */
    FrozenFactor factor(ConstantMatrix.Use use);

    /** Where the gradient of trained parameters goes. */
    MachineArray gradient(Values.Slice slice);

    /** Where the words of an input occur. */
    TokenSegments segments(Value tokens, int vocabulary);

    /** The bound of clipping. */
    double clippingBound();

    /** Who has a share of a clipped gradient. */
    List<Shares.Group> groups();

    /** Where the rows of each group are. */
    default List<ShareRows> shareRows() {
        return ShareRows.of(this, groups());
    }

    /** Examples of this part. */
    default int examples() {
        return size().examples();
    }

    /** Rows of a value. */
    default int rows(Value value) {
        return value.rows(size());
    }

    default MatrixView matrix(Value value) {
        MachineArray memory = memory(value);
        return new MatrixView(
                memory.slice(value.first(), memory.length() - value.first()),
                rows(value),
                value.columns(),
                value.stride());
    }

    default ImageView images(Value value, Shape shape) {
        return new ImageView(array(value), false, examples(), shape.channels(), shape.height(), shape.width());
    }

    /**
     * c = alpha·op(a)·op(b) + beta·c on gapless rows.
     *
     * @param m rows of c
     * @param n columns of c
     */
    default void multiply(
            MachineArray a,
            boolean transposeA,
            MachineArray b,
            boolean transposeB,
            MachineArray c,
            int m,
            int n,
            int k,
            double alpha,
            double beta) {
        machine().multiply(product(transposeA, transposeB, m, n, k).withFactors(alpha, beta), a, b, c);
    }

    /** c = op(a)·op(b) on gapless rows, c being [m, n]. */
    default Gemm product(boolean transposeA, boolean transposeB, int m, int n, int k) {
        return Gemm.contiguous(MatrixOrder.ROWS, transposeA, transposeB, m, n, k)
                .withPrecision(arithmetic().products());
    }
}
