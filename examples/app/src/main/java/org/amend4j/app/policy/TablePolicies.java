/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Arrays;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;

/** Softmax policies with logits that are linear in the parameters: dense layers on one-hot observations, with or without a value output. */
final class TablePolicies {

    /** More numbers than that no exact Hessian should have. */
    static final int MOST_PARAMETERS = 600;

    private TablePolicies() {}

    /** Whether the network is one dense layer without an activation, all its weights parameters, right above the observation. */
    static boolean isTable(Policy policy) {
        return policy.network().isLinear()
                && policy.encoder() instanceof ObservationEncoder.OneHot
                && policy.distribution() instanceof Categorical;
    }

    /**
     * The exact return of such a policy, a function of its parameters in the graph's order. Those of a value output, which move no
     * action, have a derivative of 0.
     */
    static ExactReturn exactReturn(EnvironmentSpec spec, Policy policy, double gamma) {
        TabularEnvironment environment = spec.finite().orElseThrow().get();
        int observations = policy.network().inputs();
        int actions = policy.distribution().outputs();
        return ExactReturn.of(environment, new LogitMap.Linear(observations, actions, features(policy)), gamma);
    }

    /** ∂logit/∂θ, [observation·actions + action][dimension], from the outputs for unit vectors, as they are linear. */
    private static double[][] features(Policy policy) {
        Approximator network = policy.network();
        int actions = policy.distribution().outputs();
        double[][] phi = new double[network.inputs() * actions][policy.dimension()];
        double[] before = policy.parameters();
        try {
            for (int k = 0; k < before.length; k++) {
                double[] unit = new double[before.length];
                unit[k] = 1;
                policy.setParameters(unit);
                double[] outputs = outputs(network);
                for (int i = 0; i < phi.length; i++) {
                    phi[i][k] = outputs[i / actions * network.outputs() + i % actions];
                }
            }
        } finally {
            policy.setParameters(before);
        }
        return phi;
    }

    /** Of all observations. */
    private static double[] outputs(Approximator network) {
        int observations = network.inputs();
        double[] oneHot = new double[observations * observations];
        int[] lengths = new int[observations];
        for (int o = 0; o < observations; o++) {
            oneHot[o * observations + o] = 1;
        }
        Arrays.fill(lengths, 1);
        return network.forward(oneHot, lengths).outputs();
    }
}
