/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.List;

/**
 * A walk along a cliff from the lower left to the lower right corner of a 4×12 grid; Gymnasium's CliffWalking-v1, after Sutton and Barto.
 * State row · 12 + column; actions up, right, down, left. Reward -1 a step; stepping into the cliff costs 100 and leads back to the start,
 * without ending the episode. Only the goal terminates, and there is no time limit.
 */
public final class CliffWalking {

    private static final int ROWS = 4;
    private static final int COLUMNS = 12;
    private static final int START = 36;
    private static final int GOAL = 47;

    private CliffWalking() {}

    /**
     * The table.
     *
     * @param slippery whether the action before, the action itself and the one after happen with probability 1/3 each
     */
    public static FiniteMdp grid(boolean slippery) {
        int states = ROWS * COLUMNS;
        return new FiniteMdp(
                Tables.of(
                        states,
                        4,
                        (state, action) -> slippery
                                ? Tables.slipping(action, a -> move(state, a, 1.0 / 3.0))
                                : List.of(move(state, action, 1))),
                Tables.only(states, START));
    }

    /** CliffWalking-v1, not slippery. */
    public static Environment v1() {
        return grid(false).environment();
    }

    private static Transition move(int state, int action, double probability) {
        int row = state / COLUMNS;
        int column = state % COLUMNS;
        switch (action) {
            case 0 -> row = Math.max(row - 1, 0);
            case 1 -> column = Math.min(column + 1, COLUMNS - 1);
            case 2 -> row = Math.min(row + 1, ROWS - 1);
            default -> column = Math.max(column - 1, 0);
        }
        int next = row * COLUMNS + column;
        boolean fell = next > START && next < GOAL;
        return new Transition(probability, fell ? START : next, fell ? -100 : -1, next == GOAL);
    }
}
