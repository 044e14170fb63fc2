/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.app.data.BadInputException;
import org.amend4j.random.SplitMix64;

/**
 * A long row of tokens in windows of one length, which lie otherwise in every epoch: the first one begins somewhere in the first
 * window's length, which follows from the seed and the epoch. There are as many in each.
 */
public final class Windows {

    private final int[] tokens;
    private final int length;
    private final long seed;

    /**
     * Windows.
     *
     * @param tokens not copied
     * @param length tokens of a window, >= 1
     * @throws BadInputException if there are too few tokens for one
     */
    public Windows(int[] tokens, int length, long seed) {
        this.tokens = tokens;
        this.length = length;
        this.seed = seed;
        if (size() < 1) {
            throw new BadInputException("the texts must have at least two windows of " + length + " tokens, got "
                    + tokens.length + " tokens: a smaller --context may help");
        }
    }

    /** How many an epoch has. */
    public int size() {
        return (tokens.length - length) / length;
    }

    /** Those of an epoch, from 0. */
    public TokenExamples ofEpoch(int epoch) {
        int start = new SplitMix64(SplitMix64.draw(seed, epoch)).nextInt(length);
        List<TokenExample> windows = IntStream.range(0, size())
                .mapToObj(k -> TokenExample.of(tokens, start + k * length, start + (k + 1) * length))
                .toList();
        return new TokenExamples(windows);
    }
}
