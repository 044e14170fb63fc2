/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;
import org.amend4j.internal.validation.Checks;

/**
 * Skinny products of a low-rank adapter with many rows, made in one pass over these: for cards, whose memory such products wait for. With x and d
 * [rows, columns] they are P = s·x·Aᵀ, Q = s·d·B, and the gradients dᵀ·P of B and Qᵀ·x of A. Of a gradient they leave {@linkplain Sums sums of
 * chunks of rows}, which a later call adds up beside what it does itself.
 */
public abstract class LowRankKernels {

    /** The highest rank. */
    public static final int MOST_RANK = 64;

    /** Columns of a block. */
    protected static final int TILE = 256;

    private static final int MANY_ROWS = 1024;
    private static final int FEW_ROWS_OF_A_CHUNK = 64;
    private static final int MOST_CHUNKS = 1024;

    /**
     * What both products of a backward pass are made of: floats, doubles, or on devices bfloat16 numbers, all of one type.
     *
     * @param d [rows, columns]
     * @param up [rank, columns]
     * @param low [rows, rank]
     */
    public record Factors(MatrixView d, MatrixView up, MatrixView low) {

        public Factors {
            requireRank(up.rows());
            up.requireShape("up", up.rows(), d.columns());
            low.requireShape("low", d.rows(), up.rows());
            requireType("up", up, d);
            requireType("low", low, d);
        }

        public int rank() {
            return up.rows();
        }
    }

    /**
     * A gradient that is still to be added up.
     *
     * @param chunks how many sums
     * @param sums of chunks of rows, [chunks, the gradient's numbers]
     * @param gradient is overwritten; never in bfloat16
     */
    public record Sums(int chunks, MachineArray sums, MachineArray gradient) {

        public Sums {
            Checks.atLeast(0, "chunks", chunks);
            Shapes.requireReals("sums of chunks", sums, Math.multiplyExact(chunks, gradient.length()));
        }
    }

    private static void requireRank(int rank) {
        Checks.inRange(1, MOST_RANK, "rank", rank);
    }

    private static void requireType(String what, MatrixView factor, MatrixView d) {
        if (factor.array().type() != d.array().type()) {
            throw new IllegalArgumentException(
                    what + " must be of " + d.array().type() + " as its rows, got " + factor.array());
        }
    }

    /** Numbers of scratch memory for each row that is multiplied with a factor [rank, columns]. */
    public static int scratchOfRow(int columns, int rank) {
        return Math.multiplyExact(tiles(columns), rank);
    }

    /** Rows that are added up by one block: with many, the sums of a gradient take little beside what they are sums of. */
    protected static int chunk(int rows) {
        int least = rows >= MANY_ROWS ? TILE : FEW_ROWS_OF_A_CHUNK;
        return least * Math.max(1, Shapes.ceilDiv(Shapes.ceilDiv(rows, MOST_CHUNKS), least));
    }

    /** Sums that are left of the gradient of so many rows; at most one more than a 64th of these. */
    public static int chunks(int rows) {
        return Shapes.ceilDiv(rows, chunk(rows));
    }

    /** Tiles of 256 columns. */
    protected static int tiles(int columns) {
        return Shapes.ceilDiv(columns, TILE);
    }

    /**
     * Writes to = scale · x · factorᵀ, rounded once.
     *
     * @param x [rows, columns]
     * @param factor [rank, columns], of x's type
     * @param to [rows, rank], of x's type
     * @param scratch at least rows times {@link #scratchOfRow}, contents lost
     */
    public final void project(MatrixView x, MatrixView factor, double scale, MatrixView to, MachineArray scratch) {
        requireRank(factor.rows());
        factor.requireShape("the factor", factor.rows(), x.columns());
        requireType("the factor", factor, x);
        requireProjection(x, factor.rows(), scale, to, scratch);
        if (!x.isEmpty()) {
            computeProjection(x, factor, scale, to, scratch);
        }
    }

    private static void requireProjection(
            MatrixView rows, int rank, double scale, MatrixView to, MachineArray scratch) {
        Checks.atLeast(1, "columns", rows.columns());
        Checks.finite("scale", scale);
        to.requireShape("the projection", rows.rows(), rank);
        requireType("the projection", to, rows);
        Shapes.requireAtLeast("scratch", scratch, (long) rows.rows() * scratchOfRow(rows.columns(), rank));
    }

    protected abstract void computeProjection(
            MatrixView x, MatrixView factor, double scale, MatrixView to, MachineArray scratch);

    /**
     * Writes outer = scale · d · upᵀ, rounded once, and sums of the gradient dᵀ · low, [columns, rank].
     *
     * @param outer [rows, rank], of the factors' type
     * @param sums [{@link #chunks}, columns · rank], never in bfloat16
     * @param earlier what an earlier call left, which is added up
     * @param scratch at least rows times {@link #scratchOfRow}, contents lost
     */
    public final void gradients(
            Factors of,
            double scale,
            MatrixView outer,
            MachineArray sums,
            MachineArray scratch,
            Optional<Sums> earlier) {
        requireProjection(of.d(), of.rank(), scale, outer, scratch);
        requireSums(of.d(), of.rank(), sums);
        if (!of.d().isEmpty()) {
            computeGradients(of, scale, outer, sums, scratch, earlier);
        } else {
            earlier.ifPresent(this::addUp);
        }
    }

    private static void requireSums(MatrixView rows, int rank, MachineArray sums) {
        long length = Math.multiplyExact(chunks(rows.rows()), Math.multiplyExact(rows.columns(), rank));
        Shapes.requireReals("sums of chunks", sums, length);
    }

    protected abstract void computeGradients(
            Factors of,
            double scale,
            MatrixView outer,
            MachineArray sums,
            MachineArray scratch,
            Optional<Sums> earlier);

    /**
     * Writes sums of the gradient lowᵀ · x, [rank, columns].
     *
     * @param x [rows, columns]
     * @param low [rows, rank], of x's type
     * @param sums [{@link #chunks}, rank · columns], never in bfloat16
     * @param earlier what an earlier call left, which is added up
     */
    public final void gradient(MatrixView x, MatrixView low, MachineArray sums, Optional<Sums> earlier) {
        requireRank(low.columns());
        Checks.atLeast(1, "columns", x.columns());
        low.requireShape("low", x.rows(), low.columns());
        requireType("low", low, x);
        requireSums(x, low.columns(), sums);
        if (!x.isEmpty()) {
            computeGradient(x, low, sums, earlier);
        } else {
            earlier.ifPresent(this::addUp);
        }
    }

    protected abstract void computeGradient(MatrixView x, MatrixView low, MachineArray sums, Optional<Sums> earlier);

    /** Adds up what an earlier call left. */
    public abstract void addUp(Sums earlier);
}
