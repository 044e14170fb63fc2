/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.amend4j.random.SplitMix64;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentsTest {

    @Test
    void everyNameMakesAnEnvironmentOfItsLimitAndIsItsOwnId() {
        assertEquals(
                List.of(
                        "CartPole-v1",
                        "CartPole-v0",
                        "MountainCarContinuous-v0",
                        "Acrobot-v1",
                        "Pendulum-v1",
                        "FrozenLake-v1",
                        "CliffWalking-v1",
                        "Taxi-v4",
                        "Xor-v0",
                        "XorLazy-v0",
                        "Lqr-v0"),
                Environments.names());
        for (String name : Environments.names()) {
            EnvironmentSpec spec = Environments.of(name);
            assertEquals(name, spec.id());
            Environment environment = spec.create();
            assertNotEquals(environment, spec.create());
            assertTrue(environment.observationSpace().contains(environment.reset(1)));
            assertEquals(spec.timeLimit().isPresent(), environment instanceof TimeLimit);
            Environment bare = spec.withTimeLimit(OptionalInt.empty()).create();
            assertEquals(environment.actionSpace(), bare.actionSpace());
            spec.finite()
                    .ifPresent(tables ->
                            assertEquals(bare.observationSpace(), tables.get().observationSpace()));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CartPole-v1, 500, 475",
        "CartPole-v0, 200, 195",
        "MountainCarContinuous-v0, 999, 90",
        "Acrobot-v1, 500, -100",
        "Pendulum-v1, 200,",
        "FrozenLake-v1, 100, 0.7",
        "FrozenLake8x8-v1, 200, 0.85",
        "CliffWalking-v1,,",
        "Taxi-v3, 200,",
    })
    void limitsAndThresholdsAreTheRegistrys(String name, Integer limit, Double threshold) {
        EnvironmentSpec spec = Environments.of(name);
        assertEquals(limit == null ? OptionalInt.empty() : OptionalInt.of(limit), spec.timeLimit());
        assertEquals(threshold == null ? OptionalDouble.empty() : OptionalDouble.of(threshold), spec.rewardThreshold());
    }

    @Test
    void aTimeLimitIsKeptToTheStep() {
        for (String id : List.of("Pendulum-v1", "Xor-v0?limit=7", "CliffWalking-v1?limit=7")) {
            EnvironmentSpec spec = Environments.of(id);
            Environment environment = spec.create();
            environment.reset(1);
            for (int t = 1; t < spec.timeLimit().orElseThrow(); t++) {
                assertTrue(!environment.step(0).ended(), id + t);
            }
            assertTrue(environment.step(0).truncated(), id);
        }
        assertEquals(OptionalInt.empty(), Environments.of("Xor-v0?limit=none").timeLimit());
    }

    /** The measured ones are constants, the finite ones computed; five standard errors of Gymnasium's runs. */
    @Test
    void randomReturnsAreThoseOfGymnasium() {
        JsonNode measured =
                GoldenJson.read(Golden.class, "random_policy_returns.json").get("environments");
        measured.fieldNames().forEachRemaining(name -> {
            JsonNode reference = measured.get(name);
            double error = reference.get("standard_error").doubleValue();
            double value = Environments.of(name).randomReturn().orElseThrow();
            assertEquals(reference.get("mean_return").doubleValue(), value, 5 * error, name);
        });
        assertEquals(
                OptionalDouble.empty(), Environments.of("CartPole-v1?force=9").randomReturn());
        assertEquals(OptionalDouble.empty(), Environments.of("CliffWalking-v1").randomReturn());
    }

    /** 20,000 sampled episodes of at most 30 steps: five standard errors. */
    @ParameterizedTest
    @ValueSource(strings = {"CliffWalking-v1?limit=30&slippery=true", "FrozenLake-v1?slippery=false&limit=30"})
    void theUniformReturnOfTheTablesIsTheMeanOfSampledEpisodes(String id) {
        Environment environment = Environments.of(id).create();
        int n = 20_000;
        double sum = 0;
        double squares = 0;
        SplitMix64 random = new SplitMix64(11);
        for (int i = 0; i < n; i++) {
            environment.reset(i);
            double total = 0;
            StepResult step;
            do {
                step = environment.step(environment.actionSpace().sample(random));
                total += step.reward();
            } while (!step.ended());
            sum += total;
            squares += total * total;
        }
        double error = Math.sqrt((squares / n - sum / n * (sum / n)) / n);
        double exact = Environments.of(id).randomReturn().orElseThrow();
        assertEquals(sum / n, exact, 5 * error);
        // another limit is another number: the comparison can tell
        double shorter = Environments.of(id.replace("30", "8")).randomReturn().orElseThrow();
        assertTrue(Math.abs(sum / n - shorter) > 5 * error);
    }

    @Test
    void optionsReachTheEnvironment() {
        CartPole expected = new CartPole(new CartPole.Parameters(0.8, 6, 0.2, 1.5, 9));
        Environment given = Environments.of("CartPole-v1?halfLength=0.8&force=6&poleMass=0.2&cartMass=1.5&gravity=9")
                .create();
        assertArrayEquals(expected.reset(3), given.reset(3));
        for (int t = 0; t < 5; t++) {
            assertArrayEquals(
                    expected.step(t % 2).observation(), given.step(t % 2).observation());
        }
        assertEquals(
                64,
                Environments.of("FrozenLake-v1?map=8x8")
                        .finite()
                        .orElseThrow()
                        .get()
                        .mdp()
                        .states());
        FiniteMdp dry = Environments.of("FrozenLake-v1?slippery=false")
                .finite()
                .orElseThrow()
                .get()
                .mdp();
        assertEquals(1, dry.outcomes(0, 0).size());
        FiniteMdp lazy = Environments.of("XorLazy-v0?stay=0.4")
                .finite()
                .orElseThrow()
                .get()
                .mdp();
        assertEquals(0.4, lazy.outcomes(0, 0).get(1).probability());
        TabularEnvironment xor =
                Environments.of("Xor-v0").finite().orElseThrow().get();
        assertEquals(xor.observation(1), xor.observation(2));
    }

    /** Each number by itself: a push with the torque that stated forces give from an upright pole at rest. */
    @Test
    void aStrongerMotorAcceleratesTheCartInProportion() {
        CartPole cart = new CartPole(CartPole.Parameters.STANDARD.withForce(20));
        CartPole standard = new CartPole();
        cart.resetTo(0, 0, 0, 0);
        standard.resetTo(0, 0, 0, 0);
        double[] twice = cart.step(1).observation();
        double[] once = standard.step(1).observation();
        assertEquals(2 * once[1], twice[1], 1e-15);
        assertEquals(2 * once[3], twice[3], 1e-15);
        CartPole longer = new CartPole(CartPole.Parameters.STANDARD.withHalfLength(1));
        longer.resetTo(0, 0, 0, 0);
        assertEquals(once[3] / 2, longer.step(1).observation()[3], 1e-15);
    }

    /** The threshold is that of the registered ice; any other is another task. */
    @Test
    void otherIceHasNoThresholdAndAMapOfOnesOwnTheLimitOfTheName() {
        EnvironmentSpec wetter = Environments.of("FrozenLake-v1?success_rate=0.8");
        assertEquals(OptionalDouble.empty(), wetter.rewardThreshold());
        EnvironmentSpec own = Environments.of("FrozenLake-v1?map=SFFFF/FFFFG");
        assertEquals(OptionalInt.of(100), own.timeLimit());
        assertEquals(OptionalDouble.empty(), own.rewardThreshold());
    }

    @Test
    void anIdNamesItsOptionsInOneOrder() {
        assertEquals(
                "CartPole-v1?force=6&halfLength=0.8",
                Environments.of("CartPole-v1?halfLength=0.8&force=6").id());
        assertEquals("Taxi-v4", Environments.of("Taxi-v3").id());
        assertEquals(
                "FrozenLake-v1?map=SF/FG&slippery=false",
                Environments.of("FrozenLake-v1?is_slippery=false&desc=SF/FG").id());
        assertEquals(
                "FrozenLake-v1?map=8x8&slippery=false",
                Environments.of("FrozenLake8x8-v1?slippery=false").id());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "cartpole-v1|environment must be one of CartPole-v1, CartPole-v0, MountainCarContinuous-v0, Acrobot-v1,"
                        + " Pendulum-v1, FrozenLake-v1, CliffWalking-v1, Taxi-v4, Xor-v0, XorLazy-v0, Lqr-v0,"
                        + " got 'cartpole-v1': did you mean 'CartPole-v1'?",
                "HalfCheetah-v5|environment must be one of CartPole-v1, CartPole-v0, MountainCarContinuous-v0, Acrobot-v1,"
                        + " Pendulum-v1, FrozenLake-v1, CliffWalking-v1, Taxi-v4, Xor-v0, XorLazy-v0, Lqr-v0,"
                        + " got 'HalfCheetah-v5'",
                "Ant-v5|environment must be one of CartPole-v1, CartPole-v0, MountainCarContinuous-v0, Acrobot-v1,"
                        + " Pendulum-v1, FrozenLake-v1, CliffWalking-v1, Taxi-v4, Xor-v0, XorLazy-v0, Lqr-v0,"
                        + " got 'Ant-v5'",
                "frozenlake|environment must be one of CartPole-v1, CartPole-v0, MountainCarContinuous-v0, Acrobot-v1,"
                        + " Pendulum-v1, FrozenLake-v1, CliffWalking-v1, Taxi-v4, Xor-v0, XorLazy-v0, Lqr-v0,"
                        + " got 'frozenlake': did you mean 'FrozenLake-v1'?",
                "CartPole-v1?halfLenght=1|an option of CartPole-v1 must be one of cartMass, force, gravity, halfLength, limit,"
                        + " poleMass, got 'halfLenght': did you mean 'halfLength'?",
                "CartPole-v1?force=strong|force must be a number, got 'strong' (CartPole-v1)",
                "CartPole-v1?force=-1|force must be > 0 and finite, got -1.0",
                "CartPole-v1?force|options must be key=value, joined by '&', got 'force' (CartPole-v1)",
                "CartPole-v1?force=1&force=2|options must be given once, got 'force' twice (CartPole-v1)",
                "FrozenLake-v1?map=5x5|map must be 4x4, 8x8, or rows of S, F, H and G joined by slashes, got '5x5'"
                        + " (FrozenLake-v1)",
                "FrozenLake-v1?map=SFF/FG|the map's rows must be of equal length, of the letters S, F, H and G,"
                        + " got \"FG\" in [SFF, FG]",
                "FrozenLake-v1?map=FFG|the map must have exactly one S, got [FFG]",
                "FrozenLake-v1?success_rate=1.5|successRate must be in [0.0, 1.0], got 1.5",
                "FrozenLake-v1?success_rate=0.5&slippery=false|success_rate is the rate on slippery ice: leave it out with"
                        + " slippery=false (FrozenLake-v1)",
                "FrozenLake-v1?rewards=1,0|rewards must be 3 numbers joined by commas, got '1,0' (FrozenLake-v1)",
                "FrozenLake-v1?map=4x4&map_name=8x8|options must be given once, got 'map_name' twice (FrozenLake-v1)",
                "Taxi-v4?rainy_probability=0.5|rainy_probability is that of a rainy town: give rainy=true with it (Taxi-v4)",
                "Taxi-v4?rainy=true&rainy_probability=-1|probability must be in [0.0, 1.0], got -1.0",
                "FrozenLake8x8-v1?map=4x4|options must be given once, got 'map' twice (FrozenLake-v1)",
                "CliffWalking-v1?slippery=yes|slippery must be true or false, got 'yes' (CliffWalking-v1)",
                "XorLazy-v0?stay=1|stay must be in (0, 1), got 1.0",
                "Xor-v0?limit=0|limit must be a number of steps in [1, 999999999] or none, got '0' (Xor-v0)",
            })
    void whatIsNotKnownOrNotAllowedIsRefusedInOneSentence(String id, String sentence) {
        assertEquals(
                sentence,
                assertThrows(IllegalArgumentException.class, () -> Environments.of(id))
                        .getMessage());
    }

    @Test
    void taxisAllowedActionsAreTheMaskOfItsStateThroughAllWrappers() {
        EnvironmentSpec spec = Environments.of("Taxi-v4");
        VectorEnvironment vector = VectorEnvironment.of(2, spec::create, Autoreset.SAME_STEP);
        double[][] observations = vector.reset(1);
        SplitMix64 random = new SplitMix64(2);
        int restricted = 0;
        for (int t = 0; t < 500; t++) {
            boolean[] allowed = vector.allowedActions();
            double[][] actions = new double[2][];
            for (int row = 0; row < 2; row++) {
                boolean[] mask = Taxi.actionMask((int) observations[row][0]);
                assertArrayEquals(mask, Arrays.copyOfRange(allowed, 6 * row, 6 * row + 6));
                actions[row] = ((Space.Discrete) vector.actionSpace()).sample(random, mask);
                restricted += mask[4] ? 0 : 1;
            }
            observations = vector.step(actions).observations();
        }
        assertTrue(restricted > 0);
        vector.allowedActions()[0] ^= true;
        assertArrayEquals(vector.allowedActions(), vector.allowedActions());
        VectorEnvironment unmasked = VectorEnvironment.of(2, CartPole::v1, Autoreset.SAME_STEP);
        unmasked.reset(0);
        assertEquals(0, unmasked.allowedActions().length);
    }

    @Test
    void aMaskThatAllowsNothingOrHasAnotherLengthIsRefused() {
        for (boolean[] mask : new boolean[][] {{false, false}, {true}}) {
            TabularEnvironment environment = new TabularEnvironment(
                    XorMdp.plain().mdp(), new int[] {0, 1, 1}, new boolean[][] {mask, mask, mask});
            VectorEnvironment vector = new VectorEnvironment(List.of(environment), Autoreset.SAME_STEP);
            vector.reset(0);
            String message = assertThrows(IllegalStateException.class, vector::allowedActions)
                    .getMessage();
            assertTrue(message.startsWith("allowed actions must be a flag per point of"), message);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> new TabularEnvironment(XorMdp.plain().mdp(), new int[] {0, 1, 1}, new boolean[2][2]));
    }

    @Test
    void editsAreLevenshteins() {
        assertEquals(3, Nearest.edits("kitten", "sitting"));
        assertEquals(4, Nearest.edits("", "Taxi"));
        assertEquals(0, Nearest.edits("TAXI", "Taxi"));
    }

    @Test
    void theDoubleIntegratorIsTheReferencesInstance() {
        Environment named = Environments.of("Lqr-v0").create();
        LinearQuadratic reference = LinearQuadraticTest.instance();
        assertArrayEquals(reference.reset(4), named.reset(4));
        for (int t = 0; t < 20; t++) {
            StepResult expected = reference.step(0.3);
            StepResult step = named.step(0.3);
            assertArrayEquals(expected.observation(), step.observation());
            assertEquals(expected.reward(), step.reward());
        }
    }
}
