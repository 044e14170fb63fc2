/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GymnasiumPresetsTest {

    @ParameterizedTest
    @ValueSource(strings = {"HalfCheetah-v5", "HalfCheetah-v4", "HalfCheetah-v5?ctrl_wear=1", "HalfCheetah"})
    void aPresetIsForEveryVersionAndItsOptions(String id) {
        assertEquals(
                "HalfCheetah-v5", GymnasiumPresets.of(id, "ppo").orElseThrow().environment());
        assertEquals(Optional.empty(), GymnasiumPresets.of(id, "a2c"));
    }

    @Test
    void otherNamesHaveNone() {
        assertEquals(Optional.empty(), GymnasiumPresets.of("HalfCheetahBullet-v0", "ppo"));
        assertEquals(Optional.empty(), GymnasiumPresets.of("mine:HalfCheetah-v5", "ppo"));
        assertEquals(Optional.empty(), GymnasiumPresets.of("CartPole-v1", "ppo"));
    }

    /** Mini-batches of Stable-Baselines3 are of so many rows; here an epoch is of so many of them. */
    @Test
    void miniBatchesHaveTheZoosSizes() {
        assertEquals(64, rows("HalfCheetah-v5"));
        assertEquals(32, rows("Walker2d-v5"));
        assertEquals(256, rows("Swimmer-v5"));
        assertEquals(256, rows("Humanoid-v5"));
        assertEquals(32, rows("Reacher-v5"));
        assertEquals(64, rows("LunarLanderContinuous-v3"));
        assertEquals(64, rows("BipedalWalker-v3"));
        for (Preset preset : GymnasiumPresets.all()) {
            Ppo.Config ppo = (Ppo.Config) preset.config();
            int all = ppo.fragments().environments() * ppo.fragments().steps();
            assertEquals(0, all % ppo.minibatches(), preset.environment());
            assertTrue(preset.ownValue() != preset.environment().equals("LunarLander-v3"), preset.environment());
            assertTrue(preset.normaliseObservations() == ppo.fragments().normaliseRewards(), preset.environment());
        }
    }

    private static int rows(String id) {
        Ppo.Config ppo =
                (Ppo.Config) GymnasiumPresets.of(id, "ppo").orElseThrow().config();
        return ppo.fragments().environments() * ppo.fragments().steps() / ppo.minibatches();
    }
}
