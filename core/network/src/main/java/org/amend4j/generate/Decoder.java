/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.amend4j.checkpoint.Checkpoint;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.DecoderNames;
import org.amend4j.checkpoint.Weights;

/**
 * The forward pass of a model of Llama's family in single precision, with keys and values of earlier tokens kept: tokens are appended to
 * a sequence, one or many at a time, and those of several sequences at once. The logits are the same to the bit however the tokens were
 * cut into calls and whatever was computed beside them. Weights never change; threads may share a decoder, not a sequence.
 */
public final class Decoder {

    /** Rows that are computed at once; more of a long prompt would need more memory and gain little. */
    private static final int MOST_ROWS = 64;

    private final DecoderConfig config;
    private final List<DecoderLayer> layers;
    private final RowNormalization norm;
    private final Linear head;
    private final Optional<float[]> table;
    private final double[] frequencies;
    private final Attention attention;

    /**
     * A decoder with these weights.
     *
     * @throws IllegalArgumentException if weights have another size than the configuration says
     * @throws IOException if the weights cannot be read
     */
    public Decoder(DecoderConfig config, Weights weights) throws IOException {
        WeightReader reader = new WeightReader(config, weights);
        this.config = config;
        this.layers = reader.layers();
        this.norm = reader.norm(DecoderNames.NORM);
        this.head = reader.head();
        this.table = reader.table();
        this.frequencies = config.rotary().frequencies(config.attention().headSize());
        this.attention = new Attention(config.attention());
    }

    /**
     * Reads a checkpoint.
     *
     * @throws IOException if it is none, as {@link Checkpoint#open} and {@link Checkpoint#read} say
     */
    public static Decoder open(Path directory) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            return new Decoder(checkpoint.decoder(), checkpoint::read);
        }
    }

    /** What it computes. */
    public DecoderConfig config() {
        return config;
    }

    /** An empty sequence, computed with the base alone. */
    public Sequence begin() {
        return begin(Optional.empty());
    }

    /**
     * An empty sequence.
     *
     * @param adapter what it is computed with beside the base
     * @throws IllegalArgumentException if the adapter was not made for a model like this
     */
    public Sequence begin(Optional<DecoderAdapter> adapter) {
        adapter.ifPresent(some -> some.requireFit(linears()));
        return new Sequence(this, adapter, config.layers(), config.attention().keyValueWidth());
    }

    private List<Linear> linears() {
        List<Linear> linears = new ArrayList<>();
        for (DecoderLayer layer : layers) {
            linears.addAll(List.of(
                    layer.query(), layer.key(), layer.value(), layer.output(), layer.gate(), layer.up(), layer.down()));
        }
        linears.add(head);
        return linears;
    }

    /**
     * Appends tokens.
     *
     * @param tokens at least one, each in [0, vocabulary)
     * @return the logits after the last of them, one for each token of the vocabulary
     * @throws IllegalArgumentException if a token is none, or the sequence would be longer than the model's positions; it is then as
     *     it was
     */
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
                    .mapToObj(i -> new Row(sequence, position + i, tokens[i]))
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

    /**
     * Appends a token to each of several sequences, whose weights are then read only once.
     *
     * @param sequences which differ; those with one adapter should stand together
     * @param tokens as many
     * @return the logits after each
     * @throws IllegalArgumentException as {@link #append}; all sequences are then as they were
     */
    public List<float[]> appendEach(List<Sequence> sequences, int... tokens) {
        if (sequences.size() != tokens.length) {
            throw new IllegalArgumentException(
                    "tokens must be as many as sequences, got " + tokens.length + " and " + sequences.size());
        }
        Set<Sequence> seen = new HashSet<>();
        for (int i = 0; i < tokens.length; i++) {
            require(sequences.get(i), tokens[i]);
            if (!seen.add(sequences.get(i))) {
                throw new IllegalArgumentException("the sequences must differ, number " + i + " is there twice");
            }
        }
        Row[] rows = new Row[tokens.length];
        for (int i = 0; i < rows.length; i++) {
            Sequence sequence = sequences.get(i);
            rows[i] = new Row(sequence, sequence.length(), tokens[i]);
            sequence.reserve(1);
        }
        float[][] logits = logits(rows, hidden(rows));
        sequences.forEach(sequence -> sequence.grow(1));
        return List.of(logits);
    }

    private void require(Sequence sequence, int... tokens) {
        if (sequence.decoder() != this) {
            throw new IllegalArgumentException("the sequence must be one that this decoder began");
        }
        if (tokens.length == 0) {
            throw new IllegalArgumentException("there must be at least one token");
        }
        if ((long) sequence.length() + tokens.length > config.longest()) {
            throw new IllegalArgumentException("the model has " + config.longest()
                    + " positions (max_position_embeddings), got " + ((long) sequence.length() + tokens.length)
                    + " tokens");
        }
        for (int token : tokens) {
            if (token < 0 || token >= config.vocabulary()) {
                throw new IllegalArgumentException("a token must be in [0, " + config.vocabulary() + "), got " + token);
            }
        }
    }

    private static float[][] matrix(int rows, int columns) {
        return new float[rows][columns];
    }

    private float[][] hidden(Row[] rows) {
        float[][] x = matrix(rows.length, config.hiddenSize());
        Rotation[] rotations = new Rotation[rows.length];
        for (int i = 0; i < rows.length; i++) {
            embed(rows[i].token(), x[i]);
            rotations[i] = new Rotation(frequencies, rows[i].position());
        }
        float[][] normal = matrix(rows.length, config.hiddenSize());
        float[][] added = matrix(rows.length, config.hiddenSize());
        for (int layer = 0; layer < layers.size(); layer++) {
            attend(layer, rows, rotations, x, normal, added);
            feedForward(layers.get(layer), rows, x, normal, added);
        }
        return x;
    }

    private void embed(int token, float[] to) {
        if (table.isPresent()) {
            System.arraycopy(table.get(), token * config.hiddenSize(), to, 0, config.hiddenSize());
        } else {
            head.matrix().row(token, to);
        }
    }

    /** x += o(attention(norm x)). */
    private void attend(int index, Row[] rows, Rotation[] rotations, float[][] x, float[][] normal, float[][] added) {
        DecoderLayer layer = layers.get(index);
        int width = config.attention().queryWidth();
        float[][] queries = matrix(rows.length, width);
        float[][] keys = matrix(rows.length, config.attention().keyValueWidth());
        float[][] values = matrix(rows.length, config.attention().keyValueWidth());
        float[][] attended = matrix(rows.length, width);
        normalize(layer.inputNorm(), x, normal);
        layer.query().apply(rows, normal, queries);
        layer.key().apply(rows, normal, keys);
        layer.value().apply(rows, normal, values);
        for (int i = 0; i < rows.length; i++) {
            rotations[i].turn(queries[i], config.attention().heads());
            rotations[i].turn(keys[i], config.attention().keyValueHeads());
            rows[i].sequence().cache(index).put(rows[i].position(), keys[i], values[i]);
        }
        int window = config.window(index).orElse(Integer.MAX_VALUE);
        long seen = Arrays.stream(rows)
                .mapToLong(row -> Math.min(window, row.position() + 1))
                .sum();
        Loops.sideBySide(rows.length, 2 * seen * width, i -> {
            int position = rows[i].position();
            int first = Math.max(0, position + 1 - window);
            attention.apply(rows[i].sequence().cache(index), queries[i], first, position, attended[i]);
        });
        layer.output().apply(rows, attended, added);
        addAll(x, added);
    }

    /** x += down(a(gate(norm x)) · up(norm x)). */
    private void feedForward(DecoderLayer layer, Row[] rows, float[][] x, float[][] normal, float[][] added) {
        int width = config.intermediateSize();
        float[][] gates = matrix(rows.length, width);
        float[][] ups = matrix(rows.length, width);
        normalize(layer.postAttentionNorm(), x, normal);
        layer.gate().apply(rows, normal, gates);
        layer.up().apply(rows, normal, ups);
        for (int i = 0; i < rows.length; i++) {
            Gate.apply(config.gate(), gates[i], width);
            Loops.multiply(gates[i], ups[i], width);
        }
        layer.down().apply(rows, gates, added);
        addAll(x, added);
    }

    private static void normalize(RowNormalization norm, float[][] x, float[][] to) {
        for (int i = 0; i < x.length; i++) {
            norm.apply(x[i], to[i]);
        }
    }

    private static void addAll(float[][] x, float[][] added) {
        for (int i = 0; i < x.length; i++) {
            Loops.add(x[i], added[i], x[i].length);
        }
    }

    private float[][] logits(Row[] rows, float[][] hidden) {
        float[][] normal = matrix(rows.length, config.hiddenSize());
        normalize(norm, hidden, normal);
        float[][] logits = matrix(rows.length, config.vocabulary());
        head.apply(rows, normal, logits);
        return logits;
    }
}
