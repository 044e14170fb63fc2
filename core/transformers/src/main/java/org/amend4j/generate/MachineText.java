/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A text whose keys and values lie in a machine's memory, in pages. Belongs to the decoder that began it. */
public final class MachineText implements GrowingTokens {

    private final MachineDecoder decoder;
    private final Optional<MachineAdapter> adapter;
    private final List<Integer> pages = new ArrayList<>();
    private int length;

    MachineText(MachineDecoder decoder, Optional<MachineAdapter> adapter) {
        this.decoder = decoder;
        this.adapter = adapter;
    }

    @Override
    public int length() {
        return length;
    }

    MachineDecoder decoder() {
        return decoder;
    }

    Optional<MachineAdapter> adapter() {
        return adapter;
    }

    /** Numbers of its pages, in the order of positions. */
    List<Integer> pages() {
        return pages;
    }

    void grow(int tokens) {
        length += tokens;
    }

    void forget() {
        pages.clear();
        length = 0;
    }
}
