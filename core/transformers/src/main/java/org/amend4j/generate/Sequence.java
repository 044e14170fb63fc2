/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A text that grows: the keys and values of its tokens so far, 2·layers·keyValueHeads·headSize floats a token. Belongs to the decoder
 * that began it; one thread at a time.
 */
public final class Sequence implements GrowingTokens {

    private final Decoder decoder;
    private final Optional<DecoderAdapter> adapter;
    private final Optional<OpenedAdapter> opened;
    private final List<KeyValueCache> caches;
    private int length;

    /** @param opened the adapter beside this decoder's weights */
    Sequence(Decoder decoder, Optional<DecoderAdapter> adapter, Optional<OpenedAdapter> opened, int layers, int width) {
        this.decoder = decoder;
        this.adapter = adapter;
        this.opened = opened;
        this.caches =
                Stream.generate(() -> new KeyValueCache(width)).limit(layers).toList();
    }

    @Override
    public int length() {
        return length;
    }

    /** What it is computed with beside the base. */
    public Optional<DecoderAdapter> adapter() {
        return adapter;
    }

    /** What it makes of a linear, if it changes it. */
    Optional<AdaptedLinear> adapter(Linear of) {
        return opened.map(some -> some.linears().get(of.module()));
    }

    /** What it makes of a table, if it changes it. */
    Optional<AdaptedLookup> adapter(Lookup of) {
        return opened.map(some -> some.lookups().get(of.module()));
    }

    /** The bias that a norm has in place of its own, if it does. */
    Optional<float[]> biasOfNorm(String module) {
        return opened.map(some -> some.biases().get(module));
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
