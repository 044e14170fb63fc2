/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

/**
 * Where one adapter is in the parameter vector, and what it does: the layer computes with {@code W + s·A·B}.
 *
 * @param layer name of the adapted layer
 * @param offsetA index of A's first element; A is [rows, rank], column after column
 * @param rows rows of the weight, at least 1
 * @param rank columns of A and rows of B, at least 1
 * @param offsetB index of B's first element; B is [rank, columns], column after column
 * @param columns columns of the weight, at least 1
 * @param scaling s, positive
 */
public record AdapterBlock(String layer, int offsetA, int rows, int rank, int offsetB, int columns, double scaling) {

    /** @throws IllegalArgumentException if a number is out of its range or A and B overlap */
    public AdapterBlock {
        atLeast(0, "offset of A", offsetA, layer);
        atLeast(0, "offset of B", offsetB, layer);
        atLeast(1, "rows", rows, layer);
        atLeast(1, "rank", rank, layer);
        atLeast(1, "columns", columns, layer);
        if (!(scaling > 0) || Double.isInfinite(scaling)) {
            throw new IllegalArgumentException(
                    "scaling must be > 0 and finite, got " + scaling + " (adapter of '" + layer + "')");
        }
        int endA = Math.addExact(offsetA, Math.multiplyExact(rows, rank));
        int endB = Math.addExact(offsetB, Math.multiplyExact(rank, columns));
        if (offsetA < endB && offsetB < endA) {
            throw new IllegalArgumentException("A and B must not overlap, got [" + offsetA + ", " + endA + ") and ["
                    + offsetB + ", " + endB + ") (adapter of '" + layer + "')");
        }
    }

    private static void atLeast(int least, String what, int value, String layer) {
        if (value < least) {
            throw new IllegalArgumentException(
                    what + " must be >= " + least + ", got " + value + " (adapter of '" + layer + "')");
        }
    }

    /** The number of elements of A. */
    public int sizeA() {
        return rows * rank;
    }

    /** The number of elements of B. */
    public int sizeB() {
        return rank * columns;
    }
}
