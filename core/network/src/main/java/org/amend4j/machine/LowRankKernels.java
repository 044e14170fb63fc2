/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

import org.amend4j.internal.validation.Checks;

/**
 * Both products of a low-rank adapter's backward pass that read the gradient of its rows, made in one pass over that where it is large: for
 * cards, whose memory such skinny products wait for.
 */
public abstract class LowRankKernels {

    /** The highest rank. */
    public static final int MOST_RANK = 64;

    private static final int TILE = 256;
    private static final int MANY_ROWS = 1024;
    private static final int FEW_ROWS_OF_A_CHUNK = 64;
    /** So that a grid is not too high, whatever the rank. */
    private static final int MOST_CHUNKS = 8192;

    /**
     * What is multiplied: floats, doubles, or on devices bfloat16 numbers, all of one type.
     *
     * @param d [rows, columns]
     * @param up [rank, columns]
     * @param low [rows, rank]
     */
    public record Factors(MatrixView d, MatrixView up, MatrixView low) {

        public Factors {
            Checks.inRange(1, MOST_RANK, "rank", up.rows());
            up.requireShape("up", up.rows(), d.columns());
            low.requireShape("low", d.rows(), up.rows());
            requireType("up", up, d);
            requireType("low", low, d);
        }

        private static void requireType(String what, MatrixView factor, MatrixView d) {
            if (factor.array().type() != d.array().type()) {
                throw new IllegalArgumentException(
                        what + " must be of " + d.array().type() + " as d, got " + factor.array());
            }
        }

        public int rank() {
            return up.rows();
        }
    }

    /**
     * Where the products go.
     *
     * @param outer [rows, rank], of the factors' type, overwritten by outerScale · d · upᵀ, which is rounded once
     * @param upGradient [columns, rank] without gaps, never in bfloat16: beta times what is there, which is not read without beta, plus upScale · dᵀ · low
     */
    public record Products(MatrixView outer, double outerScale, MachineArray upGradient, double upScale, double beta) {

        public Products {
            Checks.finite("scale of outer", outerScale);
            Checks.finite("scale of the gradient", upScale);
            Checks.finite("beta", beta);
        }
    }

    /** Numbers of scratch memory for d [rows, columns]. */
    public static long scratch(int rows, int columns, int rank) {
        return (long) rank * ((long) tiles(columns) * rows + (long) chunks(rows) * columns);
    }

    /** At most what more rows add to {@link #scratch}, but for what {@link #scratchBesides} says. */
    public static long scratchOfRows(int rows, int columns, int rank) {
        long ofChunks = ((long) rank * columns * rows + FEW_ROWS_OF_A_CHUNK - 1) / FEW_ROWS_OF_A_CHUNK;
        return (long) rank * tiles(columns) * rows + ofChunks;
    }

    /** What {@link #scratch} has for however few rows. */
    public static long scratchBesides(int columns, int rank) {
        return (long) rank * columns;
    }

    /** Tiles of 256 columns. */
    protected static int tiles(int columns) {
        return Shapes.ceilDiv(columns, TILE);
    }

    /** Rows that are added up by one block: with many, sums of blocks take little beside d. */
    protected static int chunk(int rows) {
        return Math.max(rows >= MANY_ROWS ? TILE : FEW_ROWS_OF_A_CHUNK, Shapes.ceilDiv(rows, MOST_CHUNKS));
    }

    protected static int chunks(int rows) {
        return Shapes.ceilDiv(rows, chunk(rows));
    }

    /**
     * Writes both.
     *
     * @param scratch at least {@link #scratch} numbers, contents lost
     */
    public final void gradients(Factors of, Products to, MachineArray scratch) {
        to.outer().requireShape("outer", of.d().rows(), of.rank());
        Factors.requireType("outer", to.outer(), of.d());
        Shapes.requireReals("the gradient of up", to.upGradient(), (long) of.d().columns() * of.rank());
        Shapes.requireAtLeast("scratch", scratch, scratch(of.d().rows(), of.d().columns(), of.rank()));
        if (of.d().rows() > 0 || of.d().columns() > 0) {
            computeGradients(of, to, scratch);
        }
    }

    /** Rows or columns may be 0, not both. */
    protected abstract void computeGradients(Factors of, Products to, MachineArray scratch);
}
