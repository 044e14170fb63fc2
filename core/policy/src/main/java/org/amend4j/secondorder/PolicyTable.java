/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.numeric.Vectors;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.Bernoulli;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;

/**
 * A policy with observations and actions that can be listed. How large scores and their derivatives can be at θ₀ is then known, even for
 * observations that no trajectory came to.
 */
final class PolicyTable {

    /** More are not listed. */
    private static final int MOST_ROWS = 4_096;

    /** Gradients of single rows for second derivatives in all directions. */
    private static final long MOST_GRADIENTS = 200_000;

    private final Policy policy;
    private final double[] home;
    private final Decisions pairs;
    private final double[] logProbabilities;
    private final double[][] scores;

    private PolicyTable(Policy policy, Decisions pairs) {
        this.policy = policy;
        this.pairs = pairs;
        home = policy.parameters();
        logProbabilities = policy.evaluate(pairs).logProbabilities();
        scores = scores();
    }

    /**
     * All pairs, if they can be listed.
     *
     * @param masked whether some actions are forbidden in some states, which a list of observations does not show
     */
    static Optional<PolicyTable> of(Policy policy, boolean masked) {
        int actions = actions(policy.distribution());
        if (masked
                || actions == 0
                || policy.network().recurrent()
                || !(policy.encoder() instanceof ObservationEncoder.OneHot)
                || (long) policy.encoder().size() * actions > MOST_ROWS) {
            return Optional.empty();
        }
        int observations = policy.encoder().size();
        int rows = observations * actions;
        double[] inputs = new double[rows * observations];
        double[] chosen = new double[rows];
        for (int row = 0; row < rows; row++) {
            inputs[row * observations + row / actions] = 1;
            chosen[row] = row % actions;
        }
        int[] lengths = new int[rows];
        Arrays.fill(lengths, 1);
        return Optional.of(new PolicyTable(policy, new Decisions(rows, inputs, chosen, new boolean[0], lengths)));
    }

    /** 0 if they are not few. */
    private static int actions(ActionDistribution distribution) {
        if (distribution instanceof Categorical categorical) {
            return categorical.count();
        }
        return distribution instanceof Bernoulli ? 2 : 0;
    }

    /** Of all observations and actions along a direction, whatever its length. */
    ScoreReach along(double[] direction) {
        return ScoreReach.seen(RowSlopes.of(
                home,
                logProbabilities,
                direction,
                theta -> at(theta, () -> policy.evaluate(pairs).logProbabilities())));
    }

    /** In all directions; empty if second derivatives would take too long. */
    Optional<ScoreReach> everywhere() {
        if (2L * home.length * pairs.rows() > MOST_GRADIENTS) {
            return Optional.empty();
        }
        double longest = 0;
        for (double[] score : scores) {
            longest = Math.max(longest, Vectors.correctedNorm(score));
        }
        double bend = 0;
        for (double square : bendSquares()) {
            bend = Math.max(bend, Math.sqrt(square));
        }
        return Optional.of(ScoreReach.of(longest, -bend, bend));
    }

    /** The greatest entropy in any state. */
    double greatestEntropy() {
        return Arrays.stream(policy.evaluate(pairs).entropies()).max().orElseThrow();
    }

    /** Parameters that no score has a part in. */
    BitSet scoreless() {
        BitSet dead = new BitSet(home.length);
        for (int i = 0; i < home.length; i++) {
            int at = i;
            dead.set(at, Arrays.stream(scores).allMatch(score -> score[at] == 0));
        }
        return dead;
    }

    /** ‖∇²log π‖² of every pair, Frobenius, by differences of scores. */
    private double[] bendSquares() {
        double step = Math.cbrt(Math.ulp(1.0) * Math.max(1, Vectors.correctedNorm(home)));
        double[] squares = new double[pairs.rows()];
        for (int i = 0; i < home.length; i++) {
            double[] above = home.clone();
            double[] below = home.clone();
            above[i] += step;
            below[i] -= step;
            double[][] up = at(above, this::scores);
            double[][] down = at(below, this::scores);
            for (int row = 0; row < squares.length; row++) {
                for (int j = 0; j < home.length; j++) {
                    double second = (up[row][j] - down[row][j]) / (2 * step);
                    squares[row] += second * second;
                }
            }
        }
        return squares;
    }

    private double[][] scores() {
        double[][] result = new double[pairs.rows()][];
        for (int row = 0; row < result.length; row++) {
            Policy.Evaluation one = policy.evaluate(pairs.range(row, row + 1, new int[] {1}));
            result[row] = one.gradient(new double[] {1}, new double[0], new double[0]);
        }
        return result;
    }

    private <T> T at(double[] theta, Supplier<T> work) {
        try {
            policy.setParameters(theta);
            return work.get();
        } finally {
            policy.setParameters(home);
        }
    }
}
