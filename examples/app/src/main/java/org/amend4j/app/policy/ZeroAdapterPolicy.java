/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.List;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.rollout.Seeds;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;

/** The warning example of adapters: a table of logits under an adapter with A = B = 0. */
final class ZeroAdapterPolicy {

    private ZeroAdapterPolicy() {}

    /**
     * A softmax policy with these logits; only its adapter of rank 1 trains.
     *
     * @param logits [observations][actions]
     */
    static Policy of(double[][] logits) {
        int observations = logits.length;
        int actions = logits[0].length;
        ComputationGraph graph =
                PolicyGraphs.mlp(new PolicyGraphs.Mlp(observations, List.of(), Activation.TANH, actions, false), 1);
        double[] theta = new double[(observations + 1) * actions];
        for (int o = 0; o < observations; o++) {
            for (int a = 0; a < actions; a++) {
                theta[a * observations + o] = logits[o][a];
            }
        }
        ParameterVectors.copyInto(graph, theta);
        ActionDistribution softmax = new Categorical(actions);
        ObservationEncoder oneHot = new ObservationEncoder.OneHot(observations);
        BaseModel base = BaseModel.of(graph);
        Policy before = new Policy(Approximators.of(graph), softmax, oneHot);
        LoraConfig config = DenseAdapters.config(base, 1, 1, false);
        Policy policy = Start.Adapter.onto(base, before, config, new Seeds(1)).policy();
        policy.setParameters(new double[policy.dimension()]);
        return policy;
    }
}
