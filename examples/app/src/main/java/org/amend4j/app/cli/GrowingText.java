/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
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
    private final List<String> stops;
    private final int begin;
    private final int first;
    private int shown;

    /**
     * A prompt, and what will come.
     *
     * @param prompt its tokens
     * @param stops what comes ends before the first of these texts
     * @param answer whether only what comes is shown
     */
    GrowingText(Tokenizer tokenizer, List<Integer> prompt, List<String> stops, boolean answer) {
        this.tokenizer = tokenizer;
        this.tokens = new ArrayList<>(prompt);
        this.stops = stops;
        begin = decoded().length();
        first = answer ? begin : 0;
        shown = first;
    }

    /** Gets a token. */
    void add(int token) {
        tokens.add(token);
    }

    /** Whether it has what ends it. */
    boolean isOver() {
        return !stops.isEmpty() && end(decoded()).isPresent();
    }

    /** What has not been shown of it, but for what may be a part of a character or of what ends it, unless there is no more. */
    String rest(boolean over) {
        String text = text();
        int end = text.length();
        while (!over && end > shown && text.charAt(end - 1) == UNFINISHED) {
            end--;
        }
        end -= over || isOver() ? 0 : beginOfStop(text, end);
        String rest = text.substring(Math.min(shown, end), end);
        shown = Math.max(shown, end);
        return rest;
    }

    /** Characters at the end with which a stop begins. */
    private int beginOfStop(String text, int end) {
        int most = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, Math.max(0, end - begin)); length > most; length--) {
                if (text.startsWith(stop.substring(0, length), end - length)) {
                    most = length;
                }
            }
        }
        return most;
    }

    /** All of it, the prompt included. */
    String text() {
        String all = decoded();
        return all.substring(0, end(all).orElse(all.length()));
    }

    /** What is shown of it in all. */
    String told() {
        String text = text();
        return text.substring(Math.min(first, text.length()));
    }

    /** What came behind the prompt. */
    String continuation() {
        String text = text();
        return text.substring(Math.min(begin, text.length()));
    }

    private OptionalInt end(String all) {
        return stops.stream()
                .mapToInt(stop -> all.indexOf(stop, begin))
                .filter(at -> at >= 0)
                .min();
    }

    private String decoded() {
        return tokenizer.decode(tokens.stream().mapToInt(token -> token).toArray());
    }
}
