/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.MatrixView;

/**
 * A matrix on the host, its address looked up.
 *
 * @param address of its first element
 * @param stride elements from one row to the next
 */
record HostRows(long address, long stride) {

    static HostRows of(HostMachine machine, VectorLoops<?> lanes, MatrixView matrix) {
        return new HostRows(machine.address(lanes, matrix.array()), matrix.stride());
    }

    /** Where an element is. */
    long at(VectorLoops<?> lanes, int row, int column) {
        return address + (row * stride + column) * lanes.bytes();
    }

    /** Some rows, side by side at the front of an array. */
    <A> void load(VectorLoops<A> lanes, int from, int rows, int columns, A to) {
        lanes.loadRows(address + from * stride * lanes.bytes(), stride, to, rows, columns);
    }

    /** The opposite of {@link #load}. */
    <A> void store(VectorLoops<A> lanes, A values, int from, int rows, int columns) {
        lanes.storeRows(values, address + from * stride * lanes.bytes(), stride, rows, columns);
    }
}
