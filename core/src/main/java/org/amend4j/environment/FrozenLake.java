package org.amend4j.environment;

import java.util.List;

/**
 * From S to G over ice without falling into a hole; Gymnasium's FrozenLake-v1. State row · columns + column; actions left,
 * down, right, up. On slippery ice the action before, the action itself and the one after happen with probability 1/3
 * each. Reward 1 for entering G, which terminates, as do holes.
 */
public final class FrozenLake {

    /** Steps of the registered time limit of the 4×4 lake. */
    public static final int STEPS_4X4 = 100;

    /** Steps of the registered time limit of the 8×8 lake. */
    public static final int STEPS_8X8 = 200;

    private static final double SUCCESS = 1.0 / 3.0;
    private static final double SLIP = (1 - SUCCESS) / 2;

    private FrozenLake() {}

    /** The 4×4 map. */
    public static FiniteMdp lake4x4(boolean slippery) {
        return lake(slippery, "SFFF", "FHFH", "FFFH", "HFFG");
    }

    /** The 8×8 map. */
    public static FiniteMdp lake8x8(boolean slippery) {
        return lake(
                slippery,
                "SFFFFFFF",
                "FFFFFFFF",
                "FFFHFFFF",
                "FFFFFHFF",
                "FFFHFFFF",
                "FHHFFFHF",
                "FHFFHFHF",
                "FFFHFFFG");
    }

    /** FrozenLake-v1 on the slippery 4×4 map: truncated at 100 steps. */
    public static Environment v1() {
        return new TimeLimit(lake4x4(true).environment(), STEPS_4X4);
    }

    /**
     * Any map.
     *
     * @param rows of equal length, of the letters S (exactly one), F, H and G
     */
    public static FiniteMdp lake(boolean slippery, String... rows) {
        String map = String.join("", rows);
        int columns = rows.length == 0 ? 0 : rows[0].length();
        for (String row : rows) {
            if (row.length() != columns || !row.matches("[SFHG]+")) {
                throw new IllegalArgumentException(
                        "rows must be " + columns + " >= 1 letters of S, F, H and G, got \"" + row + "\"");
            }
        }
        if (map.indexOf('S') < 0 || map.indexOf('S') != map.lastIndexOf('S')) {
            throw new IllegalArgumentException("the map must have exactly one S, got \"" + map + "\"");
        }
        return new FiniteMdp(
                Tables.of(map.length(), 4, (state, action) -> outcomes(map, columns, slippery, state, action)),
                Tables.only(map.length(), map.indexOf('S')));
    }

    private static List<Outcome> outcomes(String map, int columns, boolean slippery, int state, int action) {
        if (isEnd(map, state)) {
            return List.of(new Outcome(1, state, 0, true));
        }
        if (!slippery) {
            return List.of(move(map, columns, state, action, 1));
        }
        return Tables.slipping(action, a -> move(map, columns, state, a, a == action ? SUCCESS : SLIP));
    }

    private static Outcome move(String map, int columns, int state, int action, double probability) {
        int row = state / columns;
        int column = state % columns;
        switch (action) {
            case 0 -> column = Math.max(column - 1, 0);
            case 1 -> row = Math.min(row + 1, map.length() / columns - 1);
            case 2 -> column = Math.min(column + 1, columns - 1);
            default -> row = Math.max(row - 1, 0);
        }
        int next = row * columns + column;
        return new Outcome(probability, next, map.charAt(next) == 'G' ? 1 : 0, isEnd(map, next));
    }

    private static boolean isEnd(String map, int state) {
        return map.charAt(state) == 'G' || map.charAt(state) == 'H';
    }
}
