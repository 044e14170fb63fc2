/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.backend.ElementType;

/**
 * The attention of one example after another, on rows in memory: in each head {@code O = P·V} with
 * {@code P = softmax(s·QKᵀ + shift)} over the keys, s = 1/√(size of a key), and its derivatives, for which P is made again. Shapes are not
 * checked.
 *
 * <p>Scores lie with the keys down and the queries of a few heads side by side: a product of OpenBLAS makes each head's in place, and
 * softmax goes along arrays. A score that a shift has put far below the others becomes exactly 0. Not thread-safe.
 */
public final class HostAttention implements AutoCloseable {

    /** Scores in hand at a time, unless those of one head are more: with their derivatives they stay in the second cache. */
    private static final long SCORES = 1 << 16;

    /**
     * Sizes of one example.
     *
     * @param heads whose columns lie side by side in rows
     * @param keySize columns of a head in queries and keys
     * @param valueSize columns of a head in values
     */
    public record Sizes(int heads, int queries, int keys, int keySize, int valueSize) {}

    /**
     * Rows of one example.
     *
     * @param address of the first
     * @param stride numbers from one to the next
     */
    public record Rows(long address, int stride) {}

    /** What is read of one example. */
    public record Arguments(Rows queries, Rows keys, Rows values) {}

    /**
     * Where derivatives of one example go.
     *
     * @param before factor of what is there in the queries', 0 or 1; the others are overwritten
     */
    public record Derivatives(Rows queries, double before, Rows keys, Rows values) {}

    private final ElementType type;
    private final Sizes sizes;
    private final double scale;
    private final ColumnSoftmax<?> softmax;
    private final int together;
    private final Scratch scratch = new Scratch();
    private final Scratch.Piece tiles;

    /** @param type FLOAT or DOUBLE */
    public HostAttention(ElementType type, Sizes sizes) {
        this.type = type;
        this.sizes = sizes;
        this.scale = 1 / Math.sqrt(sizes.keySize());
        this.softmax = ColumnSoftmax.of(type);
        long ofHead = (long) sizes.queries() * sizes.keys();
        this.together = (int) Math.max(1, Math.min(sizes.heads(), SCORES / Math.max(1, ofHead)));
        this.tiles = scratch.take(2 * tileBytes());
    }

    private long tileBytes() {
        return (long) together * sizes.queries() * sizes.keys() * type.bytes();
    }

    /**
     * Writes O.
     *
     * @param shifts of the scores of each key; none is no shift
     */
    public void forward(Arguments arguments, double[] shifts, Rows output) {
        for (int first = 0; first < sizes.heads(); first += together) {
            Tile p = tile(tiles.address(), first);
            probabilities(arguments, shifts, p);
            for (int h = 0; h < p.heads(); h++) {
                Rows values = head(arguments.values(), first + h, sizes.valueSize());
                Rows to = head(output, first + h, sizes.valueSize());
                HostProduct.multiply(
                        type,
                        values,
                        false,
                        p.head(h),
                        true,
                        to,
                        sizes.valueSize(),
                        sizes.queries(),
                        sizes.keys(),
                        1,
                        0);
            }
        }
    }

    /**
     * Writes the derivatives at Q, K and V: {@code dV = PᵀdO}, {@code dQ = s·dS·K} and {@code dK = s·dSᵀQ} with
     * {@code dS = P ∘ (dP − rowsum(P ∘ dP))} and {@code dP = dO·Vᵀ}.
     *
     * @param shifts as in the forward pass
     * @param dOutput dO
     */
    public void backward(Arguments arguments, double[] shifts, Rows dOutput, Derivatives to) {
        for (int first = 0; first < sizes.heads(); first += together) {
            Tile p = tile(tiles.address(), first);
            Tile ds = tile(tiles.address() + tileBytes(), first);
            probabilities(arguments, shifts, p);
            for (int h = 0; h < p.heads(); h++) {
                Rows values = head(arguments.values(), first + h, sizes.valueSize());
                Rows d = head(dOutput, first + h, sizes.valueSize());
                Rows dValues = head(to.values(), first + h, sizes.valueSize());
                HostProduct.multiply(
                        type,
                        d,
                        false,
                        p.head(h),
                        false,
                        dValues,
                        sizes.valueSize(),
                        sizes.keys(),
                        sizes.queries(),
                        1,
                        0);
                HostProduct.multiply(
                        type,
                        d,
                        true,
                        values,
                        false,
                        ds.head(h),
                        sizes.queries(),
                        sizes.keys(),
                        sizes.valueSize(),
                        1,
                        0);
            }
            softmax.differentiate(p.matrix(), ds.matrix());
            for (int h = 0; h < p.heads(); h++) {
                ofScores(arguments, ds.head(h), first + h, to);
            }
        }
    }

    private void ofScores(Arguments arguments, Rows ds, int index, Derivatives to) {
        int size = sizes.keySize();
        Rows queries = head(arguments.queries(), index, size);
        Rows keys = head(arguments.keys(), index, size);
        Rows dQueries = head(to.queries(), index, size);
        HostProduct.multiply(
                type, keys, false, ds, true, dQueries, size, sizes.queries(), sizes.keys(), scale, to.before());
        HostProduct.multiply(
                type,
                queries,
                false,
                ds,
                false,
                head(to.keys(), index, size),
                size,
                sizes.keys(),
                sizes.queries(),
                scale,
                0);
    }

    private void probabilities(Arguments arguments, double[] shifts, Tile p) {
        int size = sizes.keySize();
        for (int h = 0; h < p.heads(); h++) {
            Rows queries = head(arguments.queries(), p.first() + h, size);
            Rows keys = head(arguments.keys(), p.first() + h, size);
            HostProduct.multiply(
                    type, queries, true, keys, false, p.head(h), sizes.queries(), sizes.keys(), size, scale, 0);
        }
        softmax.apply(p.matrix(), shifts);
    }

    private Tile tile(long address, int first) {
        return new Tile(address, first, Math.min(together, sizes.heads() - first), sizes, type);
    }

    /** Scores of some heads. */
    private record Tile(long address, int first, int heads, Sizes sizes, ElementType type) {

        ColumnSoftmax.Matrix matrix() {
            return new ColumnSoftmax.Matrix(address, sizes.keys(), heads * sizes.queries());
        }

        /** Those of the h-th of its heads: a row for each key. */
        Rows head(int h) {
            return new Rows(address + (long) h * sizes.queries() * type.bytes(), heads * sizes.queries());
        }
    }

    private Rows head(Rows all, int index, int size) {
        return new Rows(all.address() + (long) index * size * type.bytes(), all.stride());
    }

    @Override
    public void close() {
        tiles.close();
        scratch.close();
    }
}
