/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.text;

/** Texts of strangers in messages: on one line, not long, and all seen. */
public final class Shown {

    /** Characters of a text that are shown. */
    public static final int LONGEST = 60;

    private static final int BEGIN = 200;
    private static final int END = 100;

    private Shown() {}

    /** In quotes. */
    public static String quoted(String text) {
        return "'" + of(text) + "'";
    }

    /** The beginning and the end, on one line, of a sentence that quotes too much foreign text. */
    public static String sentence(String text) {
        String line = text.replaceAll("\\s+", " ");
        int left = line.length() - BEGIN - END;
        return left <= END
                ? line
                : line.substring(0, BEGIN) + "… (" + left + " characters) …" + line.substring(BEGIN + left);
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
