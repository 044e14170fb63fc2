/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;

/**
 * Whole trajectories and the policy that took them, evaluated at other parameters in pieces of bounded memory. The policy's
 * parameters are restored after every evaluation, even if it fails.
 */
final class FrozenBatch {

    /** Rows of a piece, unless a single trajectory has more. */
    private static final int MOST_ROWS = 4096;

    /** Relative; rollout and evaluation sum in different orders, and nothing else may differ. */
    private static final double SAME_POLICY = 1e-9;

    /**
     * Whole trajectories evaluated together.
     *
     * @param segments of the batch, with their places in the batch
     * @param decisions of their rows
     */
    record Piece(List<Segment> segments, Decisions decisions) {

        /** Place of the first row in the batch. */
        int begin() {
            return segments.get(0).begin();
        }
    }

    private final Policy policy;
    private final TakenSteps steps;
    private final Runnable afterPass;
    private final List<Piece> pieces;
    private final double[] home;
    private final double[] encoder;
    private final double[] homeLogProbabilities;

    /**
     * @param afterPass told of every pass over all rows; may throw to end the work
     */
    FrozenBatch(Policy policy, TakenSteps steps, Runnable afterPass) {
        if (policy.network().precision() != Precision.DOUBLE) {
            throw new IllegalArgumentException("second-order numbers need a policy that computes in DOUBLE, got "
                    + policy.network().precision());
        }
        requireTrajectories(steps.segments());
        this.policy = policy;
        this.steps = steps;
        this.afterPass = afterPass;
        pieces = pieces(steps);
        home = policy.parameters();
        encoder = policy.encoder().statistics();
        homeLogProbabilities = logProbabilities(home);
        requireOwn();
    }

    /** The first H steps of episodes, all with one H; shorter ones have terminated. */
    private static void requireTrajectories(List<Segment> segments) {
        int horizon = segments.stream()
                .filter(segment -> !segment.terminated())
                .mapToInt(Segment::length)
                .max()
                .orElse(Integer.MAX_VALUE);
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.time() != 0) {
                throw new IllegalArgumentException("trajectories must be whole: their first step has time 0, got "
                        + segment.time() + " (trajectory " + i + ")");
            }
            if (segment.length() > horizon || (!segment.terminated() && segment.length() < horizon)) {
                throw new IllegalArgumentException("trajectories must have one horizon, " + horizon
                        + " steps, unless they terminate before, got " + segment.length() + " (trajectory " + i + ")");
            }
        }
    }

    private void requireOwn() {
        for (int row = 0; row < homeLogProbabilities.length; row++) {
            double then = steps.logProbabilities()[row];
            double now = homeLogProbabilities[row];
            if (!(Math.abs(then - now) <= SAME_POLICY * Math.max(1, Math.abs(then)))) {
                throw new IllegalArgumentException("trajectories must have been taken by the policy as it is: log-"
                        + "probabilities must be " + then + ", got " + now + " (row " + row + ")");
            }
        }
    }

    private static List<Piece> pieces(TakenSteps steps) {
        List<Piece> pieces = new ArrayList<>();
        List<Segment> together = new ArrayList<>();
        int rows = 0;
        for (Segment segment : steps.segments()) {
            if (rows > 0 && rows + segment.length() > MOST_ROWS) {
                pieces.add(piece(steps.decisions(), together));
                together = new ArrayList<>();
                rows = 0;
            }
            together.add(segment);
            rows += segment.length();
        }
        pieces.add(piece(steps.decisions(), together));
        return pieces;
    }

    private static Piece piece(Decisions all, List<Segment> segments) {
        int from = segments.get(0).begin();
        int to = segments.get(segments.size() - 1).end();
        int[] lengths = segments.stream().mapToInt(Segment::length).toArray();
        return new Piece(segments, all.range(from, to, lengths));
    }

    List<Segment> segments() {
        return steps.segments();
    }

    TakenSteps steps() {
        return steps;
    }

    List<Piece> pieces() {
        return pieces;
    }

    /** One trajectory by itself. */
    Piece piece(int trajectory) {
        return piece(steps.decisions(), List.of(segments().get(trajectory)));
    }

    Policy policy() {
        return policy;
    }

    int dimension() {
        return home.length;
    }

    /** θ₀, the parameters that the trajectories were taken with; not to be changed. */
    double[] home() {
        return home;
    }

    /** log π_θ₀(a|s), [rows]; not to be changed. */
    double[] homeLogProbabilities() {
        return homeLogProbabilities;
    }

    /** log π_θ(a|s), [rows]. */
    double[] logProbabilities(double[] theta) {
        return under(theta, () -> {
            double[] all = new double[steps.rows()];
            for (Piece piece : pieces) {
                double[] some = evaluate(piece).logProbabilities();
                System.arraycopy(some, 0, all, piece.begin(), some.length);
            }
            return all;
        });
    }

    /** Entropy of π_θ₀, [rows]. */
    double[] entropies() {
        return under(home, () -> {
            double[] all = new double[steps.rows()];
            for (Piece piece : pieces) {
                double[] some = evaluate(piece).entropies();
                System.arraycopy(some, 0, all, piece.begin(), some.length);
            }
            return all;
        });
    }

    /** ‖∇log π_θ₀(a|s)‖ of the first trajectories' rows; a network with a memory begins anew with each. */
    double[] scoreNorms(int most) {
        int rows = Math.min(most, steps.rows());
        double[] norms = new double[rows];
        for (int row = 0; row < rows; row++) {
            double[] score = policy.evaluate(steps.decisions().range(row, row + 1, new int[] {1}))
                    .gradient(new double[] {1}, new double[0], new double[0]);
            norms[row] = Vectors.correctedNorm(score);
        }
        return norms;
    }

    /** Of a piece at the policy's present parameters. */
    Policy.Evaluation evaluate(Piece piece) {
        return policy.evaluate(piece.decisions());
    }

    /**
     * Does one pass with other parameters.
     *
     * @throws IllegalStateException if the policy's normaliser has moved since the batch was frozen
     */
    <T> T under(double[] theta, Supplier<T> pass) {
        if (!Arrays.equals(encoder, policy.encoder().statistics())) {
            throw new IllegalStateException("the policy's normaliser must stand still while its trajectories are"
                    + " examined: stop it from learning, and collect them again");
        }
        double[] before = policy.parameters();
        T result;
        try {
            policy.setParameters(theta);
            result = pass.get();
        } finally {
            policy.setParameters(before);
        }
        afterPass.run();
        return result;
    }
}
