/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalInt;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Environments;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.rollout.TableScore;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The quick ones, one seed each; five seeds of all are in docs/policy.md. */
class PresetsTest {

    private static double exactReturn(String id, String algorithm, long seed) {
        EnvironmentSpec spec = Environments.of(id);
        PolicyTraining training = Presets.of(spec.id(), algorithm).orElseThrow().training(seed);
        training.run();
        training.useBest();
        TabularEnvironment tables = spec.finite().orElseThrow().get();
        return TableScore.expectedReturn(
                training.algorithm().policy(), tables, spec.timeLimit().orElse(1_000));
    }

    /** Exact means of drawn actions; best possible are about 0.74, 0.88 and -13. */
    @OneIn(6)
    @ParameterizedTest
    @CsvSource({
        "FrozenLake-v1, a2c, 0.7",
        "FrozenLake-v1, ppo, 0.7",
        "FrozenLake8x8-v1, ppo, 0.75",
        "CliffWalking-v1, reinforce, -20",
        "CliffWalking-v1, a2c, -20",
        "CliffWalking-v1, ppo, -20"
    })
    void a_preset_reaches_its_mark(String id, String algorithm, double mark) {
        double earned = exactReturn(id, algorithm, 1);
        assertTrue(earned >= mark, () -> id + " " + algorithm + ": " + earned);
    }

    @Test
    void the_preset_with_most_of_the_options_is_taken() {
        assertEquals(
                "FrozenLake-v1?map=8x8",
                Presets.of(Environments.of("FrozenLake8x8-v1").id(), "ppo")
                        .orElseThrow()
                        .environment());
        assertEquals(
                "FrozenLake-v1?map=8x8",
                Presets.of("FrozenLake-v1?limit=50&map=8x8", "ppo")
                        .orElseThrow()
                        .environment());
        assertEquals(
                "FrozenLake-v1",
                Presets.of("FrozenLake-v1?slippery=false", "ppo").orElseThrow().environment());
        assertTrue(Presets.of("FrozenLake-v0", "ppo").isEmpty());
        assertTrue(Presets.of("gymnasium:FrozenLake-v1", "ppo").isEmpty());
        assertTrue(Presets.of("FrozenLake-v1", "gpomdp").isEmpty());
    }

    @Test
    void a_training_limit_is_the_limit_of_the_task_only() {
        Preset cliff = Presets.of("CliffWalking-v1", "a2c").orElseThrow();
        assertEquals(OptionalInt.of(200), cliff.trainingLimit());
        assertEquals(OptionalInt.of(200), cliff.task().timeLimit());
        assertEquals(
                OptionalInt.of(7),
                Presets.of("FrozenLake-v1?map=8x8", "ppo")
                        .orElseThrow()
                        .withTrainingLimit(7)
                        .task()
                        .timeLimit());
    }
}
