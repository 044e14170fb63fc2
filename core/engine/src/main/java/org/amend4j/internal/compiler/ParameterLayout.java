/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Values.Slice;

/**
 * Where a network's trained parameters, their gradients and moments lie on a machine: in the order of the parameter vector, what a step
 * reads at once from a multiple of some elements on ({@link Machine#parameterAlignment}). Between such pieces are zeros that no step
 * writes, so that what is done to every element (steps of optimizers, norms, sums) may be done to them, too.
 */
public final class ParameterLayout {

    /** Where pieces begin in the parameter vector, ascending from 0, and its length. */
    private final long[] packed;
    /** Where they begin on the machine, and the length there. */
    private final long[] placed;

    private ParameterLayout(long[] packed, long[] placed) {
        this.packed = packed;
        this.placed = placed;
    }

    /** @param alignment of pieces, in elements; with 1 everything is where it is in the vector */
    static ParameterLayout of(Network network, int alignment) {
        long[] packed = alignment == 1 ? new long[] {0, network.parameters()} : pieces(network);
        long[] placed = new long[packed.length];
        long end = 0;
        for (int k = 0; k < packed.length - 1; k++) {
            placed[k] = (end + alignment - 1) / alignment * alignment;
            end = placed[k] + packed[k + 1] - packed[k];
        }
        placed[packed.length - 1] = end;
        return new ParameterLayout(packed, placed);
    }

    /** Slices that overlap are one piece, what no operation names is one, too. */
    private static long[] pieces(Network network) {
        List<Long> starts = new ArrayList<>();
        long end = 0;
        for (Slice slice : network.slices().stream()
                .sorted(Comparator.comparingLong(Slice::offset))
                .toList()) {
            if (slice.offset() > end) {
                starts.add(end);
            }
            if (slice.offset() >= end) {
                starts.add(slice.offset());
            }
            end = Math.max(end, slice.offset() + slice.length());
        }
        if (end < network.parameters()) {
            starts.add(end);
        }
        starts.add(network.parameters());
        return starts.stream().mapToLong(Long::longValue).toArray();
    }

    /** Elements on the machine. */
    public long length() {
        return placed[placed.length - 1];
    }

    /** Elements of the parameter vector. */
    private int packedLength() {
        return Math.toIntExact(packed[packed.length - 1]);
    }

    /** Where an element of the parameter vector is. */
    long place(long element) {
        int found = Arrays.binarySearch(packed, 0, packed.length - 1, element);
        int piece = found >= 0 ? found : -found - 2;
        return placed[piece] + element - packed[piece];
    }

    /**
     * Consecutive elements of the parameter vector, with what is between them on the machine.
     *
     * @param whole as long as {@link #length}
     * @param length at least 1
     */
    public MachineArray range(MachineArray whole, long offset, long length) {
        long from = place(offset);
        return whole.slice(from, place(offset + length - 1) + 1 - from);
    }

    /** A slice that an operation names, which has nothing between its elements. */
    MachineArray slice(MachineArray whole, Slice slice) {
        MachineArray there = range(whole, slice.offset(), slice.length());
        if (there.length() != slice.length()) {
            throw new IllegalStateException(
                    slice + " is in several pieces on " + whole.machine().name());
        }
        return there;
    }

    /** Sets what is between the pieces to 0. */
    void clearBetween(MachineArray whole) {
        for (int k = 1; k < placed.length - 1; k++) {
            long end = placed[k - 1] + packed[k] - packed[k - 1];
            if (end < placed[k]) {
                whole.machine().fill(whole.slice(end, placed[k] - end), 0);
            }
        }
    }

    private boolean isPacked() {
        return length() == packed[packed.length - 1];
    }

    /** Numbers of the parameter vector as they lie on the machine. */
    public double[] placed(double[] vector) {
        if (vector.length != packedLength()) {
            throw new IllegalArgumentException(
                    "the parameter vector has " + packedLength() + " elements, got " + vector.length);
        }
        return isPacked() ? vector : moved(vector, packed, placed);
    }

    /** Numbers as they lie on the machine, in the order of the parameter vector. */
    public double[] packed(double[] there) {
        return isPacked() ? there : moved(there, placed, packed);
    }

    private double[] moved(double[] numbers, long[] from, long[] to) {
        double[] result = new double[Math.toIntExact(to[to.length - 1])];
        for (int k = 0; k < packed.length - 1; k++) {
            int count = Math.toIntExact(packed[k + 1] - packed[k]);
            System.arraycopy(numbers, Math.toIntExact(from[k]), result, Math.toIntExact(to[k]), count);
        }
        return result;
    }
}
