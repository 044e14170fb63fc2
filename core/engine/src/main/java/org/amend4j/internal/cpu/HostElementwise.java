/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.ElementwiseKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;

/** Elementwise vertices and changes of layout on the host. */
final class HostElementwise extends ElementwiseKernels {

    /** Side of the squares that matrices are transposed in. */
    private static final int SIDE = 32;

    private final HostMachine machine;

    HostElementwise(HostMachine machine) {
        this.machine = machine;
    }

    /** What is done with pieces of two arrays, the first of which is the result. */
    private interface OfTwo<A> {
        void compute(A x, A y, int n);
    }

    @Override
    protected void computeScaled(MachineArray a, double alpha, Optional<MachineArray> b, double beta, MachineArray to) {
        VectorLoops<?> lanes = VectorLoops.of(to.type());
        if (b.isPresent()) {
            scaledSum(lanes, a, alpha, b.get(), beta, to);
        } else {
            scaled(lanes, a, alpha, to);
        }
    }

    private <A> void scaledSum(
            VectorLoops<A> lanes, MachineArray a, double alpha, MachineArray b, double beta, MachineArray to) {
        OfTwo<A> sum = alpha == 1 && beta == 1
                ? lanes::add
                : alpha == 1
                        ? (x, y, n) -> lanes.addScaled(x, beta, y, n)
                        : (x, y, n) -> lanes.combine(x, alpha, y, beta, n);
        ofTwo(lanes, a, b, to, sum);
    }

    private <A> void scaled(VectorLoops<A> lanes, MachineArray a, double alpha, MachineArray to) {
        long from = machine.address(lanes, a);
        long target = machine.address(lanes, to);
        long length = to.length();
        machine.perform(() -> {
            A x = lanes.scratch(0, VectorLoops.PIECE);
            for (long done = 0; done < length; done += VectorLoops.PIECE) {
                int n = (int) Math.min(VectorLoops.PIECE, length - done);
                lanes.load(from + done * lanes.bytes(), x, n);
                lanes.scale(x, alpha, n);
                lanes.store(x, target + done * lanes.bytes(), n);
            }
        });
    }

    @Override
    protected void computeProduct(MachineArray a, MachineArray b, MachineArray to) {
        product(VectorLoops.of(to.type()), a, b, to);
    }

    private <A> void product(VectorLoops<A> lanes, MachineArray a, MachineArray b, MachineArray to) {
        ofTwo(lanes, a, b, to, lanes::multiply);
    }

    @Override
    protected void computeMaximum(MachineArray a, MachineArray b, MachineArray to) {
        maximum(VectorLoops.of(to.type()), a, b, to);
    }

    private <A> void maximum(VectorLoops<A> lanes, MachineArray a, MachineArray b, MachineArray to) {
        ofTwo(lanes, a, b, to, lanes::maximum);
    }

    private <A> void ofTwo(VectorLoops<A> lanes, MachineArray a, MachineArray b, MachineArray to, OfTwo<A> what) {
        long left = machine.address(lanes, a);
        long right = machine.address(lanes, b);
        long target = machine.address(lanes, to);
        long length = to.length();
        machine.perform(() -> {
            A x = lanes.scratch(0, VectorLoops.PIECE);
            A y = lanes.scratch(1, VectorLoops.PIECE);
            for (long done = 0; done < length; done += VectorLoops.PIECE) {
                int n = (int) Math.min(VectorLoops.PIECE, length - done);
                long at = done * lanes.bytes();
                lanes.load(left + at, x, n);
                lanes.load(right + at, y, n);
                what.compute(x, y, n);
                lanes.store(x, target + at, n);
            }
        });
    }

    @Override
    protected void computeMaximumGradient(
            MachineArray delta, MachineArray a, MachineArray b, MachineArray toA, MachineArray toB) {
        maximumGradient(VectorLoops.of(delta.type()), delta, a, b, toA, toB);
    }

    private <A> void maximumGradient(
            VectorLoops<A> lanes,
            MachineArray delta,
            MachineArray a,
            MachineArray b,
            MachineArray toA,
            MachineArray toB) {
        long upstream = machine.address(lanes, delta);
        long left = machine.address(lanes, a);
        long right = machine.address(lanes, b);
        long toLeft = machine.address(lanes, toA);
        long toRight = machine.address(lanes, toB);
        long length = delta.length();
        machine.perform(() -> {
            A d = lanes.scratch(0, VectorLoops.PIECE);
            A p = lanes.scratch(1, VectorLoops.PIECE);
            A q = lanes.scratch(2, VectorLoops.PIECE);
            A x = lanes.scratch(3, VectorLoops.PIECE);
            A y = lanes.scratch(4, VectorLoops.PIECE);
            for (long done = 0; done < length; done += VectorLoops.PIECE) {
                int n = (int) Math.min(VectorLoops.PIECE, length - done);
                long at = done * lanes.bytes();
                lanes.load(upstream + at, d, n);
                lanes.load(left + at, p, n);
                lanes.load(right + at, q, n);
                lanes.toTheGreater(d, p, q, x, y, n);
                lanes.store(x, toLeft + at, n);
                lanes.store(y, toRight + at, n);
            }
        });
    }

    @Override
    protected void computeCopyRows(MatrixView from, MatrixView to) {
        long bytes = (long) from.columns() * from.array().type().bytes();
        long source = machine.address(from.array());
        long target = machine.address(to.array());
        long strideFrom = (long) from.stride() * from.array().type().bytes();
        long strideTo = (long) to.stride() * to.array().type().bytes();
        int rows = from.rows();
        machine.perform(() -> {
            for (int row = 0; row < rows; row++) {
                RawMemory.copy(source + row * strideFrom, target + row * strideTo, bytes);
            }
        });
    }

    @Override
    protected void computeTranspose(MachineArray from, MachineArray to, int batch, int rows, int columns) {
        transpose(VectorLoops.of(to.type()), from, to, batch, rows, columns);
    }

    private <A> void transpose(
            VectorLoops<A> lanes, MachineArray from, MachineArray to, int batch, int rows, int columns) {
        long source = machine.address(lanes, from);
        long target = machine.address(lanes, to);
        long matrix = (long) rows * columns * lanes.bytes();
        machine.perform(() -> {
            for (int k = 0; k < batch; k++) {
                transpose(lanes, source + k * matrix, target + k * matrix, rows, columns);
            }
        });
    }

    private static <A> void transpose(VectorLoops<A> lanes, long from, long to, int rows, int columns) {
        A square = lanes.scratch(0, SIDE * SIDE);
        A turned = lanes.scratch(1, SIDE * SIDE);
        for (int row = 0; row < rows; row += SIDE) {
            int height = Math.min(SIDE, rows - row);
            for (int column = 0; column < columns; column += SIDE) {
                int width = Math.min(SIDE, columns - column);
                long source = from + ((long) row * columns + column) * lanes.bytes();
                lanes.loadRows(source, columns, square, height, width);
                lanes.transpose(square, turned, height, width);
                lanes.storeRows(turned, to + ((long) column * rows + row) * lanes.bytes(), rows, width, height);
            }
        }
    }
}
