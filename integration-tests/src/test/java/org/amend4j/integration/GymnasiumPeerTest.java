/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.amend4j.testkit.GoldenJson.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.amend4j.bridge.GymnasiumOptions;
import org.amend4j.bridge.GymnasiumProcess;
import org.amend4j.environment.Acrobot;
import org.amend4j.environment.CartPole;
import org.amend4j.environment.Environment;
import org.amend4j.environment.Environments;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.MountainCarContinuous;
import org.amend4j.environment.Pendulum;
import org.amend4j.environment.StepResult;
import org.amend4j.environment.Transition;
import org.amend4j.testkit.NeedsPeers;
import org.amend4j.testkit.Peers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Environments of Gymnasium itself, through the bridge and in Java. */
@NeedsPeers
class GymnasiumPeerTest {

    @TempDir
    static Path folder;

    private static JsonNode found = MissingNode.getInstance();

    @BeforeAll
    static void playThere() throws IOException, InterruptedException {
        Path file = folder.resolve("found.json");
        Peers.run(GymnasiumPeerTest.class, "gymnasium_peer.py", folder, file.toString());
        found = new ObjectMapper().readTree(file.toFile());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CartPole-v1",
                "Acrobot-v1",
                "MountainCar-v0",
                "MountainCarContinuous-v0",
                "Pendulum-v1",
                "FrozenLake-v1",
                "CliffWalking-v1",
                "Taxi-v4",
                "Blackjack-v1",
                "HalfCheetah-v5"
            })
    void through_the_bridge_an_episode_is_gymnasiums_to_the_bit(String id) {
        // where MuJoCo may leave its log
        GymnasiumOptions there = GymnasiumOptions.STANDARD.withPython("env", "-C", folder.toString(), Peers.python());
        JsonNode episodes = found.path("episodes").path(id);
        assertEquals(3, episodes.size());
        try (GymnasiumProcess process = GymnasiumProcess.start(id, 1, there)) {
            Environment environment = process.environment(0);
            for (JsonNode episode : episodes) {
                assertArrayEquals(
                        numbers(episode.path("first")),
                        environment.reset(episode.path("seed").longValue()));
                for (JsonNode step : episode.path("steps")) {
                    StepResult here = environment.step(numbers(step.path("action")));
                    assertArrayEquals(numbers(step.path("observation")), here.observation());
                    assertEquals(step.path("reward").doubleValue(), here.reward());
                    assertEquals(step.path("terminated").booleanValue(), here.terminated());
                    assertEquals(step.path("truncated").booleanValue(), here.truncated());
                }
            }
        }
    }

    @Test
    void through_the_bridge_a_picture_has_numpys_bytes() throws NoSuchAlgorithmException {
        JsonNode episodes = found.path("pictures");
        JsonNode one = episodes.path(0);
        JsonNode other = episodes.path(1);
        GymnasiumOptions there = GymnasiumOptions.STANDARD.withPython(Peers.python());
        try (GymnasiumProcess process = GymnasiumProcess.start("CarRacing-v3", 2, there)) {
            int[] rows = {0, 1};
            double[][] first = process.reset(
                    rows,
                    new long[] {one.path("seed").longValue(), other.path("seed").longValue()});
            assertEquals(one.path("digests").path(0).asText(), digest(first[0]));
            assertEquals(other.path("digests").path(0).asText(), digest(first[1]));
            for (int t = 0; t < 20; t++) {
                StepResult[] steps = process.step(rows, new double[][] {
                    numbers(one.path("actions").path(t)),
                    numbers(other.path("actions").path(t))
                });
                assertEquals(one.path("digests").path(t + 1).asText(), digest(steps[0].observation()));
                assertEquals(other.path("digests").path(t + 1).asText(), digest(steps[1].observation()));
            }
        }
    }

    @Test
    void through_the_bridge_a_picture_beside_a_number_has_numpys_bytes()
            throws NoSuchAlgorithmException, URISyntaxException {
        JsonNode episode = found.path("pictures").path(0);
        Path modules = Path.of(Objects.requireNonNull(GymnasiumPeerTest.class.getResource("within"))
                .toURI());
        GymnasiumOptions there = GymnasiumOptions.STANDARD.withPython(
                "env", "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH=" + modules, Peers.python());
        try (GymnasiumProcess process = GymnasiumProcess.start("within:Within-v0", 1, there)) {
            Environment environment = process.environment(0);
            assertSeen(episode, 0, environment.reset(episode.path("seed").longValue()));
            for (int t = 0; t < 20; t++) {
                double[] action = numbers(episode.path("actions").path(t));
                assertSeen(episode, t + 1, environment.step(action).observation());
            }
        }
    }

    private static void assertSeen(JsonNode episode, int steps, double... observation) throws NoSuchAlgorithmException {
        int picture = observation.length - 1;
        assertEquals(episode.path("digests").path(steps).asText(), digest(Arrays.copyOf(observation, picture)));
        assertEquals((float) (steps / 3.0), observation[picture]);
    }

    private static String digest(double... picture) throws NoSuchAlgorithmException {
        byte[] bytes = new byte[picture.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) picture[i];
        }
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    static Stream<Arguments> controls() {
        return Stream.of(
                Arguments.of("CartPole-v1", (Mover) (state, action) -> {
                    CartPole ours = new CartPole();
                    ours.resetTo(state);
                    return ours.step(action);
                }),
                Arguments.of("Acrobot-v1", (Mover) (state, action) -> {
                    Acrobot ours = new Acrobot();
                    ours.resetTo(state);
                    return ours.step(action);
                }),
                Arguments.of("MountainCarContinuous-v0", (Mover) (state, action) -> {
                    MountainCarContinuous ours = new MountainCarContinuous();
                    ours.resetTo(state);
                    return ours.step(action);
                }),
                Arguments.of("Pendulum-v1", (Mover) (state, action) -> {
                    Pendulum ours = new Pendulum();
                    ours.resetTo(state);
                    return ours.step(action);
                }));
    }

    /** A step of ours from a state of theirs. */
    private interface Mover {
        StepResult move(double[] state, double[] action);
    }

    /** Theirs are seen, and partly computed, in float32: 1e-6 of a number is some ten ulp. */
    @ParameterizedTest
    @MethodSource("controls")
    void a_step_of_ours_is_gymnasiums_within_its_rounding(String id, Mover ours) {
        int compared = 0;
        for (JsonNode episode : found.path("episodes").path(id)) {
            for (JsonNode step : episode.path("steps")) {
                StepResult here = ours.move(numbers(step.path("state")), numbers(step.path("action")));
                double[] there = numbers(step.path("observation"));
                for (int i = 0; i < there.length; i++) {
                    assertEquals(there[i], here.observation()[i], 1e-6 * Math.max(1, Math.abs(there[i])));
                }
                double reward = step.path("reward").doubleValue();
                assertEquals(reward, here.reward(), 1e-6 * Math.max(1, Math.abs(reward)));
                assertEquals(step.path("terminated").booleanValue(), here.terminated());
                compared++;
            }
        }
        assertTrue(compared >= 30, id + " made " + compared + " steps");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FrozenLake-v1", "CliffWalking-v1", "Taxi-v4"})
    void every_outcome_of_our_tables_is_gymnasiums(String id) {
        FiniteMdp ours = Environments.of(id).finite().orElseThrow().get().mdp();
        List<String> here = new ArrayList<>();
        for (int state = 0; state < ours.states(); state++) {
            for (int action = 0; action < ours.actions(); action++) {
                for (Transition outcome : ours.outcomes(state, action)) {
                    here.add(state + " " + action + " " + (float) outcome.probability() + " " + outcome.next() + " "
                            + outcome.reward() + " " + outcome.terminated());
                }
            }
        }
        List<String> there = new ArrayList<>();
        found.path("tables")
                .path(id)
                .forEach(row ->
                        there.add(row.get(0).intValue() + " " + row.get(1).intValue() + " "
                                + row.get(2).floatValue() + " " + row.get(3).intValue() + " "
                                + row.get(4).doubleValue() + " " + row.get(5).booleanValue()));
        assertEquals(there, here);
    }
}
