/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.backend.Backend;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.internal.backend.CachedAttentionKernels;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;

/**
 * A decoder whose weights, and the keys and values of whose texts, lie in a machine's memory: a token's step is computed there, and its logits
 * come back. On a device the logits may differ by rounding with how many rows are computed at once, since libraries choose how to multiply by
 * that; attention does not depend on it. One thread at a time.
 */
public final class MachineDecoder implements TokenDecoder<MachineText>, AutoCloseable {

    /** Rows that are computed at once. */
    private static final int MOST_ROWS = 64;

    /** Numbers for the parts of attention; fewer rows are computed at once where they would need more. */
    private static final long MOST_SCRATCH = 1L << 24;

    private final Machine machine;
    private final CausalConfig config;
    private final DecoderModel model;
    private final Owned memory = new Owned();
    private final MachineModel computed;
    private final PagePool pool;
    private final Map<DecoderAdapter, MachineAdapter> adapters = new HashMap<>();

    /**
     * Copies a decoder's weights to a machine.
     *
     * @param backend stays its owner's, and open until this is closed
     * @param precision of products with weights, one that the machine has for frozen matrices; attention is in single precision
     * @throws org.amend4j.backend.MachineException if the machine has not the memory
     */
    public MachineDecoder(Backend backend, Decoder decoder, ProductPrecision precision) {
        Machine machine = Machine.of(backend);
        this.machine = machine;
        this.config = decoder.config();
        this.model = decoder.model();
        try {
            pool = memory.add(new PagePool(machine, config.layers(), model.keyValueWidth()));
            computed = memory.add(new MachineModel(machine, config, model, MOST_ROWS, precision));
        } catch (RuntimeException failed) {
            memory.close();
            throw failed;
        }
    }

    @Override
    public CausalConfig config() {
        return config;
    }

    /** @throws IllegalArgumentException if the adapter has more than factors of linears, too */
    @Override
    public MachineText begin(Optional<DecoderAdapter> adapter) {
        return new MachineText(this, adapter.map(this::opened));
    }

    private MachineAdapter opened(DecoderAdapter adapter) {
        return adapters.computeIfAbsent(
                adapter,
                unopened -> memory.add(new MachineAdapter(
                        machine, OpenedAdapter.of(unopened, model, config.tiedEmbeddings()), unopened)));
    }

    @Override
    public float[] append(MachineText text, int... tokens) {
        require(text, tokens);
        pool.reserve(text, text.length() + tokens.length);
        float[] logits = {};
        for (int from = 0; from < tokens.length; ) {
            int to = Math.min(tokens.length, from + mostRows(text.length() + tokens.length));
            List<MachineRows.Token> some = new ArrayList<>();
            for (int i = from; i < to; i++) {
                some.add(new MachineRows.Token(text, text.length() + i, tokens[i]));
            }
            try (MachineRows rows = new MachineRows(machine, some)) {
                MatrixView hidden = computed.hidden(rows, pool);
                if (to == tokens.length) {
                    logits = computed.logits(rows, hidden.rows(rows.count() - 1, 1))
                            .get(0);
                }
            }
            from = to;
        }
        text.grow(tokens.length);
        return logits;
    }

    /** Texts with one adapter should stand together. */
    @Override
    public List<float[]> appendEach(List<MachineText> texts, int... tokens) {
        Decoder.requireOneEach(texts, tokens);
        int longest = 0;
        for (int i = 0; i < tokens.length; i++) {
            require(texts.get(i), tokens[i]);
            longest = Math.max(longest, texts.get(i).length() + 1);
        }
        texts.forEach(text -> pool.reserve(text, text.length() + 1));
        List<float[]> logits = new ArrayList<>();
        int most = mostRows(longest);
        for (int from = 0; from < tokens.length; from += most) {
            List<MachineRows.Token> some = new ArrayList<>();
            for (int i = from; i < Math.min(tokens.length, from + most); i++) {
                some.add(new MachineRows.Token(texts.get(i), texts.get(i).length(), tokens[i]));
            }
            try (MachineRows rows = new MachineRows(machine, some)) {
                logits.addAll(computed.logits(rows, computed.hidden(rows, pool)));
            }
        }
        texts.forEach(text -> text.grow(1));
        return Collections.unmodifiableList(logits);
    }

    private int mostRows(int longest) {
        long ofOne = computed.rules().stream()
                .mapToLong(rule -> CachedAttentionKernels.scratch(1, rule, longest))
                .max()
                .orElse(1);
        return (int) Math.max(1, Math.min(MOST_ROWS, MOST_SCRATCH / ofOne));
    }

    private void require(MachineText text, int... tokens) {
        if (text.decoder() != this) {
            throw new IllegalArgumentException("the text must be one that this decoder began");
        }
        Decoder.requireTokens(config, text.length(), tokens);
    }

    @Override
    public void end(MachineText text) {
        pool.giveBack(text);
        text.forget();
    }

    /** Frees weights and all texts. */
    @Override
    public void close() {
        memory.close();
    }
}
