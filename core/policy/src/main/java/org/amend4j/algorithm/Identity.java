/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.function.Function;
import org.amend4j.identity.Facts;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Task;

/**
 * What identifies a run. State is only accepted from a run that agrees in all of these.
 *
 * @param algorithm with all its settings
 * @param environment its name, and the batches it is played in, if it is
 * @param policy its distribution, its encoder, and everything but the parameters that changes its network's outputs
 * @param seed the root of all random numbers
 */
public record Identity(String algorithm, String environment, String policy, long seed) {

    private static final String SEPARATOR = ", ";

    static Identity of(
            AlgorithmConfig config, Task task, Policy policy, long seed, Function<? super Facts, String> words) {
        return new Identity(
                algorithm(config, words),
                task.identity(),
                words.apply(network(policy)) + ", "
                        + words.apply(policy.distribution().facts()) + ", "
                        + words.apply(policy.encoder().facts()),
                seed);
    }

    private static String algorithm(AlgorithmConfig config, Function<? super Facts, String> words) {
        return config.algorithm() + " " + words.apply(config.facts());
    }

    /** The same run with other settings. */
    Identity with(AlgorithmConfig config, Function<? super Facts, String> words) {
        return new Identity(algorithm(config, words), environment, policy, seed);
    }

    /** Files of version 1 have the shape alone. */
    private static Facts network(Policy policy) {
        Approximator network = policy.network();
        String shape = network.inputs() + " inputs, " + network.outputs() + " outputs, " + policy.dimension()
                + " parameters in " + network.precision().name();
        return Facts.sentence(shape).since(2).with("network", network);
    }

    /**
     * Checks that a run's state may be used in this one.
     *
     * @param first this one as version 1 would have it
     * @throws IllegalArgumentException if it may not, naming what differs
     */
    void requireSame(Identity saved, Identity first) {
        requireSame("environment", saved.environment, environment, first.environment);
        requireSame("algorithm", saved.algorithm, algorithm, first.algorithm);
        requireSame("policy", saved.policy, policy, first.policy);
        requireSame("seed", Long.toString(saved.seed), Long.toString(seed), Long.toString(seed));
    }

    private static void requireSame(String what, String saved, String own, String first) {
        if (!saved.equals(own) && !saved.equals(first)) {
            String differs = differs(saved, own);
            String differsFromFirst = differs(saved, first);
            throw new IllegalArgumentException("a run can only be resumed with its own " + what + ", "
                    + (differsFromFirst.length() < differs.length() ? differsFromFirst : differs));
        }
    }

    private static String differs(String saved, String own) {
        return "'" + difference(saved, own) + "', got '" + difference(own, saved) + "'";
    }

    /** The innermost configuration in a text that holds all differences from another text; without one, the fields that differ. */
    private static String difference(String text, String other) {
        int most = Math.min(text.length(), other.length());
        int from = 0;
        while (from < most && text.charAt(from) == other.charAt(from)) {
            from++;
        }
        int tail = 0;
        while (tail < most - from && text.charAt(text.length() - 1 - tail) == other.charAt(other.length() - 1 - tail)) {
            tail++;
        }
        int to = text.length() - tail;
        int open = opening(text, from);
        while (open >= 0 && closing(text, open) < to) {
            open = opening(text, open);
        }
        int end = open >= 0 ? closing(text, open) + 1 : text.indexOf(SEPARATOR, to);
        return elided(text, fieldStart(text, open >= 0 ? open : from), end < 0 ? text.length() : end);
    }

    /** The bracket around a place; -1 if there is none. */
    private static int opening(String text, int place) {
        int depth = 1;
        int at = place;
        while (depth > 0 && --at >= 0) {
            depth += text.charAt(at) == ']' ? 1 : text.charAt(at) == '[' ? -1 : 0;
        }
        return at;
    }

    private static int closing(String text, int opening) {
        int depth = 1;
        int at = opening;
        while (depth > 0 && ++at < text.length() - 1) {
            depth += text.charAt(at) == '[' ? 1 : text.charAt(at) == ']' ? -1 : 0;
        }
        return at;
    }

    private static int fieldStart(String text, int place) {
        int separator = text.lastIndexOf(SEPARATOR, place - SEPARATOR.length());
        int bracket = text.lastIndexOf('[', place - 1);
        return Math.max(separator < 0 ? 0 : separator + SEPARATOR.length(), bracket + 1);
    }

    private static String elided(String text, int from, int to) {
        return (from > 0 ? "... " : "") + text.substring(from, to) + (to < text.length() ? " ..." : "");
    }
}
