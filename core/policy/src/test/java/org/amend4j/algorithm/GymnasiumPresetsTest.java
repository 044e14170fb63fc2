/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GymnasiumPresetsTest {

    @ParameterizedTest
    @ValueSource(strings = {"HalfCheetah-v5", "HalfCheetah-v4", "HalfCheetah-v5?ctrl_wear=1", "HalfCheetah"})
    void aPresetIsForEveryVersionAndItsOptions(String id) {
        assertEquals(
                "HalfCheetah-v5", GymnasiumPresets.of(id, "ppo").orElseThrow().environment());
        assertEquals(Optional.empty(), GymnasiumPresets.of(id, "reinforce"));
    }

    @Test
    void anEnvironmentHasAPresetForEachAlgorithm() {
        for (Preset preset : GymnasiumPresets.all()) {
            String algorithm = preset.config().algorithm();
            assertEquals(Optional.of(preset), GymnasiumPresets.of(preset.environment(), algorithm));
        }
        assertEquals(A2c.Config.class, config("Hopper-v5", "a2c").getClass());
        assertEquals(Ppo.Config.class, config("Hopper-v5", "ppo").getClass());
        assertEquals(Optional.empty(), GymnasiumPresets.of("Reacher-v5", "a2c"));
    }

    /** Of hyperparams/a2c.yml, and of Stable-Baselines3 where it says nothing. */
    @ParameterizedTest
    @CsvSource({
        "LunarLander-v3, 8, 5, 0.995, 1, 1e-5, 1, 8.3e-4, 200000, false",
        "LunarLanderContinuous-v3, 4, 8, 0.99, 0.9, 0, 0.8, 7e-4, 5000000, true",
        "BipedalWalker-v3, 16, 8, 0.99, 0.9, 0, 0.8, 9.6e-4, 5000000, true",
        "BipedalWalkerHardcore-v3, 32, 8, 0.99, 0.9, 1e-3, 0.8, 8e-4, 200000000, true",
        "HalfCheetah-v4, 1, 5, 0.99, 1, 0, 1, 7e-4, 1000000, true",
        "Humanoid-v4, 1, 5, 0.99, 1, 0, 1, 7e-4, 2000000, true",
        "Swimmer-v4, 1, 5, 0.9999, 1, 0, 1, 7e-4, 1000000, true"
    })
    void a2cHasTheZoosSettings(
            String id,
            int environments,
            int steps,
            double gamma,
            double lambda,
            double entropy,
            double value,
            double rate,
            long most,
            boolean normalised) {
        Preset preset = GymnasiumPresets.of(id, "a2c").orElseThrow();
        A2c.Config a2c = (A2c.Config) preset.config();
        assertEquals(
                new Fragments(environments, steps, new GeneralizedAdvantage(gamma, lambda), normalised),
                a2c.fragments());
        assertEquals(new Terms(false, entropy, value), a2c.terms());
        assertEquals(new Optimizer.RmsProp(0.99, 1e-5), a2c.climb().optimizer());
        assertEquals(0.5, a2c.climb().mostNorm());
        assertEquals(rate, a2c.climb().rate().at(0));
        assertEquals(most, preset.stop().mostSteps());
        assertEquals(normalised, preset.normaliseObservations());
    }

    @Test
    void the_page_shows_the_table_that_is_read() throws IOException {
        String page = Files.readString(Path.of("../../docs/policy.md"));
        try (InputStream table = GymnasiumPresets.class.getResourceAsStream("gymnasium-presets.md")) {
            assertTrue(page.contains(new String(table.readAllBytes(), StandardCharsets.UTF_8)));
        }
    }

    private static AlgorithmConfig config(String id, String algorithm) {
        return GymnasiumPresets.of(id, algorithm).orElseThrow().config();
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
            if (!(preset.config() instanceof Ppo.Config ppo)) {
                continue;
            }
            int all = ppo.fragments().environments() * ppo.fragments().steps();
            assertEquals(0, all % ppo.minibatches(), preset.environment());
            assertTrue(preset.ownValue() != preset.environment().equals("LunarLander-v3"), preset.environment());
            assertTrue(preset.normaliseObservations() == ppo.fragments().normaliseRewards(), preset.environment());
        }
    }

    private static int rows(String id) {
        Ppo.Config ppo = (Ppo.Config) config(id, "ppo");
        return ppo.fragments().environments() * ppo.fragments().steps() / ppo.minibatches();
    }
}
