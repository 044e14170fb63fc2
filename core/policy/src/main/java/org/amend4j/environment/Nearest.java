/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Collection;
import java.util.Comparator;

/** The name that was probably meant by a mistyped one, if one is near: most edits of a name, versions aside, are another name. */
final class Nearest {

    /** Characters of a name, for each of which one may be wrong. */
    private static final int RIGHT = 3;

    private Nearest() {}

    /** The sentence for a name that is not among the known ones. */
    static String unknown(String what, String name, Collection<String> known) {
        String sentence = what + " must be one of " + String.join(", ", known) + ", got '" + name + "'";
        return known.stream()
                .filter(candidate -> isNear(base(name), base(candidate)))
                .min(Comparator.comparingInt(candidate -> edits(name, candidate)))
                .map(nearest -> sentence + ": did you mean '" + nearest + "'?")
                .orElse(sentence);
    }

    private static boolean isNear(String name, String candidate) {
        return edits(name, candidate) <= Math.max(name.length(), candidate.length()) / RIGHT;
    }

    private static String base(String name) {
        return name.replaceFirst("-v\\d+$", "");
    }

    /** Levenshtein's distance: insertions, deletions and replacements of a character; its case does not count. */
    static int edits(String from, String to) {
        int[] previous = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] current = new int[to.length() + 1];
            current[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = previous[j - 1] + (same(from.charAt(i - 1), to.charAt(j - 1)) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[to.length()];
    }

    private static boolean same(char a, char b) {
        return Character.toLowerCase(a) == Character.toLowerCase(b);
    }
}
