/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.List;
import org.amend4j.internal.validation.Checks;

/**
 * How what is too long is cut; what is cut off is dropped.
 *
 * @param maxLength of an encoding with its special tokens, >= 1
 * @param strategy which of two texts is cut
 * @param side where
 */
public record Truncation(int maxLength, Strategy strategy, Side side) {

    /** Which of two texts is cut. */
    public enum Strategy {
        /** The longer, then both alike. */
        LONGEST_FIRST,
        /** The first alone. */
        ONLY_FIRST,
        /** The second alone. */
        ONLY_SECOND
    }

    public Truncation {
        Checks.atLeast(1, "maxLength", maxLength);
        Checks.present("strategy", strategy);
        Checks.present("side", side);
    }

    /** The longest first, from the end. */
    public Truncation(int maxLength) {
        this(maxLength, Strategy.LONGEST_FIRST, Side.RIGHT);
    }

    TokenList single(TokenList text, int added) {
        int room = room(added);
        if (text.size() <= room) {
            return text;
        }
        if (strategy == Strategy.ONLY_SECOND && room > 0) {
            throw new IllegalArgumentException("a truncation of the second text must have two texts, got one of "
                    + text.size() + " tokens for " + room);
        }
        return cut(text, room);
    }

    List<TokenList> pair(TokenList first, TokenList second, int added) {
        int room = room(added);
        int excess = first.size() + second.size() - room;
        if (excess <= 0) {
            return List.of(first, second);
        }
        if (room == 0) {
            return List.of(cut(first, 0), cut(second, 0));
        }
        return switch (strategy) {
            case LONGEST_FIRST -> longestFirst(first, second, room);
            case ONLY_FIRST -> List.of(cut(first, left(first.size(), excess)), second);
            case ONLY_SECOND -> List.of(first, cut(second, left(second.size(), excess)));
        };
    }

    private List<TokenList> longestFirst(TokenList first, TokenList second, int room) {
        boolean swapped = first.size() > second.size();
        int shorter = Math.min(first.size(), second.size());
        int longer = Math.max(shorter, room - shorter);
        if (shorter + longer > room) {
            shorter = room / 2;
            longer = shorter + room % 2;
        }
        return List.of(cut(first, swapped ? longer : shorter), cut(second, swapped ? shorter : longer));
    }

    private int room(int added) {
        if (added > maxLength) {
            throw new IllegalArgumentException(
                    "maxLength must leave room for the " + added + " special tokens, got " + maxLength);
        }
        return maxLength - added;
    }

    private static int left(int size, int excess) {
        if (size <= excess) {
            throw new IllegalArgumentException(
                    "the text to truncate must have more than the " + excess + " tokens too many, got " + size);
        }
        return size - excess;
    }

    private TokenList cut(TokenList text, int length) {
        int kept = Math.min(length, text.size());
        return side == Side.RIGHT ? text.part(0, kept) : text.part(text.size() - kept, text.size());
    }
}
