/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.function.IntConsumer;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.cpu.AttentionUnit.Range;
import org.amend4j.internal.cpu.HostAttention.Rows;

/**
 * Attention of some heads of an example, block by block (Dao et al., arXiv 2205.14135): P exists for a block of keys and a block of
 * queries at a time. Derivatives take one pass, in which those of queries, keys and values are added up where they belong.
 */
final class StreamedAttention<A> implements AutoCloseable {

    private final VectorLoops<A> lanes;
    private final AttentionUnit unit;
    private final AttentionMemory memory;
    private final Scratch.Piece scratch;
    /**
     * Arrays of Java with a number for each column of a tile, side by side for as many rows as are in hand: a loop over a row alone would
     * hardly be worth its start.
     */
    private final A row;

    private final A other;
    private final A most;
    private final A total;

    StreamedAttention(VectorLoops<A> lanes, AttentionUnit unit, AttentionMemory memory, Scratch scratch) {
        this.lanes = lanes;
        this.unit = unit;
        this.memory = memory;
        long numbers = unit.tile() + (long) unit.across() * Math.max(unit.tile() / unit.across(), size());
        this.scratch = scratch.take(numbers * lanes.bytes());
        int inHand = Math.max(VectorLoops.PIECE, unit.across());
        this.row = lanes.scratch(0, inHand);
        this.other = lanes.scratch(1, inHand);
        this.most = lanes.scratch(2, inHand);
        this.total = lanes.scratch(3, inHand);
    }

    private int size() {
        return unit.rule().headSize();
    }

    private ElementType type() {
        return memory.type();
    }

    private AttentionTile tile(Range queries, Range keys) {
        return new AttentionTile(unit, queries, keys.within(unit.seenBy(queries)), type(), scratch.address());
    }

    /** A second tile of this shape, or as many columns of sums. */
    private long behindTile() {
        return scratch.address() + (long) unit.tile() * lanes.bytes();
    }

    /** Writes O and L. */
    void forward() {
        for (Range queries : unit.queryBlocks()) {
            int across = queries.count() * unit.heads();
            int inHand = VectorLoops.rowsInHand(across) * across;
            lanes.fill(most, 0, inHand, AttentionTile.UNSEEN);
            lanes.fill(total, 0, inHand, 0);
            boolean first = true;
            for (Range keys : unit.keyBlocks()) {
                AttentionTile tile = tile(queries, keys);
                if (tile.keys().count() > 0) {
                    add(tile, first);
                    first = false;
                }
            }
            finish(queries, across);
        }
    }

    /** Adds what these keys give to the sums, which count from a new maximum on. */
    private void add(AttentionTile tile, boolean first) {
        int n = tile.across();
        tile.score(memory);
        lanes.copy(most, 0, other, 0, n);
        tile.forRowsInHand((key, rows) -> {
            tile.load(lanes, key, rows, row);
            lanes.maximum(most, row, rows * n);
        });
        forOthersInHand(n, at -> {
            lanes.copy(most, at, row, 0, n);
            lanes.maximum(most, row, n);
        });
        if (!first) {
            lanes.expOfDifference(other, most, n);
            scaleSums(other, n);
            repeat(other, n);
            lanes.multiply(total, other, VectorLoops.rowsInHand(n) * n);
        }
        repeat(most, n);
        tile.forRowsInHand((key, rows) -> {
            tile.load(lanes, key, rows, row);
            lanes.expOfDifference(row, most, rows * n);
            lanes.add(total, row, rows * n);
            lanes.store(row, tile.row(key), rows * n);
        });
        for (int head = 0; head < unit.heads(); head++) {
            HostProduct.multiply(
                    type(),
                    tile.head(head),
                    false,
                    memory.ofKey(memory.values(), unit, head, tile.keys().from()),
                    true,
                    sums(head, tile.queries().count(), n),
                    tile.queries().count(),
                    size(),
                    tile.keys().count(),
                    1,
                    first ? 0 : 1);
        }
    }

    /** Takes the places of all rows in hand but the first. */
    private static void forOthersInHand(int across, IntConsumer place) {
        for (int at = across; at < VectorLoops.rowsInHand(across) * across; at += across) {
            place.accept(at);
        }
    }

    /** Makes all rows in hand the first. */
    private void repeat(A rows, int across) {
        forOthersInHand(across, at -> lanes.copy(rows, 0, rows, at, across));
    }

    /** Sums of a head, a row for each column of values and as wide as a tile. */
    private Rows sums(int head, int queries, int across) {
        return new Rows(behindTile() + (long) head * queries * lanes.bytes(), across);
    }

    private void scaleSums(A factors, int across) {
        for (int column = 0; column < size(); column++) {
            long at = behindTile() + (long) column * across * lanes.bytes();
            lanes.load(at, row, across);
            lanes.multiply(row, factors, across);
            lanes.store(row, at, across);
        }
    }

    private void finish(Range queries, int across) {
        forOthersInHand(across, at -> {
            lanes.copy(total, at, row, 0, across);
            lanes.add(total, row, across);
        });
        lanes.fill(other, 0, across, 1);
        lanes.divide(other, total, across);
        scaleSums(other, across);
        int count = queries.count();
        A columns = lanes.scratch(4, count * size());
        A rows = lanes.scratch(5, count * size());
        for (int head = 0; head < unit.heads(); head++) {
            lanes.loadRows(sums(head, count, across).address(), across, columns, size(), count);
            lanes.transpose(columns, rows, size(), count);
            Rows to = memory.ofQuery(memory.out(), unit, head, queries.from());
            lanes.storeRows(rows, to.address(), to.stride(), count, size());
        }
        writeLogSums(queries);
    }

    private void writeLogSums(Range queries) {
        int heads = unit.heads();
        int count = queries.count();
        for (int query = 0; query < count; query++) {
            for (int head = 0; head < heads; head++) {
                int column = head * count + query;
                lanes.set(row, head, lanes.get(most, column) + Math.log(lanes.get(total, column)));
            }
            lanes.store(row, logSums(queries.from() + query), heads);
        }
    }

    private long logSums(int query) {
        return memory.logSums().at(lanes, unit.start() + query, unit.firstHead());
    }

    /** Writes the derivatives, from those at O. */
    void backward(AttentionMemory.Gradients gradients) {
        zero(gradients.queries(), unit.firstHead(), unit.heads());
        zero(gradients.keys(), unit.first(), unit.count());
        zero(gradients.values(), unit.first(), unit.count());
        for (Range queries : unit.queryBlocks()) {
            align(gradients, queries);
        }
        for (Range keys : unit.keyBlocks()) {
            for (Range queries : unit.queryBlocks()) {
                AttentionTile tile = tile(queries, keys);
                if (tile.keys().count() > 0) {
                    differentiate(tile, gradients);
                }
            }
        }
    }

    private void zero(HostRows all, int head, int heads) {
        int columns = heads * size();
        A zeros = lanes.scratch(4, columns);
        lanes.fill(zeros, 0, columns, 0);
        for (int query = 0; query < unit.rows(); query++) {
            lanes.store(zeros, all.at(lanes, unit.start() + query, head * size()), columns);
        }
    }

    /** δ = Σ dO ∘ O. */
    private void align(AttentionMemory.Gradients gradients, Range queries) {
        int count = queries.count();
        A o = lanes.scratch(4, count * size());
        A d = lanes.scratch(5, count * size());
        for (int head = 0; head < unit.heads(); head++) {
            Rows out = memory.ofQuery(memory.out(), unit, head, queries.from());
            Rows dOut = memory.ofQuery(gradients.out(), unit, head, queries.from());
            lanes.loadRows(out.address(), out.stride(), o, count, size());
            lanes.loadRows(dOut.address(), dOut.stride(), d, count, size());
            lanes.multiply(o, d, count * size());
            lanes.rowSums(o, size(), row, count);
            lanes.store(row, alignments(gradients, head, queries.from()), count);
        }
    }

    /** Where δ of a head is from a query on. */
    private long alignments(AttentionMemory.Gradients gradients, int head, int query) {
        long before = (long) unit.start() * unit.rule().heads() + (long) (unit.firstHead() + head) * unit.rows();
        return gradients.alignments() + (before + query) * lanes.bytes();
    }

    /** Adds what a block of queries and one of keys give. */
    private void differentiate(AttentionTile p, AttentionMemory.Gradients gradients) {
        AttentionTile ds = new AttentionTile(unit, p.queries(), p.keys(), type(), behindTile());
        int n = p.across();
        int count = p.queries().count();
        p.score(memory);
        ds.multiplyRows(memory, gradients.out(), memory.values(), 1);
        A logSums = loadLogSums(p.queries());
        A alignments = total;
        for (int head = 0; head < unit.heads(); head++) {
            lanes.load(alignments(gradients, head, p.queries().from()), alignments, head * count, count);
        }
        repeat(logSums, n);
        repeat(alignments, n);
        p.forRowsInHand((key, rows) -> {
            p.load(lanes, key, rows, row);
            lanes.expOfDifference(row, logSums, rows * n);
            lanes.store(row, p.row(key), rows * n);
            lanes.load(ds.row(key), other, rows * n);
            lanes.addScaled(other, -1, alignments, rows * n);
            lanes.multiply(other, row, rows * n);
            lanes.store(other, ds.row(key), rows * n);
        });
        for (int head = 0; head < unit.heads(); head++) {
            addDerivatives(p, ds, head, gradients);
        }
    }

    /** A number for each column of a tile. */
    private A loadLogSums(Range queries) {
        int heads = unit.heads();
        int count = queries.count();
        A rows = lanes.scratch(4, count * heads);
        lanes.loadRows(logSums(queries.from()), memory.logSums().stride(), rows, count, heads);
        lanes.transpose(rows, most, count, heads);
        return most;
    }

    private void addDerivatives(AttentionTile p, AttentionTile ds, int head, AttentionMemory.Gradients gradients) {
        int query = p.queries().from();
        int key = p.keys().from();
        int queries = p.queries().count();
        int keys = p.keys().count();
        double scale = unit.rule().scale();
        Rows d = memory.ofQuery(gradients.out(), unit, head, query);
        Rows q = memory.ofQuery(memory.queries(), unit, head, query);
        Rows k = memory.ofKey(memory.keys(), unit, head, key);
        Rows dv = memory.ofKey(gradients.values(), unit, head, key);
        Rows dq = memory.ofQuery(gradients.queries(), unit, head, query);
        Rows dk = memory.ofKey(gradients.keys(), unit, head, key);
        HostProduct.multiply(type(), d, false, p.head(head), false, dv, size(), keys, queries, 1, 1);
        HostProduct.multiply(type(), k, false, ds.head(head), true, dq, size(), queries, keys, scale, 1);
        HostProduct.multiply(type(), q, false, ds.head(head), false, dk, size(), keys, queries, scale, 1);
    }

    @Override
    public void close() {
        scratch.close();
    }
}
