/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One step from each of some hundred states against Gymnasium. It computes CartPole and Acrobot in double as we do, so only
 * the libraries' sines differ (1e-12 is some thousand ulp); the other two partly in float32, whose half ulp is 6e-8 at 1:
 * tolerances 1e-6 (MountainCarContinuous: state rounded to float32) and 1e-7 (Pendulum: 0.05 times a float32 product).
 */
class ControlGoldenTest {

    record Case(
            String file,
            int rows,
            Control environment,
            List<String> state,
            double stateTolerance,
            double rewardTolerance) {

        @Override
        public String toString() {
            return file;
        }

        String[] columns(String prefix) {
            return state.stream().map(name -> prefix + name).toArray(String[]::new);
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("cartpole_v1.csv", 500, new CartPole(), List.of("x", "x_dot", "theta", "theta_dot"), 1e-12, 0),
                new Case(
                        "acrobot_v1.csv",
                        500,
                        new Acrobot(),
                        List.of("theta1", "theta2", "dtheta1", "dtheta2"),
                        1e-12,
                        0),
                new Case(
                        "mountaincar_continuous_v0.csv",
                        504,
                        new MountainCarContinuous(),
                        List.of("position", "velocity"),
                        1e-6,
                        1e-12),
                new Case("pendulum_v1.csv", 500, new Pendulum(), List.of("theta", "theta_dot"), 1e-7, 1e-8));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void oneStepFromAGivenStateIsGymnasiums(Case golden) {
        List<Golden.Row> rows = Golden.csv(golden.file());
        assertEquals(golden.rows(), rows.size());
        Control environment = golden.environment();
        double worstState = 0;
        double worstReward = 0;
        double worstObservation = 0;
        for (Golden.Row row : rows) {
            environment.resetTo(row.numbers(golden.columns("")));
            StepResult step = environment.step(row.number("action"));
            worstState = Math.max(worstState, distance(row.numbers(golden.columns("next_")), environment.state()));
            worstReward = Math.max(worstReward, Math.abs(row.number("reward") - step.reward()));
            worstObservation = Math.max(worstObservation, observationDistance(row, step.observation()));
            assertEquals(row.flag("terminated"), step.terminated(), () -> "terminated of " + row);
        }
        String worst = "worst state " + worstState + ", reward " + worstReward + ", observation " + worstObservation;
        assertEquals(0, worstState, golden.stateTolerance(), worst);
        assertEquals(0, worstReward, golden.rewardTolerance(), worst);
        assertEquals(0, worstObservation, 1e-6, worst);
    }

    /** In float32, as Gymnasium shows it. */
    private static double observationDistance(Golden.Row row, double[] observation) {
        if (!row.names().contains("obs_0")) {
            return 0;
        }
        double worst = 0;
        for (int i = 0; i < observation.length; i++) {
            worst = Math.max(worst, Math.abs(row.number("obs_" + i) - (float) observation[i]));
        }
        return worst;
    }

    private static double distance(double[] x, double[] y) {
        double worst = 0;
        for (int i = 0; i < x.length; i++) {
            worst = Math.max(worst, Math.abs(x[i] - y[i]));
        }
        return worst;
    }

    @Test
    void wholeCartPoleEpisodesAreGymnasiums() {
        JsonNode episodes =
                GoldenJson.read(Golden.class, "cartpole_episodes.json").get("episodes");
        assertEquals(6, episodes.size());
        for (JsonNode episode : episodes) {
            follow(episode);
        }
    }

    private static void follow(JsonNode episode) {
        CartPole cart = new CartPole();
        double[] start = GoldenJson.numbers(episode.get("start"));
        TimeLimit limited = new TimeLimit(startingAt(cart, start), CartPole.STEPS);
        double[] seen = limited.reset(0);
        double total = 0;
        for (int t = 0; ; t++) {
            int action = action(episode.get("controller").textValue(), seen);
            if (t < episode.get("first_20_actions").size()) {
                assertEquals(episode.get("first_20_actions").get(t).intValue(), action);
            }
            StepResult step = limited.step(action);
            total += step.reward();
            seen = step.observation();
            if (step.ended()) {
                assertEquals(episode.get("length").intValue(), t + 1);
                assertEquals(episode.get("terminated").booleanValue(), step.terminated());
                assertEquals(episode.get("truncated").booleanValue(), step.truncated());
                break;
            }
        }
        assertEquals(episode.get("total_reward").doubleValue(), total);
        double off = distance(GoldenJson.numbers(episode.get("final_state")), cart.state());
        assertEquals(0, off, 1e-6, "final state off by " + off);
    }

    private static int action(String controller, double[] x) {
        return switch (controller) {
            case "always 0" -> 0;
            case "always 1" -> 1;
            default -> 0.05 * x[0] + 0.15 * x[1] + x[2] + 0.6 * x[3] > 0 ? 1 : 0;
        };
    }

    private static Environment startingAt(CartPole cart, double[] start) {
        return new Environment() {
            @Override
            public Space observationSpace() {
                return cart.observationSpace();
            }

            @Override
            public Space actionSpace() {
                return cart.actionSpace();
            }

            @Override
            public double[] reset(long seed) {
                return cart.resetTo(start);
            }

            @Override
            public StepResult step(double... action) {
                return cart.step(action);
            }
        };
    }
}
