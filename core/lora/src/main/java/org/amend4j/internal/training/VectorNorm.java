/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.ClippingKernels;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;

/**
 * Upper bounds of the norms of vectors on a machine: the norm of the norms of their pieces, so that a device has work for more than one
 * of its processors. A bound is less than a millionth above the norm, in double 1e-12 of it.
 */
public final class VectorNorm implements AutoCloseable {

    private static final int PIECE = 1024;

    private final Machine machine;
    private final MachineArray ofPieces;
    private final MachineArray norm;
    private final Owned owned = new Owned();

    /** @param longest of the vectors, at least 1 */
    public VectorNorm(Machine machine, ElementType type, long longest) {
        this.machine = machine;
        try {
            this.ofPieces = owned.add(machine.allocate("norms of pieces", type, pieces(longest)));
            this.norm = owned.add(machine.allocate("norm of a vector", type, 1));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static int pieces(long length) {
        return Math.toIntExact((length + PIECE - 1) / PIECE);
    }

    /** The norm on the machine, until the next is asked for. */
    public MachineArray of(MachineArray vector) {
        int pieces = pieces(vector.length());
        int whole = (int) (vector.length() / PIECE);
        MachineArray norms = ofPieces.slice(0, pieces);
        machine.fill(norms, 0);
        addNorms(vector, whole, PIECE, norms);
        if (whole < pieces) {
            long rest = vector.length() % PIECE;
            addNorms(vector.slice(vector.length() - rest, rest), 1, (int) rest, norms.slice(whole, 1));
        }
        machine.fill(norm, 0);
        addNorms(norms, 1, pieces, norm);
        return norm;
    }

    private void addNorms(MachineArray rows, int count, int columns, MachineArray norms) {
        ClippingKernels kernels = machine.kernels().clipping();
        MatrixView matrix = MatrixView.of(rows.slice(0, (long) count * columns), count, columns);
        kernels.addSumNorms(matrix, norms.slice(0, count), 1);
    }

    /** As {@link #of}; waits for the machine. */
    double read(MachineArray vector) {
        return machine.downloadDoubles(of(vector))[0];
    }

    @Override
    public void close() {
        owned.close();
    }
}
