/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.internal.validation.Checks;

/**
 * A taxi that fetches a passenger at one of four stops and brings them to another; Gymnasium's Taxi-v4, dry or
 * in the rain, after Dietterich (2000); its passengers are not fickle. State ((row · 5 + column) · 5 + passenger) · 4 + destination, passenger 4 being in the taxi; actions
 * south, north, east, west, pick up, drop off. Reward -1 a step, -10 for an illegal pick-up or drop-off, 20 for the
 * delivery, which terminates. A drop-off at a wrong stop is legal.
 */
public final class Taxi {

    /** Steps of the registered time limit. */
    public static final int STEPS = 200;

    private static final int SIDE = 5;
    private static final int IN_TAXI = 4;
    private static final int STATES = SIDE * SIDE * 5 * 4;
    private static final int ACTIONS = 6;

    /** Between two columns: ':' passable, '|' a wall. */
    private static final List<String> BORDERS = List.of(":|::", ":|::", "::::", "|:|:", "|:|:");

    /** Cells row · 5 + column of the stops R, G, Y and B. */
    private static final int[] STOPS = {0, 4, 20, 23};

    private Taxi() {}

    /** The probability of going where an action says that Gymnasium's rain has by default. */
    public static final double RAINY_PROBABILITY = 0.8;

    /** Of each move, the moves to its left and to its right. */
    private static final int[][] BESIDE = {{2, 3}, {3, 2}, {1, 0}, {0, 1}};

    /** In dry weather; it starts in the 300 states with the passenger at a stop that is not the destination. */
    public static FiniteMdp town() {
        return town((state, action) -> List.of(outcome(state, action)));
    }

    /**
     * In the rain, a possible move may go to its left or to its right instead; there a wall keeps the taxi in place.
     *
     * @param probability of going where the action says, in [0, 1]; the rest is shared by the two moves to its sides
     */
    public static FiniteMdp rainyTown(double probability) {
        Checks.inRange(0, 1, "probability", probability);
        return town(
                (state, action) -> action < 4 ? drifting(state, action, probability) : List.of(outcome(state, action)));
    }

    private static FiniteMdp town(Tables.Row row) {
        double[] start = new double[STATES];
        for (int state = 0; state < STATES; state++) {
            Situation situation = Situation.of(state);
            boolean possible = situation.passenger != IN_TAXI && situation.passenger != situation.destination;
            start[state] = possible ? 1.0 / 300 : 0;
        }
        return new FiniteMdp(Tables.of(STATES, ACTIONS, row), start);
    }

    private static List<Transition> drifting(int state, int action, double probability) {
        Situation s = Situation.of(state);
        boolean possible = s.after(action) != s.cell;
        double aside = (1 - probability) / 2;
        return List.of(
                moved(s, action, probability),
                moved(s, possible ? BESIDE[action][0] : action, aside),
                moved(s, possible ? BESIDE[action][1] : action, aside));
    }

    private static Transition moved(Situation s, int action, double probability) {
        return new Transition(
                probability, new Situation(s.after(action), s.passenger, s.destination).state(), -1, false);
    }

    /** Samples from a town, with the masks of {@link #actionMask} as allowed actions; without a time limit. */
    public static TabularEnvironment environment(FiniteMdp town) {
        boolean[][] masks = new boolean[STATES][];
        Arrays.setAll(masks, Taxi::actionMask);
        return new TabularEnvironment(town, IntStream.range(0, STATES).toArray(), masks);
    }

    /** Taxi: truncated at 200 steps. */
    public static Environment v4() {
        return new TimeLimit(environment(town()), STEPS);
    }

    /** Which of the six actions do something legal in a state. */
    public static boolean[] actionMask(int state) {
        Situation s = Situation.of(Checks.inRange(0, STATES - 1, "state", state));
        boolean[] mask = new boolean[ACTIONS];
        for (int action = 0; action < 4; action++) {
            mask[action] = s.after(action) != s.cell;
        }
        mask[4] = s.passenger != IN_TAXI && s.cell == STOPS[s.passenger];
        mask[5] = s.passenger == IN_TAXI && s.stop() >= 0;
        return mask;
    }

    private static Transition outcome(int state, int action) {
        Situation s = Situation.of(state);
        if (action < 4) {
            return moved(s, action, 1);
        }
        if (!actionMask(state)[action]) {
            return new Transition(1, state, -10, false);
        }
        if (action == 4) {
            return new Transition(1, new Situation(s.cell, IN_TAXI, s.destination).state(), -1, false);
        }
        boolean delivered = s.stop() == s.destination;
        int next = new Situation(s.cell, s.stop(), s.destination).state();
        return new Transition(1, next, delivered ? 20 : -1, delivered);
    }

    private record Situation(int cell, int passenger, int destination) {

        static Situation of(int state) {
            return new Situation(state / 20, state / 4 % 5, state % 4);
        }

        int state() {
            return (cell * 5 + passenger) * 4 + destination;
        }

        /** The stop's index, or -1 elsewhere. */
        int stop() {
            for (int i = 0; i < STOPS.length; i++) {
                if (STOPS[i] == cell) {
                    return i;
                }
            }
            return -1;
        }

        /** The cell after a move: south, north, east, west. */
        int after(int action) {
            int row = cell / SIDE;
            int column = cell % SIDE;
            String borders = BORDERS.get(row);
            return switch (action) {
                case 0 -> row < SIDE - 1 ? cell + SIDE : cell;
                case 1 -> row > 0 ? cell - SIDE : cell;
                case 2 -> column < SIDE - 1 && borders.charAt(column) == ':' ? cell + 1 : cell;
                default -> column > 0 && borders.charAt(column - 1) == ':' ? cell - 1 : cell;
            };
        }
    }
}
