/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.text;

/** Texts of strangers in messages: on one line, not long, and all seen. */
public final class Shown {

    /** Characters of a text that are shown. */
    public static final int LONGEST = 60;

    private Shown() {}

    /** In quotes. */
    public static String quoted(String text) {
        return "'" + of(text) + "'";
    }

    /** As it is, where it is a short one. */
    public static String of(String text) {
        StringBuilder shown = new StringBuilder();
        int[] codePoints = text.codePoints().limit(LONGEST + 1).toArray();
        for (int i = 0; i < Math.min(codePoints.length, LONGEST); i++) {
            if (Characters.isSeen(codePoints[i])) {
                shown.appendCodePoint(codePoints[i]);
            } else {
                shown.append("\\u{").append(Integer.toHexString(codePoints[i])).append('}');
            }
        }
        return shown.append(codePoints.length > LONGEST ? "…" : "").toString();
    }
}
