/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.network.TokenSequence;
import org.amend4j.internal.validation.Checks;

/**
 * What a run works on, one example after the other in every array.
 *
 * @param examples how many, at least 1
 * @param inputs of each input: its examples' rows, or its words
 * @param labels of each output
 * @param losses where to put each example's loss
 * @param shares who has a share of the gradient, if it is clipped
 * @param words of each input that is one, on the heap
 * @param tokens of each example, on the heap; empty if no input is made of tokens
 * @param rooms of inputs whose rows have something behind them ({@link PlanSession#inputRooms}): how many numbers
 */
public record Examples(
        int examples,
        List<MachineArray> inputs,
        List<MachineArray> labels,
        Optional<MachineArray> losses,
        Optional<Shares> shares,
        Map<Integer, int[]> words,
        List<TokenSequence> tokens,
        Map<Integer, Integer> rooms) {

    public Examples {
        Checks.atLeast(1, "examples", examples);
        inputs = List.copyOf(inputs);
        labels = List.copyOf(labels);
        words = Map.copyOf(words);
        tokens = List.copyOf(tokens);
        rooms = Map.copyOf(rooms);
        if (!tokens.isEmpty() && tokens.size() != examples) {
            throw new IllegalArgumentException(
                    "tokens must be those of " + examples + " examples, got " + tokens.size());
        }
        shares.ifPresent(some -> Checks.inRange(examples, examples, "examples of shares", some.examples()));
    }

    /** Examples of which every array is gapless. */
    public Examples(
            int examples,
            List<MachineArray> inputs,
            List<MachineArray> labels,
            Optional<MachineArray> losses,
            Optional<Shares> shares,
            Map<Integer, int[]> words,
            List<TokenSequence> tokens) {
        this(examples, inputs, labels, losses, shares, words, tokens, Map.of());
    }

    /** The same examples with shares of the gradient. */
    public Examples withShares(Shares some) {
        return new Examples(examples, inputs, labels, losses, Optional.of(some), words, tokens, rooms);
    }

    /** How much a run of them has. */
    RunSize size() {
        return new RunSize(examples, PlacedTokens.rounded(allTokens()));
    }

    /** Tokens of all of them. */
    int allTokens() {
        return tokens.stream().mapToInt(TokenSequence::length).sum();
    }

    /**
     * The same examples in consecutive pieces, as equal as can be; at most as many as there are examples. Those of tokens are fewer where an
     * example has more tokens than a piece should.
     */
    public List<Examples> divided(int pieces) {
        Checks.inRange(1, examples, "pieces", pieces);
        List<Examples> result = new ArrayList<>();
        int from = 0;
        for (int k = 1; k <= pieces; k++) {
            int to = tokens.isEmpty()
                    ? (int) ((long) examples * k / pieces)
                    : firstFrom((long) allTokens() * k / pieces);
            if (to > from) {
                result.add(piece(from, to));
                from = to;
            }
        }
        return result;
    }

    /** The first example before which there are so many tokens. */
    private int firstFrom(long before) {
        int example = 0;
        long sum = 0;
        while (sum < before) {
            sum += tokens.get(example++).length();
        }
        return example;
    }

    /**
     * Some of these examples. Shares of several examples are not divided: none is known of the piece.
     *
     * @param from the first
     * @param to the one behind the last
     */
    public Examples piece(int from, int to) {
        Map<Integer, int[]> some = new HashMap<>();
        words.forEach((input, all) -> {
            int each = all.length / examples;
            some.put(input, Arrays.copyOfRange(all, from * each, to * each));
        });
        return new Examples(
                to - from,
                inputs.stream().map(array -> piece(array, from, to)).toList(),
                labels.stream().map(array -> piece(array, from, to)).toList(),
                losses.map(array -> piece(array, from, to)),
                shares.flatMap(all -> all.piece(from, to)),
                some,
                tokens.isEmpty() ? tokens : tokens.subList(from, to),
                rooms);
    }

    private MachineArray piece(MachineArray array, int from, int to) {
        long width = array.length() / examples;
        return array.slice(from * width, (to - from) * width);
    }
}
