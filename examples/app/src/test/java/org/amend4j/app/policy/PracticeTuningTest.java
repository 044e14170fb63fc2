/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.algorithm.A2c;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.algorithm.Optimizer;
import org.amend4j.algorithm.Ppo;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.data.BadInputException;
import org.junit.jupiter.api.Test;

class PracticeTuningTest {

    private static final Optional<Integer> NO_BATCH = Optional.empty();

    private static PracticeTuning epochsAlone() {
        return new PracticeTuning(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(3),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** One environment of 16 steps has no room for the usual mini-batches of the usual batch before there are as few. */
    @Test
    void everySettingOfPpoIsTaken() {
        PracticeTuning all = new PracticeTuning(
                Optional.of(1),
                Optional.of(0.5),
                Optional.of(7.0),
                Optional.of(OptimizerChoice.RMSPROP),
                Optional.of(3),
                Optional.of(2),
                Optional.of(0.1),
                Optional.of(0.02));
        Ppo.Config usual = Ppo.Config.DEFAULT.withBatch(8, 128, 4, 64);
        Ppo.Config ppo = (Ppo.Config) all.applied(usual, Optional.of(16));
        assertEquals(1, ppo.fragments().environments());
        assertEquals(16, ppo.fragments().steps());
        assertEquals(0.5, ppo.fragments().gae().lambda());
        assertEquals(usual.gamma(), ppo.gamma());
        assertEquals(7.0, ppo.climb().mostNorm());
        assertEquals(Optimizer.RmsProp.DEFAULT, ppo.climb().optimizer());
        assertEquals(usual.climb().rate(), ppo.climb().rate());
        assertEquals(3, ppo.epochs());
        assertEquals(2, ppo.minibatches());
        assertEquals(0.1, ppo.clip().at(0));
        assertEquals(OptionalDouble.of(0.02), ppo.targetKl());
    }

    @Test
    void whatIsNotGivenStays() {
        for (AlgorithmConfig usual : new AlgorithmConfig[] {
            Ppo.Config.DEFAULT.withTargetKl(0.5), A2c.Config.DEFAULT, Reinforce.Config.DEFAULT
        }) {
            assertEquals(usual, PracticeTuning.USUAL.applied(usual, NO_BATCH));
        }
    }

    @Test
    void whatAnAlgorithmDoesNotHaveIsRefused() {
        BadInputException refused =
                assertThrows(BadInputException.class, () -> epochsAlone().applied(A2c.Config.DEFAULT, NO_BATCH));
        assertTrue(
                String.valueOf(refused.getMessage()).contains("--epochs is a setting of --algo ppo, got a2c"),
                refused.getMessage());
    }
}
