/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.amend4j.contract.Backend.Opened;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.descent.DescentOptions;
import org.amend4j.descent.DescentResult;
import org.amend4j.descent.GradientDescent;
import org.amend4j.descent.Smoothness;
import org.amend4j.descent.StepRule;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.OneIn;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RewindToDelete;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** Guaranteed descent and rewind-to-delete, unchanged, on whatever computes. */
class DescentContractTest {

    private static final int STEPS = 8;

    /** A guess that is large enough here: the guaranteed rules then keep their promises in fact, labelled as assumed. */
    private static final Smoothness ASSUMED = Smoothness.assumed(2);

    @ParameterizedTest
    @MethodSource("org.amend4j.contract.Backend#tried")
    void guaranteedStepsKeepTheirPromises(Backend backend) {
        AdaptedModel model = Subject.RESIDUAL_MLP.model(DataType.FLOAT, new Sgd(0.1));
        try (Opened opened = backend.open(model.graph(), Subject.RESIDUAL_MLP.data(DataType.FLOAT))) {
            for (StepRule rule :
                    List.of(StepRule.Armijo.of(1), StepRule.ExactStep.of(ASSUMED), new StepRule.ClosedForm(ASSUMED))) {
                double[] start = parameters(model);
                DescentResult result = new GradientDescent(opened.lowRank(), rule, DescentOptions.of(STEPS)).run(start);
                String place = rule.name() + ": " + result.promises();
                assertTrue(result.promises().kept(), place);
                assertEquals(STEPS, result.promises().promises(), place);
                assertTrue(
                        opened.objective().value(result.last().theta())
                                < opened.objective().value(start),
                        place);
            }
        }
        model.base().verifyUnchanged();
    }

    @ParameterizedTest
    @MethodSource("org.amend4j.contract.Backend#tried")
    @OneIn(2)
    void aRewindIsLearningWithoutTheDeleted(Backend backend) throws IOException, InterruptedException {
        AdaptedModel model = Subject.MLP.model(DataType.FLOAT, new Sgd(0.1));
        RecordIds deleted = RecordIds.of(3, 8, 9);
        try (Opened opened = backend.open(model.graph(), Subject.MLP.data(DataType.FLOAT))) {
            RewindToDelete run = new RewindToDelete(
                    opened.normalised(23, 0.01),
                    Recipe.fullBatch(STEPS, 0.2).withCheckpoints(CheckpointSchedule.every(1)));
            double[] start = parameters(model);
            MemoryVault vault = new MemoryVault(start.length);
            double[] with = run.learn(start, RecordIds.of(), vault, (made, of) -> {});
            double[] halfWay = run.rewind(STEPS / 2, deleted, vault, (made, of) -> {});
            double[] rewound = run.rewind(0, deleted, vault, (made, of) -> {});
            double[] never = run.learn(start, deleted, new MemoryVault(start.length), (made, of) -> {});
            assertArrayEquals(never, rewound, 0);
            assertFalse(Arrays.equals(with, never));
            assertTrue(distance(halfWay, never) < distance(with, never), "half a rewind is nearer");
        }
        model.base().verifyUnchanged();
    }

    private static double[] parameters(AdaptedModel model) {
        return ParameterVectors.of(model.graph());
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += (a[k] - b[k]) * (a[k] - b[k]);
        }
        return Math.sqrt(sum);
    }
}
