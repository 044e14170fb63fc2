/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is dead, in words: components by number, as ranges, and the first few only where they are many. */
final class DeadWords {

    private static final int MOST_ADAPTERS = 3;
    private static final int MOST_RANGES = 3;

    private DeadWords() {}

    /** Sentences, each with a blank before it; empty if nothing is dead. */
    static String of(DeadParts dead, int dimension) {
        List<DeadComponent> stay =
                dead.components().stream().filter(DeadComponent::permanent).toList();
        List<DeadComponent> rest =
                dead.components().stream().filter(one -> !one.permanent()).toList();
        return sentence(
                        stay,
                        " stays dead: ascent does not move it, whatever it does along others.",
                        " stay dead: ascent does not move them, whatever it does along others.")
                + sentence(
                        rest,
                        " has a policy gradient of 0 whatever is drawn, as long as the other parameters stay as they are.",
                        " have a policy gradient of 0 whatever is drawn, as long as the other parameters stay as they are.")
                + others(dead, dimension);
    }

    private static String sentence(List<DeadComponent> components, String ofOne, String ofMany) {
        if (components.isEmpty()) {
            return "";
        }
        String named = named(components);
        return " " + named.substring(0, 1).toUpperCase(Locale.ROOT) + named.substring(1)
                + (components.size() == 1 ? ofOne : ofMany);
    }

    private static String named(List<DeadComponent> components) {
        Map<String, List<DeadComponent>> byLayer = new LinkedHashMap<>();
        components.forEach(one ->
                byLayer.computeIfAbsent(one.layer(), layer -> new ArrayList<>()).add(one));
        List<String> parts = new ArrayList<>();
        int left = components.size();
        for (List<DeadComponent> adapter : byLayer.values()) {
            if (parts.size() < MOST_ADAPTERS) {
                parts.add(ofAdapter(adapter));
                left -= adapter.size();
            }
        }
        if (left > 0) {
            parts.add(left + " more of other adapters");
        }
        return String.join("; ", parts);
    }

    private static String ofAdapter(List<DeadComponent> components) {
        int rank = components.get(0).rank();
        String which = rank == 1
                ? "the only component"
                : components.size() == rank
                        ? (rank == 2 ? "both components" : "all " + rank + " components")
                        : (components.size() == 1 ? "component " : "components ") + ranges(components) + " of " + rank;
        return which + " of the adapter on '" + components.get(0).layer() + "'";
    }

    /** "1-3, 5 and 4 more". */
    private static String ranges(List<DeadComponent> components) {
        List<String> ranges = new ArrayList<>();
        int at = 0;
        while (at < components.size() && ranges.size() < MOST_RANGES) {
            int first = components.get(at).component();
            int last = first;
            while (at < components.size() && components.get(at).component() <= last + 1) {
                last = components.get(at++).component();
            }
            ranges.add(first == last ? Integer.toString(first) : first + "-" + last);
        }
        return String.join(", ", ranges) + (at < components.size() ? " and " + (components.size() - at) + " more" : "");
    }

    private static String others(DeadParts dead, int dimension) {
        if (dead.others() == 0) {
            return "";
        }
        return (dead.components().isEmpty() ? " " : " Besides, ") + dead.others() + " of " + dimension
                + " parameters have a policy gradient of 0 whatever is drawn: ascent does not move them at first"
                + " (factors of an adapter beside one that is 0), or ever (weights that the policy does not use).";
    }
}
