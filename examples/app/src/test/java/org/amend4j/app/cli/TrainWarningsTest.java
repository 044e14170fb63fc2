/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.amend4j.environment.Environment;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings that end where nothing was learned, or begin where nothing is tried, say so and exit with 0. */
class TrainWarningsTest {

    @TempDir
    private Path folder;

    private Ran train(String name, Object... more) {
        Object[] train = {"policy", "train", "--out", folder.resolve(name)};
        return amend4j(Stream.concat(Stream.of(train), Stream.of(more)).toArray());
    }

    private JsonNode warnings(String name) throws Exception {
        return new ObjectMapper()
                .readTree(folder.resolve(name).resolve("report.json").toFile())
                .path("results")
                .path(0)
                .path("warnings");
    }

    private void assertWarned(Ran ran, String... parts) throws Exception {
        assertEquals(0, ran.code(), ran.err());
        assertEquals(1, warnings("run").size());
        String warning = warnings("run").path(0).asText();
        for (String part : parts) {
            assertTrue(warning.contains(part), warning);
        }
        assertTrue(ran.out().contains("Warning: " + warning), ran.out());
    }

    /** The goal is six steps away. */
    @ParameterizedTest
    @ValueSource(strings = {"reinforce", "ppo", "gpomdp"})
    void returnsThatAreTheLeastOfTheTablesAreTheFloor(String algorithm) throws Exception {
        Object[] horizon = algorithm.equals("gpomdp") ? new Object[] {"--horizon", 3} : new Object[0];
        Object[] common = {"--env", "FrozenLake-v1?limit=3", "--algo", algorithm, "--steps", 3_000};
        Ran ran = train(
                "run", Stream.concat(Stream.of(common), Stream.of(horizon)).toArray());
        assertWarned(
                ran,
                "seed 1: the last ",
                "earned 0.00, the least that FrozenLake-v1?limit=3 gives",
                "--steps (now 3,000)");
    }

    /** Nobody swings up in 20 steps of 200 ms. */
    @Test
    void episodesThatAreAllCutOffWithTheSameCostAreTheFloor() throws Exception {
        Ran ran = train("run", "--env", "Acrobot-v1?limit=20", "--algo", "reinforce", "--steps", 4_000);
        assertWarned(
                ran,
                "were all cut off after 20 steps and earned -20.00",
                "do not tell good actions from bad ones",
                "--algo a2c or ppo",
                "--entropy (now 0.01)");
    }

    /** Its twins: rewards for staying alive, a mark that is reached, returns that differ. */
    @ParameterizedTest
    @ValueSource(strings = {"CartPole-v1?limit=5", "FrozenLake-v1?map=SG/FF&slippery=false", "CartPole-v1"})
    void whatIsNoFloorIsNotCalledOne(String environment) throws Exception {
        Ran ran = train("run", "--env", environment, "--algo", "reinforce", "--steps", 20_000, "--learning-rate", 0.1);
        assertEquals(0, ran.code(), ran.err());
        assertTrue(warnings("run").isMissingNode(), warnings("run").toString());
    }

    /** Episodes of a step that cost 1 or earn 1, in turn, whatever is done. */
    public static final class InTurn implements Environment {

        private static final AtomicInteger EPISODES = new AtomicInteger();

        @Override
        public Space observationSpace() {
            return Space.Box.symmetric(1);
        }

        @Override
        public Space actionSpace() {
            return new Space.Discrete(2);
        }

        @Override
        public double[] reset(long seed) {
            return new double[] {0};
        }

        @Override
        public StepResult step(double... action) {
            return new StepResult(new double[] {0}, EPISODES.getAndIncrement() % 2 == 0 ? -1 : 1, true, false);
        }
    }

    /** Whose mean is 0 at every update. */
    @Test
    void episodesThatDifferAreNotTheSameThoughTheirMeansAre() throws Exception {
        Ran ran = train("run", "--env-class", InTurn.class.getName(), "--algo", "reinforce", "--steps", 2_000);
        assertEquals(0, ran.code(), ran.err());
        assertTrue(warnings("run").isMissingNode(), warnings("run").toString());
    }

    @Test
    void aPolicyThatWasTrainedToTheEndSaysAtItsFirstUpdateThatItTriesLittle() throws Exception {
        String lake = "FrozenLake-v1?slippery=false";
        Ran base = train(
                "base", "--env", lake, "--algo", "ppo", "--entropy", 0, "--learning-rate", 0.3, "--steps", 40_000);
        assertEquals(0, base.code(), base.err());
        assertTrue(warnings("base").isMissingNode(), "a new network tries everything");
        Ran ran = train(
                "run",
                "--env",
                lake,
                "--algo",
                "a2c",
                "--steps",
                4_000,
                "--adapter-of",
                folder.resolve("base/seed-1/policy"));
        assertWarned(ran, "seed 1: the policy that it begins with tries little", "--entropy");
        assertTrue(ran.err().contains("warning: seed 1: the policy that it begins with tries little"), ran.err());
    }
}
