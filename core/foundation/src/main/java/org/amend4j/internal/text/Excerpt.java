/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.text;

/** As much of somebody else's text as a sentence can hold. */
public final class Excerpt {

    /** Of the text, in {@code char}s. */
    public static final int LONGEST = 60;

    private Excerpt() {}

    /** The text, or its beginning and how long it is. */
    public static String of(CharSequence text) {
        if (text.length() <= LONGEST) {
            return text.toString();
        }
        int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return text.subSequence(0, end) + "... (" + text.length() + " characters)";
    }
}
