/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.text;

import java.util.regex.Pattern;

/** The article before a name from code: "an LSTM", "a DenseLayer". */
public final class Article {

    /** Letters with names that begin with the sound of a vowel. */
    private static final String VOWEL_SOUNDS = "AEFHILMNORSX";

    /** Read letter by letter: two capitals, a capital and a digit, or a first part without a vowel. */
    private static final Pattern SPELLED = Pattern.compile("[A-Z]([A-Z0-9]|[b-df-hj-np-tv-xz]+([^a-z]|$)).*|[A-Z]");

    /** Written with a vowel, spoken with a consonant. */
    private static final Pattern CONSONANT_SOUND = Pattern.compile("(?i)(eu|uni[^nm]|use|one).*");

    private Article() {}

    /**
     * The name behind its article.
     *
     * @param name of a class, say; of a longer text the first word counts
     */
    public static String before(String name) {
        return (soundsLikeVowel(name) ? "an " : "a ") + name;
    }

    private static boolean soundsLikeVowel(String name) {
        if (name.isEmpty()) {
            return false;
        }
        char first = name.charAt(0);
        if (SPELLED.matcher(name).matches()) {
            return VOWEL_SOUNDS.indexOf(first) >= 0;
        }
        return "aeiouAEIOU".indexOf(first) >= 0
                && !CONSONANT_SOUND.matcher(name).matches();
    }
}
