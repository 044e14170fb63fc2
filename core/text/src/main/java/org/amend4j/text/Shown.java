/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import org.amend4j.internal.text.Characters;

/** Texts of strangers in messages: on one line, not long, and all seen. */
final class Shown {

    private static final int LONGEST = 60;

    private Shown() {}

    static String quoted(String text) {
        StringBuilder shown = new StringBuilder("'");
        int[] codePoints = text.codePoints().limit(LONGEST + 1).toArray();
        for (int i = 0; i < Math.min(codePoints.length, LONGEST); i++) {
            if (Characters.isSeen(codePoints[i])) {
                shown.appendCodePoint(codePoints[i]);
            } else {
                shown.append("\\u{").append(Integer.toHexString(codePoints[i])).append('}');
            }
        }
        return shown.append(codePoints.length > LONGEST ? "…'" : "'").toString();
    }
}
