/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Characters that are younger than Java's own tables. Where only the class of a character counts, one that Java knows, of the same category
 * and script, takes its place; so expressions find the same in every Java.
 */
final class LaterCharacters {

    private record Group(int instead, CodePoints members) {}

    /** Below, every Java agrees. */
    private static final int FIRST = 0x600;

    private static final List<Group> GROUPS = groups();
    private static final CodePoints ALL = all();

    private LaterCharacters() {}

    /** The character itself, or the one in its place. */
    static int replaced(int codePoint) {
        if (codePoint < FIRST || !ALL.contains(codePoint)) {
            return codePoint;
        }
        return GROUPS.stream()
                .filter(group -> group.members.contains(codePoint))
                .mapToInt(Group::instead)
                .findFirst()
                .orElse(codePoint);
    }

    private static List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        Unicode.forEach(
                "later-",
                (instead, bounds) -> groups.add(new Group(Integer.parseInt(instead, 16), new CodePoints(bounds))));
        return groups;
    }

    private static CodePoints all() {
        List<int[]> ranges = new ArrayList<>();
        GROUPS.forEach(group -> group.members.addTo(ranges));
        return CodePoints.union(ranges);
    }
}
