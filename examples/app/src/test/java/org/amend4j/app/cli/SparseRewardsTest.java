/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.amend4j.environment.Environment;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Horizons where a few episodes earn the same at every step: that is no reason to look at one step only. */
class SparseRewardsTest {

    /** Action 1 goes on, action 0 back to the start; 30 steps on is a reward of 1. */
    public static final class Chain implements Environment {

        private static final int LENGTH = 30;
        private int place;

        @Override
        public Space observationSpace() {
            return Space.Box.symmetric(1);
        }

        @Override
        public Space actionSpace() {
            return new Space.Discrete(2);
        }

        private double[] seen() {
            return new double[] {(double) place / LENGTH};
        }

        @Override
        public double[] reset(long seed) {
            place = 0;
            return seen();
        }

        @Override
        public StepResult step(double... action) {
            place = action[0] == 1 ? place + 1 : 0;
            boolean goal = place == LENGTH;
            return new StepResult(seen(), goal ? 1 : 0, goal, false);
        }
    }

    private static final String CHAIN = Chain.class.getName() + "?limit=40";

    @TempDir
    private Path folder;

    private Ran train(Object... more) {
        Object[] train = {"policy", "train", "--out", folder.resolve("run"), "--algo", "gpomdp", "--batch", 2};
        return amend4j(Stream.concat(Stream.of(train), Stream.of(more)).toArray());
    }

    private JsonNode report(Object... more) throws Exception {
        Object[] report = {"policy", "report", folder.resolve("run/seed-1/policy"), "--trajectories", 20, "--json"};
        Ran ran = amend4j(Stream.concat(Stream.of(report), Stream.of(more)).toArray());
        assertEquals(0, ran.code(), ran.err());
        return ran.json().path("sampled");
    }

    @OneIn(4)
    @ParameterizedTest
    @ValueSource(
            strings = {
                "FrozenLake-v1",
                "FrozenLake-v1?map=8x8",
                "MountainCarContinuous-v0?limit=50",
                "Acrobot-v1?limit=50",
                "Taxi-v4?limit=30",
                "Chain"
            })
    void noHorizonOfOneStepFollowsFromRewardsThatAreAlike(String environment) throws Exception {
        boolean own = environment.equals("Chain");
        Ran ran = train(own ? "--env-class" : "--env", own ? CHAIN : environment, "--steps", 200);
        assertEquals(0, ran.code(), ran.err());
        assertFalse((ran.out() + ran.err()).contains("H = 1 "), ran.out() + ran.err());
        assertFalse((ran.out() + ran.err()).contains("H = 1."), ran.out() + ran.err());
        int horizon = report("--env", own ? "class:" + CHAIN : environment)
                .path("horizon")
                .intValue();
        assertTrue(horizon >= 30, horizon + " steps");
    }

    @Test
    void whereNothingIsKnownOfRewardsTheTimeLimitIsTheHorizonAndTheReportSaysSo() throws Exception {
        Ran ran = train("--env-class", CHAIN, "--steps", 200);
        assertEquals(0, ran.code(), ran.err());
        assertFalse(ran.out().contains("would take H"), ran.out());
        JsonNode report = report("--env", "class:" + CHAIN);
        assertEquals(40, report.path("horizon").intValue());
        assertTrue(
                report.path("cutOff").textValue().contains("is not known, since all rewards that were seen are 0.0"),
                report.path("cutOff").textValue());
        assertTrue(report.path("words").textValue().contains("may differ by an unknown amount"), report.toString());
    }

    @Test
    void aRangeThatTheUserKnowsGivesTheHorizonAndAnEndOfAssumptions() throws Exception {
        Ran ran = train("--env-class", CHAIN, "--steps", 200, "--gamma", 0.5, "--reward-range", "0,1");
        assertEquals(0, ran.code(), ran.err());
        JsonNode known = report("--env", "class:" + CHAIN, "--gamma", 0.5, "--reward-range", "0,1");
        assertTrue(known.path("horizon").intValue() < 40, known.toString());
        assertFalse(known.path("words").textValue().contains("no reward lies outside"), known.toString());
    }

    @Test
    void withoutALimitItAsksForOneOrTheOther() {
        train("--env-class", CHAIN, "--steps", 200, "--bias-tolerance", 0.1)
                .refused("all rewards in 8 episodes", "are 0.0", "--reward-range LOW,HIGH", "--horizon");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1,0", "0", "0,1,2", "a,b", "0,Infinity", "NaN,1", "0,1e999", "", "0, 1"})
    void aRangeIsTwoNumbersTheLowerFirst(String range) {
        train("--env-class", CHAIN, "--steps", 200, "--reward-range", range)
                .refused("--reward-range must be two numbers, the lower first, such as 0,1");
    }

    @Test
    void aRangeThatRewardsAreOutsideOfIsRefused() {
        train("--env", "CartPole-v1", "--steps", 200, "--reward-range", "0,0.5")
                .refused("--reward-range must hold all rewards", "from 0.0 to 1.0");
        amend4j(
                        "policy",
                        "train",
                        "--out",
                        folder.resolve("run"),
                        "--env",
                        "Xor-v0",
                        "--algo",
                        "actor-critic",
                        "--reward-range",
                        "0,1")
                .refused("--reward-range", "settings of --algo gpomdp");
    }
}
