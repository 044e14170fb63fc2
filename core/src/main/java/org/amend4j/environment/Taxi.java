package org.amend4j.environment;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.check.Checks;

/**
 * A taxi that fetches a passenger at one of four stops and brings them to another; Gymnasium's Taxi-v4 without rain,
 * after Dietterich (2000). State ((row · 5 + column) · 5 + passenger) · 4 + destination, passenger 4 being in the taxi; actions
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

    /** The table; it starts in the 300 states with the passenger at a stop that is not the destination. */
    public static FiniteMdp town() {
        double[] start = new double[STATES];
        for (int state = 0; state < STATES; state++) {
            Situation situation = Situation.of(state);
            boolean possible = situation.passenger != IN_TAXI && situation.passenger != situation.destination;
            start[state] = possible ? 1.0 / 300 : 0;
        }
        return new FiniteMdp(Tables.of(STATES, ACTIONS, (state, action) -> List.of(outcome(state, action))), start);
    }

    /** Samples from {@link #town}, with the masks of {@link #actionMask} as allowed actions; without a time limit. */
    public static TabularEnvironment environment() {
        boolean[][] masks = new boolean[STATES][];
        Arrays.setAll(masks, Taxi::actionMask);
        return new TabularEnvironment(town(), IntStream.range(0, STATES).toArray(), masks);
    }

    /** Taxi: truncated at 200 steps. */
    public static Environment v4() {
        return new TimeLimit(environment(), STEPS);
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

    private static Outcome outcome(int state, int action) {
        Situation s = Situation.of(state);
        if (action < 4) {
            return new Outcome(1, new Situation(s.after(action), s.passenger, s.destination).state(), -1, false);
        }
        if (!actionMask(state)[action]) {
            return new Outcome(1, state, -10, false);
        }
        if (action == 4) {
            return new Outcome(1, new Situation(s.cell, IN_TAXI, s.destination).state(), -1, false);
        }
        boolean delivered = s.stop() == s.destination;
        int next = new Situation(s.cell, s.stop(), s.destination).state();
        return new Outcome(1, next, delivered ? 20 : -1, delivered);
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
