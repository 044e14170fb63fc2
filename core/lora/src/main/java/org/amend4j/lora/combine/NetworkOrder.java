/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/** One order of layers from several, each of which has some of them in the network's order. */
final class NetworkOrder {

    private NetworkOrder() {}

    /** All names, each once, in an order that agrees with all of the lists if there is one. */
    static List<String> merged(List<List<String>> lists) {
        List<Deque<String>> left = new ArrayList<>();
        lists.forEach(list -> left.add(new ArrayDeque<>(list)));
        List<String> merged = new ArrayList<>();
        left.removeIf(Deque::isEmpty);
        while (!left.isEmpty()) {
            String next = next(left);
            merged.add(next);
            left.forEach(list -> list.remove(next));
            left.removeIf(Deque::isEmpty);
        }
        return merged;
    }

    /** The first name that no list has behind another one. */
    private static String next(List<Deque<String>> left) {
        return left.stream()
                .map(list -> Objects.requireNonNull(list.peek()))
                .filter(head -> left.stream().allMatch(list -> head.equals(list.peek()) || !list.contains(head)))
                .findFirst()
                .orElse(Objects.requireNonNull(left.get(0).peek()));
    }
}
