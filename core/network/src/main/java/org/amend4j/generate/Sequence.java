/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A text that grows: the keys and values of its tokens so far, 2·layers·keyValueHeads·headSize floats a token. Belongs to the decoder
 * that began it; one thread at a time.
 */
public final class Sequence {

    private final Decoder decoder;
    private final Optional<DecoderAdapter> adapter;
    private final List<KeyValueCache> caches;
    private int length;

    Sequence(Decoder decoder, Optional<DecoderAdapter> adapter, int layers, int width) {
        this.decoder = decoder;
        this.adapter = adapter;
        this.caches =
                Stream.generate(() -> new KeyValueCache(width)).limit(layers).toList();
    }

    /** How many tokens it has. */
    public int length() {
        return length;
    }

    /** What it is computed with beside the base. */
    public Optional<DecoderAdapter> adapter() {
        return adapter;
    }

    Decoder decoder() {
        return decoder;
    }

    KeyValueCache cache(int layer) {
        return caches.get(layer);
    }

    /** Makes room for tokens that are about to be computed. */
    void reserve(int tokens) {
        caches.forEach(cache -> cache.reserve(length + tokens));
    }

    /** Takes tokens that were computed. */
    void grow(int tokens) {
        length += tokens;
    }
}
