/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.text;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * How a regular expression matches nothing. Java tries all ways to do so, and where there is nothing to read no budget of characters ends
 * that. Whoever parses an expression tells its parts here, in their order.
 */
public final class EmptyMatches {

    /** Ways to match nothing; an expression with a purpose has one. */
    private static final int MOST_WAYS = 16;

    /** Parts that can be empty; expressions of published tokenizers have some ten. */
    private static final int MOST_PARTS = 100;

    private static final class Group {
        private final boolean looksAround;
        /** Whether what came so far of this alternative can be empty. */
        private boolean empty = true;

        private int emptyAlternatives;

        Group(boolean looksAround) {
            this.looksAround = looksAround;
        }
    }

    private final Deque<Group> open = new ArrayDeque<>();
    private int ways = 1;
    private int parts;
    private boolean countsNothing;
    /** Whether the last item can be empty, and whether the alternative could before it. */
    private boolean lastEmpty;

    private boolean emptyBefore;

    /** Of an expression without parts so far. */
    public EmptyMatches() {
        open.push(new Group(false));
    }

    /** A character, a class, or a place between characters, which is nothing to read. */
    public void item(boolean canBeEmpty) {
        parts += canBeEmpty ? 1 : 0;
        lastEmpty = canBeEmpty;
        emptyBefore = open.element().empty;
        open.element().empty = emptyBefore && canBeEmpty;
    }

    /**
     * A group begins.
     *
     * @param looksAround whether what it matches is only looked at
     */
    public void open(boolean looksAround) {
        open.push(new Group(looksAround));
    }

    /** The next alternative of the group begins. */
    public void alternative() {
        open.element().emptyAlternatives += open.element().empty ? 1 : 0;
        open.element().empty = true;
    }

    /** The group ends, and is an item of the one around it. */
    public void close() {
        alternative();
        Group group = open.pop();
        multiply(group.emptyAlternatives);
        item(group.looksAround || group.emptyAlternatives > 0);
    }

    /**
     * The last item is repeated.
     *
     * @param counted by numbers, else by {@code * + ?}
     */
    public void repeat(int least, boolean counted) {
        countsNothing |= lastEmpty && counted;
        multiply(lastEmpty ? 2 : 1);
        open.element().empty = emptyBefore;
        item(lastEmpty || least == 0);
    }

    private void multiply(int factor) {
        ways = Math.min(ways * Math.max(1, factor), MOST_WAYS + 1);
    }

    /** After the last part: what an expression must not have and this one has. */
    public Optional<String> objection() {
        alternative();
        multiply(open.element().emptyAlternatives);
        if (countsNothing) {
            return Optional.of("counted repetition of what can be empty");
        }
        if (ways > MOST_WAYS) {
            return Optional.of("more than " + MOST_WAYS + " ways to match nothing");
        }
        return parts > MOST_PARTS
                ? Optional.of("more than " + MOST_PARTS + " parts that can be empty")
                : Optional.empty();
    }
}
