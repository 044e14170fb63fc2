/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.amend4j.internal.validation.Checks;

/**
 * Where each token occurs, so that the gradient of a table can be summed without two threads writing to one row. Made once per
 * batch on the host.
 *
 * @param tokens the different tokens, ascending, [segments]
 * @param starts where the segment of each begins in {@code places}, and the end of the last, [segments + 1]
 * @param places the positions of each token, ascending
 */
public record TokenSegments(MachineArray tokens, MachineArray starts, MachineArray places) implements AutoCloseable {

    /**
     * Sorts positions by token and puts them on a machine.
     *
     * @param owner of the memory
     * @param tokens [rows], each in [0, vocabulary)
     * @throws IllegalArgumentException if a token is not in the vocabulary
     */
    public static TokenSegments of(Machine machine, String owner, int[] tokens, int vocabulary) {
        int[] counts = new int[vocabulary + 1];
        for (int token : tokens) {
            Checks.inRange(0, vocabulary - 1, "token", token);
            counts[token + 1]++;
        }
        Arrays.parallelPrefix(counts, Integer::sum);
        int[] places = new int[tokens.length];
        int[] next = counts.clone();
        for (int position = 0; position < tokens.length; position++) {
            places[next[tokens[position]]++] = position;
        }
        int[] used = IntStream.range(0, vocabulary)
                .filter(token -> counts[token] < counts[token + 1])
                .toArray();
        int[] starts = IntStream.concat(IntStream.of(used).map(token -> counts[token]), IntStream.of(tokens.length))
                .toArray();
        Owned made = new Owned();
        try {
            return new TokenSegments(
                    made.add(machine.allocateBriefly(owner, used)),
                    made.add(machine.allocateBriefly(owner, starts)),
                    made.add(machine.allocateBriefly(owner, places)));
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
    }

    @Override
    public void close() {
        tokens.close();
        starts.close();
        places.close();
    }
}
