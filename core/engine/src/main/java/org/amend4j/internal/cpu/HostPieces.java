/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.PieceKernels;

/** Copies of many small matrices on the host, one number after the other: nothing large is copied so. */
final class HostPieces extends PieceKernels {

    private final HostMachine machine;

    HostPieces(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeCopy(MachineArray from, Pieces pieces, MachineArray to) {
        copy(VectorLoops.of(to.type()), from, pieces, to);
    }

    private <A> void copy(VectorLoops<A> lanes, MachineArray from, Pieces pieces, MachineArray to) {
        long source = machine.address(lanes, from);
        long target = machine.address(lanes, to);
        machine.perform(() -> pieces.all().forEach(piece -> copy(lanes, source, piece, target)));
    }

    private static <A> void copy(VectorLoops<A> lanes, long source, Piece piece, long target) {
        for (int row = 0; row < piece.rows(); row++) {
            for (int column = 0; column < piece.columns(); column++) {
                long read = piece.from() + (long) row * piece.columns() + column;
                long written = piece.to()
                        + (piece.turned()
                                ? (long) column * piece.stride() + row
                                : (long) row * piece.stride() + column);
                RawMemory.copy(source + read * lanes.bytes(), target + written * lanes.bytes(), lanes.bytes());
            }
        }
    }
}
