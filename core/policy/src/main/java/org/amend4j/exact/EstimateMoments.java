/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.util.Arrays;
import java.util.OptionalInt;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.Transition;
import org.amend4j.numeric.Lu;
import org.amend4j.numeric.Matrices;

/**
 * Moments of a trajectory's return G and of its directional policy gradient Y. With c the score of the first action along the direction, and G', Y' those of the rest,
 *
 * <pre>
 *   G = r + γG',   Y = cG + γY'
 * </pre>
 *
 * and given the next state, (G', Y') is independent of r and c. So E G, E G², E Y, E GY and E Y² of a state follow from those of the
 * next ones: with a horizon by recursion over the steps that are left, without one from linear systems, one moment after the other.
 * A moment m is (I - γᵏP)⁻¹s, k = 1 or 2, where s is what one step makes of the moments before m.
 */
final class EstimateMoments {

    private static final int G = 0;
    private static final int GG = 1;
    private static final int Y = 2;
    private static final int GY = 3;
    private static final int YY = 4;

    private final FiniteMdp mdp;
    private final FiniteProcess process;
    private final double[][] policy;
    private final double[][] scores;
    private final double gamma;

    EstimateMoments(FiniteMdp mdp, FiniteProcess process, double[][] policy, double[][] scores, double gamma) {
        this.mdp = mdp;
        this.process = process;
        this.policy = policy;
        this.scores = scores;
        this.gamma = gamma;
    }

    /** E Y² over starts. */
    double secondMoment(OptionalInt horizon) {
        double[][] moments = horizon.isPresent() ? within(horizon.getAsInt()) : solved();
        double sum = 0;
        for (int state = 0; state < moments.length; state++) {
            sum += process.start()[state] * moments[state][YY];
        }
        return sum;
    }

    private double[][] within(int horizon) {
        double[][] moments = new double[policy.length][5];
        for (int step = 0; step < horizon; step++) {
            moments = sweep(moments);
        }
        return moments;
    }

    private double[][] solved() {
        double[][] transition = process.transition(policy);
        Lu first = Lu.of(Matrices.plus(Matrices.identity(policy.length), -gamma, transition));
        Lu second = Lu.of(Matrices.plus(Matrices.identity(policy.length), -gamma * gamma, transition));
        double[][] moments = new double[policy.length][5];
        for (int moment : new int[] {G, GG, Y, GY, YY}) {
            // the moment itself is still 0
            double[] source = Arrays.stream(sweep(moments))
                    .mapToDouble(row -> row[moment])
                    .toArray();
            double[] solution = (moment == G || moment == Y ? first : second).solve(source);
            for (int state = 0; state < solution.length; state++) {
                moments[state][moment] = solution[state];
            }
        }
        return moments;
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
}
