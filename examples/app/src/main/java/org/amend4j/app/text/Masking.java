/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.random.SplitMix64;

/**
 * Which tokens an encoder has to say, as BERT's authors choose them (Devlin et al., arXiv 1810.04805): of those of an example that can be
 * masked 15 %, one at least; of these, 80 % become the mask, 10 % any token, and 10 % stay what they are. Every example is masked in up to
 * ten ways, of which epochs take turns. A way follows from the seed, its number and the example's alone.
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
        List<TokenExample> masked = new ArrayList<>();
        for (int way = 0; way < ways(epochs); way++) {
            masked.addAll(masked(whole, way));
        }
        return new TokenExamples(masked);
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
        return new TokenExamples(masked(whole, HELD_BACK));
    }

    private List<TokenExample> masked(TokenExamples whole, int way) {
        long ofWay = SplitMix64.draw(seed, way);
        return IntStream.range(0, whole.size())
                .mapToObj(number -> masked(whole.get(number), new SplitMix64(SplitMix64.draw(ofWay, number))))
                .toList();
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
