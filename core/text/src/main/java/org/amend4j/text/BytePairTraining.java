/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.text.Shown;
import org.amend4j.internal.validation.Checks;

/**
 * Learns byte pair encoding as GPT-2 has it (Sennrich, Haddow and Birch, 2016, on bytes): of all pairs of neighbours within words the most
 * frequent becomes a token, again and again; of equally frequent ones that of the lower ids. The same texts give the same tokenizer.
 *
 * @param size of the vocabulary with special tokens and the 256 bytes; fewer if no pair is left
 * @param specialTokens get the first ids, in this order
 * @param leastCount how often a pair must stand there to become a token, >= 1
 */
public record BytePairTraining(int size, List<String> specialTokens, int leastCount) {

    private static final int BYTES = 256;
    private static final int MOST = 1 << 20;

    public BytePairTraining {
        specialTokens = Checks.names("specialTokens", specialTokens);
        Checks.inRange(BYTES + specialTokens.size(), MOST, "size", size);
        Checks.atLeast(1, "leastCount", leastCount);
        for (String token : specialTokens) {
            if (token.codePointCount(0, token.length()) < 2) {
                throw new IllegalArgumentException(
                        "a special token must have at least two characters, got " + Shown.quoted(token));
            }
        }
    }

    /** Pairs that are there once become tokens, too. */
    public BytePairTraining(int size, List<String> specialTokens) {
        this(size, specialTokens, 1);
    }

    /**
     * Learns from texts.
     *
     * @param texts any; special tokens in them are text
     */
    public TrainedTokenizer train(Iterable<String> texts) {
        return TrainedTokenizer.of(specialTokens, merges(words(texts)));
    }

    /** How often each word is there, in the visible characters of its bytes. */
    private static Map<String, Long> words(Iterable<String> texts) {
        PreTokenizer words = new PreTokenizer.Bytes(false, true);
        Map<String, Long> counts = new HashMap<>();
        for (String text : texts) {
            AlignedText whole = AlignedText.of(text);
            if (!whole.isEmpty()) {
                List<AlignedText> parts = new ArrayList<>();
                words.split(whole, parts);
                parts.forEach(word -> counts.merge(word.toString(), 1L, Long::sum));
            }
        }
        return counts;
    }

    private List<PairMerge> merges(Map<String, Long> words) {
        PairCounts counts = new PairCounts(words);
        List<PairMerge> merges = new ArrayList<>();
        HashSet<String> tokens = new HashSet<>(specialTokens);
        while (BYTES + tokens.size() < size) {
            PairMerge best = counts.mostFrequent(leastCount);
            if (best == null) {
                break;
            }
            if (counts.merge(best)) {
                merges.add(best);
                tokens.add(best.merged());
            }
        }
        return merges;
    }
}
