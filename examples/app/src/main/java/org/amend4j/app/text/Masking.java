/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.amend4j.random.SplitMix64;

/**
 * Which tokens an encoder has to say, as BERT's authors choose them (Devlin et al., arXiv 1810.04805): of those of an example that can be
 * masked 15 %, one at least; of these, 80 % become the mask, 10 % any token, and 10 % stay what they are. Every example is masked in up to
 * ten ways, of which epochs take turns. A way follows from the seed, its number and the example's alone: examples are masked when they are
 * asked for, and kept unmasked once.
 *
 * @param mask the token that masks
 * @param vocabulary how many tokens there are
 */
public record Masking(int mask, int vocabulary, long seed) {

    private static final double SHARE = 0.15;
    private static final double MASKED = 0.8;
    private static final double OTHERS = 0.1;
    private static final int WAYS = 10;

    /** The way of what is held back, behind all others. */
    private static final int HELD_BACK = WAYS;

    /**
     * Examples in all ways that epochs have, one way after the other.
     *
     * @param whole with a label at every token that can be masked
     * @param epochs how many there will be
     */
    public TokenExamples all(TokenExamples whole, int epochs) {
        return new TokenExamples(new Masked(whole, 0, ways(epochs)), 0);
    }

    private static int ways(int epochs) {
        return Math.min(WAYS, epochs);
    }

    /** The numbers, among all for so many epochs, of an epoch's examples; epochs count from 0. */
    public static int[] ofEpoch(TokenExamples whole, int epochs, int epoch) {
        int first = epoch % ways(epochs) * whole.size();
        return IntStream.range(first, first + whole.size()).toArray();
    }

    /** Examples to measure with, always masked in the same way. */
    public TokenExamples heldBack(TokenExamples whole) {
        return new TokenExamples(new Masked(whole, HELD_BACK, 1), 0);
    }

    /** Examples in some ways, one way after the other. */
    private final class Masked implements TokenExamples.Source {

        private final TokenExamples whole;
        private final int firstWay;
        private final int size;

        Masked(TokenExamples whole, int firstWay, int ways) {
            this.whole = whole;
            this.firstWay = firstWay;
            this.size = Math.multiplyExact(ways, whole.size());
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public TokenExample get(int number) {
            int example = number % whole.size();
            long ofWay = SplitMix64.draw(seed, firstWay + number / whole.size());
            return masked(whole.get(example), new SplitMix64(SplitMix64.draw(ofWay, example)));
        }

        @Override
        public int length(int number) {
            return whole.length(number % whole.size());
        }
    }

    private TokenExample masked(TokenExample whole, SplitMix64 random) {
        int[] ids = whole.ids().clone();
        int[] labels = new int[ids.length];
        Arrays.fill(labels, TokenExamples.IGNORED);
        for (int place : chosen(whole, random)) {
            labels[place] = whole.labels()[place];
            double kind = random.nextDouble();
            if (kind < MASKED) {
                ids[place] = mask;
            } else if (kind < MASKED + OTHERS) {
                ids[place] = random.nextInt(vocabulary);
            }
        }
        return new TokenExample(ids, whole.types(), labels);
    }

    /** The first of them shuffled. */
    private static int[] chosen(TokenExample whole, SplitMix64 random) {
        int[] places = IntStream.range(0, whole.length())
                .filter(place -> whole.labels()[place] >= 0)
                .toArray();
        int count = Math.max(1, (int) Math.round(SHARE * places.length));
        for (int k = 0; k < count; k++) {
            int other = k + random.nextInt(places.length - k);
            int place = places[other];
            places[other] = places[k];
            places[k] = place;
        }
        return Arrays.copyOf(places, count);
    }
}
