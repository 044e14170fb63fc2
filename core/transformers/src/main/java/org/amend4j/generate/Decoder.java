/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.stream.IntStream;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.checkpoint.Weights;

/**
 * The forward pass of a language model in single precision, with keys and values of earlier tokens kept: tokens are appended to
 * a sequence, one or many at a time, and those of several sequences at once. The logits are the same to the bit however the tokens were
 * cut into calls and whatever was computed beside them. Weights never change; threads may share a decoder, not a sequence.
 */
public final class Decoder implements TokenDecoder<Sequence> {

    /** Rows that are computed at once; more of a long prompt would need more memory and gain little. */
    private static final int MOST_ROWS = 64;

    private final CausalConfig config;
    private final DecoderModel model;
    /** Kept for other sequences as long as somebody has the adapter: norms for DoRA take as long as a pass over all weights. */
    private final Map<DecoderAdapter, OpenedAdapter> opened = new WeakHashMap<>();

    /**
     * A decoder with these weights.
     *
     * @throws IllegalArgumentException if weights have another size than the configuration says
     * @throws IOException if the weights cannot be read
     */
    public Decoder(CausalConfig config, Weights weights) throws IOException {
        this.config = config;
        this.model = DecoderModel.of(config, weights);
    }

    /**
     * Reads a checkpoint.
     *
     * @throws IOException if it is none, as {@link TransformerCheckpoint#open} and {@link TransformerCheckpoint#read} say
     */
    public static Decoder open(Path directory) throws IOException {
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
            return new Decoder(checkpoint.decoder(), checkpoint::read);
        }
    }

    @Override
    public CausalConfig config() {
        return config;
    }

    /** An empty sequence, computed with the base alone. */
    public Sequence begin() {
        return begin(Optional.empty());
    }

    /**
     * An empty sequence. The first one with an adapter that has DoRA waits for the norms of what it adds to, once over their weights.
     *
     * @param adapter what it is computed with beside the base
     * @throws IllegalArgumentException if the adapter was not made for a model like this
     */
    @Override
    public Sequence begin(Optional<DecoderAdapter> adapter) {
        return new Sequence(this, adapter, adapter.map(this::opened), config.layers(), model.keyValueWidth());
    }

    private OpenedAdapter opened(DecoderAdapter adapter) {
        synchronized (opened) {
            return opened.computeIfAbsent(
                    adapter, unopened -> OpenedAdapter.of(unopened, model, config.tiedEmbeddings()));
        }
    }

    @Override
    public float[] append(Sequence sequence, int... tokens) {
        return appended(sequence, tokens, false).get(0);
    }

    /** As {@link #append}; the logits after each of the tokens. */
    public List<float[]> appendAll(Sequence sequence, int... tokens) {
        return appended(sequence, tokens, true);
    }

    private List<float[]> appended(Sequence sequence, int[] tokens, boolean all) {
        require(sequence, tokens);
        int position = sequence.length();
        sequence.reserve(tokens.length);
        List<float[]> logits = new ArrayList<>();
        for (int from = 0; from < tokens.length; from += MOST_ROWS) {
            int to = Math.min(tokens.length, from + MOST_ROWS);
            Row[] rows = IntStream.range(from, to)
                    .mapToObj(i -> row(sequence, position + i, tokens[i]))
                    .toArray(Row[]::new);
            float[][] hidden = hidden(rows);
            if (all) {
                logits.addAll(Arrays.asList(logits(rows, hidden)));
            } else if (to == tokens.length) {
                int last = rows.length - 1;
                logits.addAll(Arrays.asList(logits(new Row[] {rows[last]}, new float[][] {hidden[last]})));
            }
        }
        sequence.grow(tokens.length);
        return logits;
    }

    /** Sequences with one adapter should stand together. */
    @Override
    public List<float[]> appendEach(List<Sequence> sequences, int... tokens) {
        requireOneEach(sequences, tokens);
        for (int i = 0; i < tokens.length; i++) {
            require(sequences.get(i), tokens[i]);
        }
        Row[] rows = new Row[tokens.length];
        for (int i = 0; i < rows.length; i++) {
            Sequence sequence = sequences.get(i);
            rows[i] = row(sequence, sequence.length(), tokens[i]);
            sequence.reserve(1);
        }
        float[][] logits = logits(rows, hidden(rows));
        sequences.forEach(sequence -> sequence.grow(1));
        return List.of(logits);
    }

    /** The garbage collector's. */
    @Override
    public void end(Sequence sequence) {}

    DecoderModel model() {
        return model;
    }

    private void require(Sequence sequence, int... tokens) {
        if (sequence.decoder() != this) {
            throw new IllegalArgumentException("the sequence must be one that this decoder began");
        }
        requireTokens(config, sequence.length(), tokens);
    }

    /** Looks at tokens that a text of some length is to get. */
    static void requireTokens(CausalConfig config, int length, int... tokens) {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("there must be at least one token");
        }
        if ((long) length + tokens.length > config.longest()) {
            throw new IllegalArgumentException("the model has " + config.longest() + " positions, got "
                    + ((long) length + tokens.length) + " tokens");
        }
        for (int token : tokens) {
            if (token < 0 || token >= config.vocabulary()) {
                throw new IllegalArgumentException("a token must be in [0, " + config.vocabulary() + "), got " + token);
            }
        }
    }

    /** Looks at texts that are to get a token each. */
    static void requireOneEach(List<?> texts, int... tokens) {
        if (texts.size() != tokens.length) {
            throw new IllegalArgumentException(
                    "tokens must be as many as sequences, got " + tokens.length + " and " + texts.size());
        }
        Set<Object> seen = new HashSet<>();
        for (int i = 0; i < tokens.length; i++) {
            if (!seen.add(texts.get(i))) {
                throw new IllegalArgumentException("the sequences must differ, number " + i + " is there twice");
            }
        }
    }

    private Row row(Sequence sequence, int position, int token) {
        return new Row(sequence, position, token, model.rotations().apply(position));
    }

    private float[][] hidden(Row[] rows) {
        float[][] x = new float[rows.length][config.hiddenSize()];
        for (int i = 0; i < rows.length; i++) {
            model.embedding().apply(rows[i], x[i]);
        }
        for (int layer = 0; layer < model.layers().size(); layer++) {
            model.layers().get(layer).apply(layer, rows, x);
        }
        return x;
    }

    private float[][] logits(Row[] rows, float[][] hidden) {
        float[][] normal = new float[rows.length][config.hiddenSize()];
        model.norm().apply(rows, hidden, normal);
        return model.head().applied(rows, normal);
    }
}
