/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.ElementType;

/**
 * Elements in a machine's memory: a whole allocation, or a view into one. Views share the memory of the array they were cut
 * from and become invalid when it is freed. Contents of fresh memory are undefined (the emulated machine fills it with NaN).
 */
public final class MachineArray implements AutoCloseable {

    private final Allocation allocation;
    private final ElementType type;
    private final long offset;
    private final long length;
    private final boolean view;

    MachineArray(Allocation allocation, ElementType type, long offset, long length, boolean view) {
        this.allocation = allocation;
        this.type = type;
        this.offset = offset;
        this.length = length;
        this.view = view;
    }

    /** The number of elements. */
    public long length() {
        return length;
    }

    public ElementType type() {
        return type;
    }

    /**
     * A view of some elements.
     *
     * @param from the first, in [0, length]
     * @param count how many, in [0, length − from]
     * @throws IllegalArgumentException if they are not all within this array
     */
    public MachineArray slice(long from, long count) {
        if (from < 0 || count < 0 || from > length - count) {
            throw new IllegalArgumentException("a view must lie within " + length + " elements, got " + count + " from "
                    + from + " on, of " + allocation.description());
        }
        return new MachineArray(allocation, type, offset + from, count, true);
    }

    /** The machine this memory belongs to. */
    public Machine machine() {
        return allocation.machine();
    }

    /**
     * Frees the memory.
     *
     * @throws IllegalStateException if this is a view, or the memory was freed before
     */
    @Override
    public void close() {
        allocation.machine().free(this);
    }

    /**
     * The machine address of the first element.
     *
     * @throws IllegalStateException if the memory was freed
     */
    long address() {
        return allocation.address() + offset * type.bytes();
    }

    long bytes() {
        return length * type.bytes();
    }

    boolean isView() {
        return view;
    }

    Allocation allocation() {
        return allocation;
    }

    @Override
    public String toString() {
        return type + "[" + length + "] in " + allocation.description();
    }
}
