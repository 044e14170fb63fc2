/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.function.Supplier;

/** What a stranger's template may take: steps, levels, and characters that it looks at or makes. */
final class Budget {

    static final int MOST_STEPS = 1 << 22;
    static final int DEEPEST = 300;
    static final int MOST_MADE = 1 << 25;
    static final int MOST_SEEN = 1 << 28;

    private int steps;
    private int depth;
    private long made;
    private long seen;

    /** A part of a template one level deeper. */
    <T> T deeper(Supplier<T> part) {
        step();
        if (++depth > DEEPEST) {
            throw new ChatTemplateException("it is nested deeper than " + DEEPEST + " levels");
        }
        try {
            return part.get();
        } finally {
            depth--;
        }
    }

    void step() {
        if (++steps > MOST_STEPS) {
            throw new ChatTemplateException("it takes more than " + MOST_STEPS + " steps");
        }
    }

    /** Characters of a new text, or what elements of a new list need. */
    void make(long characters) {
        made += characters;
        if (made > MOST_MADE) {
            throw new ChatTemplateException("it makes more than " + MOST_MADE + " characters");
        }
    }

    String made(String text) {
        make(text.length());
        return text;
    }

    void see(long characters) {
        seen += characters;
        if (seen > MOST_SEEN) {
            throw new ChatTemplateException("it looks at more than " + MOST_SEEN + " characters");
        }
    }
}
