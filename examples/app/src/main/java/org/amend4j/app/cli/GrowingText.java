/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.text.Tokenizer;

/**
 * Shows a text while it gets tokens. What a token adds can depend on those around it, and a character can take several: so all of it
 * is decoded each time, and what is new is shown as soon as it is whole.
 */
final class GrowingText {

    /** Stands for bytes that are no character, or not yet. */
    private static final char UNFINISHED = '\uFFFD';

    private final Tokenizer tokenizer;
    private final List<Integer> tokens;
    private int shown;

    /** @param tokens those that it has already */
    GrowingText(Tokenizer tokenizer, List<Integer> tokens) {
        this.tokenizer = tokenizer;
        this.tokens = new ArrayList<>(tokens);
    }

    /** What to show of it once it has the token. */
    String with(int token) {
        tokens.add(token);
        return rest(false);
    }

    /** Takes tokens without showing them. */
    void add(List<Integer> more) {
        tokens.addAll(more);
    }

    /** What has not been shown of it. */
    String rest(boolean over) {
        String text = text();
        int end = text.length();
        while (!over && end > shown && text.charAt(end - 1) == UNFINISHED) {
            end--;
        }
        String rest = text.substring(Math.min(shown, end), end);
        shown = Math.max(shown, end);
        return rest;
    }

    /** All of it. */
    String text() {
        return tokenizer.decode(tokens.stream().mapToInt(token -> token).toArray());
    }
}
