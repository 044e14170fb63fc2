/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.util.OptionalInt;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.Transition;

/**
 * Moments of a trajectory's return G and of its directional policy gradient Y, by recursion over the steps that are left. With
 * c the score of the first action along the direction, and G', Y' those of the rest,
 *
 * <pre>
 *   G = r + γG',   Y = cG + γY'
 * </pre>
 *
 * and given the next state, (G', Y') is independent of r and c. So E G, E G², E Y, E GY and E Y² follow from those of the next
 * states.
 */
final class EstimateMoments {

    /** Sweeps without a horizon; γ = 0.9999 needs fewer. */
    private static final int MOST_SWEEPS = 1_000_000;

    private static final int G = 0;
    private static final int GG = 1;
    private static final int Y = 2;
    private static final int GY = 3;
    private static final int YY = 4;

    private final FiniteMdp mdp;
    private final double[][] policy;
    private final double[][] scores;
    private final double gamma;

    EstimateMoments(FiniteMdp mdp, double[][] policy, double[][] scores, double gamma) {
        this.mdp = mdp;
        this.policy = policy;
        this.scores = scores;
        this.gamma = gamma;
    }

    /** E Y² over starts; without a horizon until another step changes nothing. */
    double secondMoment(double[] start, OptionalInt horizon) {
        double[][] moments = new double[policy.length][5];
        boolean moves = true;
        for (int step = 0; step < horizon.orElse(MOST_SWEEPS) && moves; step++) {
            double[][] next = sweep(moments);
            moves = horizon.isPresent() || differ(moments, next);
            moments = next;
        }
        if (horizon.isEmpty() && moves) {
            throw new ArithmeticException("moments must settle within " + MOST_SWEEPS + " steps (gamma " + gamma + ")");
        }
        double sum = 0;
        for (int state = 0; state < start.length; state++) {
            sum += start[state] * moments[state][YY];
        }
        return sum;
    }

    private double[][] sweep(double[][] rest) {
        double[][] result = new double[policy.length][5];
        for (int state = 0; state < policy.length; state++) {
            for (int action = 0; action < policy[state].length; action++) {
                for (Transition outcome : mdp.outcomes(state, action)) {
                    double[] after = outcome.terminated() ? new double[5] : rest[outcome.next()];
                    double weight = policy[state][action] * outcome.probability();
                    add(weight, outcome.reward(), scores[state][action], after, result[state]);
                }
            }
        }
        return result;
    }

    private void add(double weight, double r, double c, double[] after, double[] into) {
        double g = r + gamma * after[G];
        double gg = r * r + 2 * r * gamma * after[G] + gamma * gamma * after[GG];
        double gyRest = r * after[Y] + gamma * after[GY];
        into[G] += weight * g;
        into[GG] += weight * gg;
        into[Y] += weight * (c * g + gamma * after[Y]);
        into[GY] += weight * (c * gg + gamma * gyRest);
        into[YY] += weight * (c * c * gg + 2 * gamma * c * gyRest + gamma * gamma * after[YY]);
    }

    /** By more than rounding. */
    private static boolean differ(double[][] a, double[][] b) {
        for (int state = 0; state < a.length; state++) {
            for (int i = 0; i < 5; i++) {
                if (Math.abs(a[state][i] - b[state][i]) > 1e-15 * (1 + Math.abs(b[state][i]))) {
                    return true;
                }
            }
        }
        return false;
    }
}
