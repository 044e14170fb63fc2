/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.lora.AdaptedModel;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A policy with all that {@link PolicyFile} saves.
 *
 * @param policy computed by {@code network}
 * @param network the graph that holds the network's parameters
 * @param environment name of the environment it was made for, 1 to 200 printable characters
 */
public record SavedPolicy(Policy policy, Network network, String environment) {

    private static final int LONGEST_NAME = 200;

    /** Where the parameters of the network live. */
    public sealed interface Network {

        /** The graph that computes. */
        ComputationGraph graph();
    }

    /** A graph with all of its parameters. */
    public record Plain(ComputationGraph graph) implements Network {}

    /** An adapter on a base, which is not saved. */
    public record Adapted(AdaptedModel model) implements Network {

        @Override
        public ComputationGraph graph() {
            return model.graph();
        }
    }

    /** @throws IllegalArgumentException if the graph's parameters are not the policy's, or the name breaks its rule */
    public SavedPolicy {
        if (!Arrays.equals(policy.network().parameters(), ParameterVectors.of(network.graph()))) {
            throw new IllegalArgumentException("the policy's network must have the graph's parameters, got others");
        }
        if (environment.isEmpty()
                || environment.length() > LONGEST_NAME
                || environment.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("the name of an environment must be 1 to " + LONGEST_NAME
                    + " printable characters, got '" + environment.replaceAll("\\p{Cntrl}", "?") + "'");
        }
    }

    /** What a row of inputs means to the network. */
    InputShape shape() {
        return policy.network().shape();
    }
}
