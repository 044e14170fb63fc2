/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.amend4j.algorithm.CheckpointRule;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/** A policy that we trained on CartPole-v1, in double; the README next to it says how. */
final class Pretrained {

    static final String ENVIRONMENT = "CartPole-v1";
    static final long SEED = 1;

    private static final String RESOURCE = "/org/amend4j/app/cartpole/cartpole-64-64.dl4j.zip";

    private Pretrained() {}

    /** The training that made it. */
    static TrainingOptions recipe() {
        return new TrainingOptions(
                ENVIRONMENT,
                Surroundings.usual(),
                "reinforce",
                TrainingOptions.Tuning.hidden(List.of(64, 64)),
                PracticeTuning.USUAL,
                TrainingOptions.Beginning.FRESH,
                CheckpointRule.everyUpdates(50),
                EvaluationChoice.USUAL);
    }

    /** The network as a base, which must not change from now on. */
    static BaseModel base() throws IOException {
        return BaseModel.of(graph());
    }

    /** Another copy of the network, free to learn. */
    static ComputationGraph graph() throws IOException {
        try (InputStream in = Objects.requireNonNull(Pretrained.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            return ModelSerializer.restoreComputationGraph(in, false);
        }
    }

    /** A policy for CartPole that a graph computes. */
    static Policy policy(ComputationGraph graph) {
        return new Policy(Approximators.of(graph), new Categorical(2), new ObservationEncoder.AsIs(4));
    }
}
