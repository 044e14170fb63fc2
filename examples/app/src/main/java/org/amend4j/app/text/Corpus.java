/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.data.BadInputException;

/**
 * Texts to learn from, and their ends to test with.
 *
 * @param heldBack as many, or none
 */
public record Corpus(List<String> training, List<String> heldBack) {

    /** Copies the lists. */
    public Corpus {
        training = List.copyOf(training);
        heldBack = List.copyOf(heldBack);
    }

    /**
     * Cuts every text, behind a line if there is one in the second half of what is to be learned.
     *
     * @param part of each that is held back, in [0, 1)
     * @throws BadInputException if a text is too short for it
     */
    public static Corpus of(List<String> texts, double part) {
        if (part == 0) {
            return new Corpus(texts, List.of());
        }
        List<String> training = new ArrayList<>();
        List<String> heldBack = new ArrayList<>();
        for (String text : texts) {
            int wanted = (int) Math.round((1 - part) * text.length());
            int line = text.lastIndexOf('\n', wanted - 1) + 1;
            int cut = line > wanted / 2 ? line : beforePair(text, wanted);
            if (cut < 1 || cut >= text.length()) {
                throw new BadInputException("a text of " + text.length()
                        + " characters is too short to hold back a part of it: --validation 0 holds none back");
            }
            training.add(text.substring(0, cut));
            heldBack.add(text.substring(cut));
        }
        return new Corpus(training, heldBack);
    }

    /** Not between the two halves of one character. */
    private static int beforePair(String text, int cut) {
        boolean within =
                cut > 0 && cut < text.length() && Character.isSurrogatePair(text.charAt(cut - 1), text.charAt(cut));
        return within ? cut - 1 : cut;
    }
}
