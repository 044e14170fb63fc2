/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.validation.Checks;
import org.amend4j.machine.MachineArray;

/**
 * What a run works on, one example after the other in every array.
 *
 * @param examples how many, at least 1
 * @param inputs of each input: its examples' rows, or its words
 * @param labels of each output
 * @param losses where to put each example's loss
 * @param shares who has a share of the gradient, if it is clipped
 * @param words of each input that is one, on the heap
 */
public record Examples(
        int examples,
        List<MachineArray> inputs,
        List<MachineArray> labels,
        Optional<MachineArray> losses,
        Optional<Shares> shares,
        Map<Integer, int[]> words) {

    public Examples {
        Checks.atLeast(1, "examples", examples);
        inputs = List.copyOf(inputs);
        labels = List.copyOf(labels);
        words = Map.copyOf(words);
        shares.ifPresent(some -> Checks.inRange(examples, examples, "examples of shares", some.examples()));
    }

    /** The same examples with shares of the gradient. */
    public Examples withShares(Shares some) {
        return new Examples(examples, inputs, labels, losses, Optional.of(some), words);
    }

    /** The same examples in consecutive pieces, as equal as can be; at most as many as there are examples. */
    public List<Examples> divided(int pieces) {
        Checks.inRange(1, examples, "pieces", pieces);
        List<Examples> result = new ArrayList<>();
        for (int k = 0; k < pieces; k++) {
            result.add(piece((int) ((long) examples * k / pieces), (int) ((long) examples * (k + 1) / pieces)));
        }
        return result;
    }

    /**
     * Some of these examples. Shares of several examples are not divided: none is known of the piece.
     *
     * @param from the first
     * @param to the one behind the last
     */
    public Examples piece(int from, int to) {
        Map<Integer, int[]> some = new HashMap<>();
        words.forEach((input, all) -> some.put(input, Arrays.copyOfRange(all, from, to)));
        return new Examples(
                to - from,
                inputs.stream().map(array -> piece(array, from, to)).toList(),
                labels.stream().map(array -> piece(array, from, to)).toList(),
                losses.map(array -> piece(array, from, to)),
                shares.flatMap(all -> all.piece(from, to)),
                some);
    }

    private MachineArray piece(MachineArray array, int from, int to) {
        long width = array.length() / examples;
        return array.slice(from * width, (to - from) * width);
    }
}
