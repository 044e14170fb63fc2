/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;

/** The updater that leaves out work for nothing changes nothing else. */
class AdapterUpdaterTest {

    private static final long SEED = 42;

    private static ComputationGraph trained(TestCase test, FineTuneConfiguration training, boolean deeplearning4js) {
        BaseModel base = BaseModel.of(test.network(DataType.FLOAT, SEED));
        ComputationGraph graph = AdaptedModel.attach(base, LoraConfig.of(2, 4).withTargets(test.targets()), training)
                .graph();
        if (deeplearning4js) {
            graph.setUpdater(new ComputationGraphUpdater(graph));
        }
        for (int i = 0; i < 3; i++) {
            graph.fit(test.data(DataType.FLOAT, 6, SEED + i));
        }
        return graph;
    }

    private static void assertSameTraining(TestCase test, FineTuneConfiguration training) {
        ComputationGraph ours = trained(test, training, false);
        ComputationGraph theirs = trained(test, training, true);
        assertTrue(ArrayBytes.same(theirs.params(), ours.params()), "parameters");
        assertTrue(
                ArrayBytes.same(
                        theirs.getUpdater().getStateViewArray(),
                        ours.getUpdater().getStateViewArray()),
                "state");
    }

    @ParameterizedTest
    @EnumSource
    void parameters_and_state_are_those_of_deeplearning4js_updater(TestCase test) {
        assertSameTraining(
                test,
                FineTuneConfiguration.builder()
                        .updater(new Adam(0.05))
                        .seed(SEED)
                        .build());
    }

    @ParameterizedTest
    @EnumSource
    void penalties_are_applied(TestCase test) {
        assertSameTraining(
                test,
                FineTuneConfiguration.builder()
                        .updater(new Adam(0.05))
                        .seed(SEED)
                        .l2(0.1)
                        .weightDecay(0.1)
                        .build());
    }
}
