/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.Transition;
import org.amend4j.rollout.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the critic's options do, where it can be told by hand: one state, two actions, reward 1 always. From w = 0 every step
 * of TD(0) is upwards, δ = 1 + γ Q' - Q > 0 as long as Q < 1/(1 - γ), and the first one adds α to one coordinate.
 */
class CriticOptionsTest {

    private static final long SEED = 5;

    private static ActorCritic.Critic critic(int steps) {
        return ActorCritic.Critic.of(new ActionValue.PerAction(1, 2), steps);
    }

    private static ActorCritic learner(ActorCritic.Critic critic) {
        ActorCritic.Config config = ActorCritic.Config.of(0.9, critic, new StepSize.Constant(1e-3));
        List<Transition> stay = List.of(new Transition(1, 0, 1, false));
        FiniteMdp process = new FiniteMdp(List.of(List.of(stay, stay)), new double[] {1});
        return new ActorCritic(
                config, Task.of("constant", process::environment), Learners.policy(1, 2, 0, false, SEED), SEED);
    }

    private static double criticNorm(ActorCritic learner) {
        return learner.update().get(Metric.CRITIC_NORM).orElseThrow();
    }

    @ParameterizedTest(name = "rate {0}")
    @ValueSource(doubles = {0.1, 0.7})
    void aCriticThatStartsAnewIsOneStepFromZeroInEveryUpdate(double rate) {
        ActorCritic learner =
                learner(critic(1).withRate(rate).withAveraged(false).withWarmStart(false));
        for (int update = 0; update < 3; update++) {
            assertEquals(rate, criticNorm(learner));
        }
    }

    @Test
    void aWarmOneGoesOn() {
        ActorCritic learner = learner(critic(1).withRate(0.1).withAveraged(false));
        double before = criticNorm(learner);
        assertEquals(0.1, before);
        for (int update = 0; update < 5; update++) {
            double now = criticNorm(learner);
            assertTrue(now > before, before + " and then " + now);
            before = now;
        }
    }

    /** Every iterate is below the last one in each coordinate, and so is their mean. */
    @Test
    void theLastIterateIsAheadOfTheMean() {
        ActorCritic.Critic critic = critic(20).withWarmStart(false);
        double last = criticNorm(learner(critic.withAveraged(false)));
        double mean = criticNorm(learner(critic));
        assertTrue(mean < 0.9 * last, mean + " and " + last);
    }

    @Test
    void aRadiusBoundsTheCritic() {
        assertEquals(0.05, criticNorm(learner(critic(20).withRadius(0.05).withAveraged(false))), 1e-15);
    }
}
