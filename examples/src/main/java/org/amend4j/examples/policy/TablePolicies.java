package org.amend4j.examples.policy;

import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.oracle.ExactReturn;
import org.amend4j.oracle.LogitMap;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/** Softmax policies whose logits are linear in the parameters: one dense layer on one-hot observations. */
final class TablePolicies {

    /** More numbers than that no exact Hessian should have. */
    static final int MOST_PARAMETERS = 600;

    private TablePolicies() {}

    static boolean isTable(Policy policy, ComputationGraph graph) {
        return policy.encoder() instanceof ObservationEncoder.OneHot
                && policy.distribution() instanceof Categorical softmax
                && policy.network().outputs() == softmax.count()
                && graph.getNumLayers() == 1
                && graph.getLayer(0).conf().getLayer() instanceof DenseLayer dense
                && dense.getActivationFn() instanceof ActivationIdentity
                && policy.dimension() == (dense.getNIn() + (dense.hasBias() ? 1 : 0)) * dense.getNOut();
    }

    /** The exact return of such a policy, a function of its parameters in the graph's order: W column by column, then b. */
    static ExactReturn exactReturn(EnvironmentSpec spec, Policy policy, double gamma) {
        TabularEnvironment environment = spec.finite().orElseThrow().get();
        int observations = policy.network().inputs();
        int actions = policy.network().outputs();
        double[][] phi = new double[observations * actions][policy.dimension()];
        for (int o = 0; o < observations; o++) {
            for (int a = 0; a < actions; a++) {
                double[] row = phi[o * actions + a];
                row[a * observations + o] = 1;
                if (policy.dimension() > observations * actions) {
                    row[observations * actions + a] = 1;
                }
            }
        }
        return ExactReturn.of(environment, new LogitMap.Linear(observations, actions, phi), gamma);
    }
}
