/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Words as lists of tokens, and how often each pair of neighbours stands in them; kept up to date while pairs are merged. */
final class PairCounts {

    private record Candidate(long pair, long count) {}

    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<int[]> words = new ArrayList<>();
    private final List<Long> frequencies = new ArrayList<>();
    private final Map<Long, Long> counts = new HashMap<>();
    private final Map<Long, Set<Integer>> places = new HashMap<>();
    private final Set<Long> merged = new HashSet<>();
    /** Counts may be old; then they are too high. */
    private final PriorityQueue<Candidate> candidates = new PriorityQueue<>(
            Comparator.comparingLong((Candidate one) -> -one.count).thenComparingLong(Candidate::pair));

    PairCounts(Map<String, Long> wordCounts) {
        for (int b = 0; b < 256; b++) {
            tokens.add(Character.toString(ByteCharacters.character(b)));
        }
        tokens.sort(Comparator.naturalOrder());
        for (String token : tokens) {
            ids.put(token, ids.size());
        }
        // in one order, whatever the map's is
        for (String word : new TreeSet<>(wordCounts.keySet())) {
            long count = wordCounts.getOrDefault(word, 0L);
            words.add(word.codePoints()
                    .map(c -> ids.getOrDefault(Character.toString(c), 0))
                    .toArray());
            frequencies.add(count);
        }
        for (int w = 0; w < words.size(); w++) {
            int[] word = words.get(w);
            for (int i = 0; i + 1 < word.length; i++) {
                change(pair(word[i], word[i + 1]), frequencies.get(w), w);
            }
        }
        counts.forEach((pair, count) -> candidates.add(new Candidate(pair, count)));
    }

    /** The pair that stands there most often, or null if none does as often as it must. */
    @Nullable
    PairMerge mostFrequent(int least) {
        while (!candidates.isEmpty()) {
            Candidate top = candidates.poll();
            long count = counts.getOrDefault(top.pair, 0L);
            if (count < least) {
                continue;
            }
            if (count != top.count) {
                candidates.add(new Candidate(top.pair, count));
                continue;
            }
            return new PairMerge(tokens.get((int) (top.pair >>> 32)), tokens.get((int) top.pair));
        }
        return null;
    }

    /** Makes one token of a pair wherever it stands, and says whether the pair had never been merged. */
    boolean merge(PairMerge merge) {
        int left = ids.getOrDefault(merge.left(), 0);
        int right = ids.getOrDefault(merge.right(), 0);
        Integer known = ids.putIfAbsent(merge.merged(), tokens.size());
        int id = known == null ? tokens.size() : known;
        if (known == null) {
            tokens.add(merge.merged());
        }
        Set<Integer> where = places.getOrDefault(pair(left, right), Set.of());
        Set<Long> grown = new HashSet<>();
        for (int w : List.copyOf(where)) {
            mergeIn(w, left, right, id, grown);
        }
        counts.remove(pair(left, right));
        places.remove(pair(left, right));
        grown.forEach(pair -> candidates.add(new Candidate(pair, counts.getOrDefault(pair, 0L))));
        return merged.add(pair(left, right));
    }

    private void mergeIn(int w, int left, int right, int id, Set<Long> grown) {
        int[] old = words.get(w);
        long frequency = frequencies.get(w);
        int[] word = new int[old.length];
        int length = 0;
        for (int i = 0; i < old.length; i++) {
            boolean found = old[i] == left && i + 1 < old.length && old[i + 1] == right;
            word[length++] = found ? id : old[i];
            i += found ? 1 : 0;
        }
        if (length == old.length) {
            return;
        }
        for (int i = 0; i + 1 < old.length; i++) {
            change(pair(old[i], old[i + 1]), -frequency, w);
        }
        for (int i = 0; i + 1 < length; i++) {
            long pair = pair(word[i], word[i + 1]);
            change(pair, frequency, w);
            if (word[i] == id || word[i + 1] == id) {
                grown.add(pair);
            }
        }
        words.set(w, Arrays.copyOf(word, length));
    }

    private void change(long pair, long by, int w) {
        counts.merge(pair, by, Long::sum);
        if (by > 0) {
            places.computeIfAbsent(pair, key -> new HashSet<>()).add(w);
        }
    }

    private static long pair(int left, int right) {
        return ((long) left << 32) | right;
    }
}
