/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.stream.IntStream;
import org.amend4j.data.BadInputException;

/**
 * A long row of tokens in windows of one length, cut in up to four ways of which epochs take turns: each begins a quarter of a window
 * behind the one before it. Every epoch has as many. Kept are the tokens alone, once.
 */
public final class Windows {

    private static final int WAYS = 4;

    private final int[] tokens;
    private final int length;

    /**
     * Windows.
     *
     * @param tokens not copied
     * @param length tokens of a window, >= 1
     * @throws BadInputException if there are too few tokens for one
     */
    public Windows(int[] tokens, int length) {
        this.tokens = tokens;
        this.length = length;
        if (perEpoch() < 1) {
            throw new BadInputException("the texts must have at least two windows of " + length + " tokens, got "
                    + tokens.length + " tokens: a smaller --context may help");
        }
    }

    /** How many an epoch has. */
    public int perEpoch() {
        return (tokens.length - length) / length;
    }

    private int ways() {
        return Math.min(WAYS, length);
    }

    /** Those of all ways to cut, one way after the other. */
    public TokenExamples all() {
        return new TokenExamples(new OfAllWays(), 0);
    }

    /** Cut when they are asked for. */
    private final class OfAllWays implements TokenExamples.Source {

        @Override
        public int size() {
            return ways() * perEpoch();
        }

        @Override
        public TokenExample get(int number) {
            int start = number / perEpoch() * length / ways() + number % perEpoch() * length;
            return TokenExample.of(tokens, start, start + length);
        }

        @Override
        public int length(int number) {
            return length;
        }
    }

    /** The numbers, among all, of an epoch's windows; epochs count from 0. */
    public int[] ofEpoch(int epoch) {
        int first = epoch % ways() * perEpoch();
        return IntStream.range(first, first + perEpoch()).toArray();
    }
}
