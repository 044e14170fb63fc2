/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.PieceKernels.Piece;
import org.amend4j.internal.backend.PieceKernels.Pieces;

/** Pieces arrive where they should, some turned, and nothing else changes. */
public final class PieceLaws {

    private PieceLaws() {}

    /**
     * Copies of four pieces, of one number to some hundred.
     *
     * @param type of where they go; where that is bfloat16, they come from floats that it does not hold exactly
     */
    public static void copies(Machine machine, PieceKernels kernels, ElementType type, long seed) {
        List<Piece> all = List.of(
                new Piece(0, 1, 1, 3, 1, false),
                new Piece(2, 3, 5, 10, 7, false),
                new Piece(20, 4, 6, 60, 5, true),
                new Piece(7, 37, 11, 200, 11, false));
        try (Values values = new Values(machine, type, seed);
                Pieces pieces = Pieces.on(machine, "pieces", all)) {
            float[] from = values.normal(500);
            for (int k = 0; k < from.length; k++) {
                from[k] *= 1.1f;
            }
            float[] there = values.normal(700);
            double[] expected = new double[there.length];
            for (int k = 0; k < there.length; k++) {
                expected[k] = there[k];
            }
            for (Piece piece : all) {
                for (int row = 0; row < piece.rows(); row++) {
                    for (int column = 0; column < piece.columns(); column++) {
                        int place = piece.turned() ? column * piece.stride() + row : row * piece.stride() + column;
                        expected[(int) piece.to() + place] =
                                TypedMatrix.rounded(from[(int) piece.from() + row * piece.columns() + column], type);
                    }
                }
            }
            MachineArray to = values.row(there);
            kernels.copy(values.in(from), pieces, to);
            assertArrayEquals(expected, values.get(to));
        }
    }
}
