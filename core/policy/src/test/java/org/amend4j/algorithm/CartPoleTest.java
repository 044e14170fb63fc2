/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amend4j.rollout.PolicyScores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One quick seed; five of each algorithm are in the benchmarks. */
class CartPoleTest {

    /** 475 is the registered threshold; random actions earn 22. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = 1)
    void reinforceSolvesCartPole(long seed) {
        Preset preset = Presets.of("CartPole-v1", "reinforce").orElseThrow();
        PolicyTraining training = preset.training(seed);
        training.run();
        PolicyScores scores =
                PolicyScores.of(training.algorithm().policy(), preset.task(), 100, false, 0.99, 500, 1_000 + seed);
        assertTrue(
                scores.mean() >= 475,
                () -> scores.mean() + " after " + training.algorithm().steps() + " steps");
    }
}
