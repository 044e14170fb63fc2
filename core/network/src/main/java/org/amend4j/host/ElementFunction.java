/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.amend4j.machine.ElementType;
import org.amend4j.network.Activation;

/** A function of each number of gapless memory, and its derivative, for layers that compute outside of plans. Bytes do not depend on threads. */
public record ElementFunction(Activation activation, ElementType type) {

    /** Numbers that one thread takes at a time: enough to be worth waking it. */
    private static final long SHARE = 16L * Lanes.PIECE;

    /** z becomes φ(z). */
    public void apply(long z, long count) {
        apply(Lanes.of(type), z, count);
    }

    private <A> void apply(Lanes<A> lanes, long z, long count) {
        inPieces(count, from -> {
            int n = (int) Math.min(Lanes.PIECE, count - from);
            A values = lanes.scratch(0, n);
            lanes.load(z + from * lanes.bytes(), values, n);
            lanes.activate(activation, values, n);
            lanes.store(values, z + from * lanes.bytes(), n);
        });
    }

    /**
     * d becomes d ∘ φ'(z).
     *
     * @param z what φ was applied to
     */
    public void differentiate(long d, long z, long count) {
        differentiate(Lanes.of(type), d, z, count);
    }

    private <A> void differentiate(Lanes<A> lanes, long d, long z, long count) {
        inPieces(count, from -> {
            int n = (int) Math.min(Lanes.PIECE, count - from);
            A upstream = lanes.scratch(0, n);
            A before = lanes.scratch(1, n);
            lanes.load(d + from * lanes.bytes(), upstream, n);
            lanes.load(z + from * lanes.bytes(), before, n);
            lanes.differentiate(activation, upstream, before, n);
            lanes.store(upstream, d + from * lanes.bytes(), n);
        });
    }

    private static void inPieces(long count, LongConsumer piece) {
        LongStream shares = LongStream.range(0, (count + SHARE - 1) / SHARE);
        (count > SHARE ? shares.parallel() : shares).forEach(share -> {
            long end = Math.min(count, (share + 1) * SHARE);
            for (long from = share * SHARE; from < end; from += Lanes.PIECE) {
                piece.accept(from);
            }
        });
    }
}
