/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.amend4j.internal.validation.Checks;

/**
 * A walk from S to G over ice without falling into a hole; Gymnasium's FrozenLake-v1. State row · columns + column; actions left,
 * down, right, up. On slippery ice the action before, the action itself and the one after happen, with probability 1/3 each
 * unless {@link Rules} say otherwise. Entering G or a hole terminates.
 */
public final class FrozenLake {

    /** Steps of the registered time limit of the 4×4 lake. */
    public static final int STEPS_4X4 = 100;

    /** Steps of the registered time limit of the 8×8 lake. */
    public static final int STEPS_8X8 = 200;

    /** The standard 4×4 map. */
    public static final List<String> MAP_4X4 = List.of("SFFF", "FHFH", "FFFH", "HFFG");

    /** The standard 8×8 map. */
    public static final List<String> MAP_8X8 =
            List.of("SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG");

    private FrozenLake() {}

    /**
     * How the ice behaves and what is paid for.
     *
     * @param successRate probability of going where the action says, in [0, 1]; the rest is shared by the two directions at right angles
     * @param goal reward for entering G
     * @param hole reward for entering a hole
     * @param frozen reward for entering any other cell
     */
    @RecordBuilder
    public record Rules(double successRate, double goal, double hole, double frozen)
            implements FrozenLakeRulesBuilder.With {

        /** Gymnasium's defaults: 1/3, and reward 1 for the goal alone. */
        public static final Rules SLIPPERY = new Rules(1.0 / 3.0, 1, 0, 0);

        /** Every action goes where it says. */
        public static final Rules DRY = SLIPPERY.withSuccessRate(1);

        public Rules {
            Checks.inRange(0, 1, "successRate", successRate);
            Checks.finite("reward of the goal", goal);
            Checks.finite("reward of a hole", hole);
            Checks.finite("reward of frozen ice", frozen);
        }

        public Rules withRewards(double ofGoal, double ofHole, double ofFrozen) {
            return withGoal(ofGoal).withHole(ofHole).withFrozen(ofFrozen);
        }

        private double reward(char cell) {
            return switch (cell) {
                case 'G' -> goal;
                case 'H' -> hole;
                default -> frozen;
            };
        }
    }

    /** FrozenLake-v1 on the slippery 4×4 map: truncated at 100 steps. */
    public static Environment v1() {
        return new TimeLimit(lake(Rules.SLIPPERY, MAP_4X4).environment(), STEPS_4X4);
    }

    /**
     * Any map.
     *
     * @param rows of equal length, of the letters S (exactly one), F, H and G
     */
    public static FiniteMdp lake(Rules rules, List<String> rows) {
        String map = String.join("", rows);
        int columns = rows.isEmpty() ? 0 : rows.get(0).length();
        for (String row : rows) {
            if (row.length() != columns || !row.matches("[SFHG]+")) {
                throw new IllegalArgumentException(
                        "the map's rows must be of equal length, of the letters S, F, H and G, got \"" + row + "\" in "
                                + rows);
            }
        }
        if (map.indexOf('S') < 0 || map.indexOf('S') != map.lastIndexOf('S')) {
            throw new IllegalArgumentException("the map must have exactly one S, got " + rows);
        }
        return new FiniteMdp(
                Tables.of(map.length(), 4, (state, action) -> outcomes(map, columns, rules, state, action)),
                Tables.only(map.length(), map.indexOf('S')));
    }

    private static List<Transition> outcomes(String map, int columns, Rules rules, int state, int action) {
        if (isEnd(map, state)) {
            return List.of(new Transition(1, state, 0, true));
        }
        if (rules.successRate() == 1) {
            return List.of(move(map, columns, rules, state, action, 1));
        }
        double slip = (1 - rules.successRate()) / 2;
        return Tables.slipping(
                action, a -> move(map, columns, rules, state, a, a == action ? rules.successRate() : slip));
    }

    private static Transition move(String map, int columns, Rules rules, int state, int action, double probability) {
        int row = state / columns;
        int column = state % columns;
        switch (action) {
            case 0 -> column = Math.max(column - 1, 0);
            case 1 -> row = Math.min(row + 1, map.length() / columns - 1);
            case 2 -> column = Math.min(column + 1, columns - 1);
            default -> row = Math.max(row - 1, 0);
        }
        int next = row * columns + column;
        return new Transition(probability, next, rules.reward(map.charAt(next)), isEnd(map, next));
    }

    private static boolean isEnd(String map, int state) {
        return map.charAt(state) == 'G' || map.charAt(state) == 'H';
    }
}
