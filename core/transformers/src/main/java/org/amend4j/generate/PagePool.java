/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.amend4j.internal.backend.CachedAttentionKernels.PAGE;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.CachedAttentionKernels.Kept;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;

/** The keys and values of all layers, in pages that are given to texts and come back. A page has the same number in every layer. */
final class PagePool implements AutoCloseable {

    private static final int FIRST = 8;

    private final Machine machine;
    private final int width;
    private final List<Layer> layers = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private int pages;

    private record Layer(MachineArray keys, MachineArray values) {}

    /** @param width numbers in a row of keys, and of values */
    PagePool(Machine machine, int layers, int width) {
        this.machine = machine;
        this.width = width;
        for (int layer = 0; layer < layers; layer++) {
            this.layers.add(new Layer(memory(0), memory(0)));
        }
    }

    private MachineArray memory(int count) {
        return machine.allocate("keys and values", ElementType.FLOAT, (long) count * PAGE * width);
    }

    /** All pages of a layer, until more are needed. */
    Kept layer(int layer) {
        return new Kept(
                MatrixView.of(layers.get(layer).keys(), pages * PAGE, width),
                MatrixView.of(layers.get(layer).values(), pages * PAGE, width));
    }

    /** Gives a text the pages of so many positions. */
    void reserve(MachineText text, int positions) {
        int missing = (positions + PAGE - 1) / PAGE - text.pages().size();
        if (missing > free.size()) {
            grow(Math.max(pages + missing - free.size(), Math.max(FIRST, 2 * pages)));
        }
        for (int i = 0; i < missing; i++) {
            text.pages().add(free.remove());
        }
    }

    private void grow(int count) {
        for (int layer = 0; layer < layers.size(); layer++) {
            Layer old = layers.get(layer);
            layers.set(layer, new Layer(larger(old.keys(), count), larger(old.values(), count)));
        }
        for (int page = pages; page < count; page++) {
            free.add(page);
        }
        pages = count;
    }

    private MachineArray larger(MachineArray old, int count) {
        MachineArray all = memory(count);
        machine.copy(old, all.slice(0, old.length()));
        old.close();
        return all;
    }

    void giveBack(MachineText text) {
        free.addAll(text.pages());
    }

    @Override
    public void close() {
        layers.forEach(layer -> {
            layer.keys().close();
            layer.values().close();
        });
    }
}
