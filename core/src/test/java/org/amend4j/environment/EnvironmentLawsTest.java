package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every environment of the library. */
class EnvironmentLawsTest {

    /** The name is the reference's; episodes as many as take well under a second or two. */
    record Named(String name, Environment environment, int episodes) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Named> registered() {
        return Stream.of(
                new Named("CartPole-v1", CartPole.v1(), 5000),
                new Named("MountainCarContinuous-v0", MountainCarContinuous.v0(), 300),
                new Named("Acrobot-v1", Acrobot.v1(), 300),
                new Named("Pendulum-v1", Pendulum.v1(), 1000),
                new Named("FrozenLake-v1", FrozenLake.v1(), 20000),
                new Named("Taxi-v4", Taxi.v4(), 1000));
    }

    static Stream<Named> all() {
        return Stream.concat(
                registered(),
                Stream.of(
                        new Named("CliffWalking-v1", new TimeLimit(CliffWalking.v1(), 100), 1),
                        new Named(
                                "FrozenLake 8x8",
                                new TimeLimit(FrozenLake.lake8x8(true).environment(), 200),
                                1),
                        new Named("XOR", new TimeLimit(XorMdp.plain(), 50), 1),
                        new Named("lazy XOR", new TimeLimit(XorMdp.lazy(0.2), 50), 1),
                        new Named("LQR", new TimeLimit(LinearQuadraticTest.instance(), 50), 1)));
    }

    /** Unbounded actions: two numbers suffice here. */
    private static double[] action(Environment environment, SplitMix64 random) {
        return environment.actionSpace() instanceof Space.Box box && Double.isInfinite(box.high()[0])
                ? new double[] {random.uniform(-1, 1)}
                : environment.actionSpace().sample(random);
    }

    private static List<Step> episode(Environment environment, long seed, long actionSeed) {
        SplitMix64 random = new SplitMix64(actionSeed);
        List<Step> steps = new ArrayList<>();
        steps.add(new Step(environment.reset(seed), 0, false, false));
        while (!steps.get(steps.size() - 1).ended()) {
            steps.add(environment.step(action(environment, random)));
        }
        return steps;
    }

    @ParameterizedTest
    @MethodSource("all")
    void anEpisodeIsAFunctionOfItsSeedAndActions(Named named) {
        Environment environment = named.environment();
        List<Step> once = episode(environment, 5, 6);
        episode(environment, 11, 12);
        environment.reset(1);
        environment.step(action(environment, new SplitMix64(2)));
        List<Step> again = episode(environment, 5, 6);
        assertEquals(once.size(), again.size());
        for (int t = 0; t < once.size(); t++) {
            assertArrayEquals(once.get(t).observation(), again.get(t).observation());
            assertEquals(once.get(t).reward(), again.get(t).reward());
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void observationsArePointsOfTheirSpace(Named named) {
        Environment environment = named.environment();
        for (long seed = 0; seed < 20; seed++) {
            for (Step step : episode(environment, seed, ~seed)) {
                assertTrue(environment.observationSpace().contains(step.observation()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void onlyARunningEpisodeStepsAndOnlyByAnAction(Named named) {
        Environment environment = named.environment();
        double[] legal = action(environment, new SplitMix64(1));
        assertThrows(IllegalStateException.class, () -> environment.step(legal));
        episode(environment, 1, 2);
        assertThrows(IllegalStateException.class, () -> environment.step(legal));
        environment.reset(1);
        assertThrows(IllegalArgumentException.class, () -> environment.step(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> environment.step(0, 0));
        if (environment.actionSpace() instanceof Space.Discrete discrete) {
            assertThrows(IllegalArgumentException.class, () -> environment.step(discrete.count()));
            assertThrows(IllegalArgumentException.class, () -> environment.step(0.5));
        }
    }

    /** The reference is a mean of Gymnasium's own runs. Five standard errors: a false alarm in 6e-7 of seeds. */
    @ParameterizedTest
    @MethodSource("registered")
    void uniformRandomActionsEarnWhatTheyEarnInGymnasium(Named named) {
        JsonNode reference =
                Golden.json("random_policy_returns.json").get("environments").get(named.name());
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < named.episodes(); i++) {
            double total = 0;
            for (Step step : episode(named.environment(), i, -1 - i)) {
                total += step.reward();
            }
            sum += total;
            squares += total * total;
        }
        double mean = sum / named.episodes();
        double variance = squares / named.episodes() - mean * mean;
        double error =
                Math.hypot(reference.get("standard_error").doubleValue(), Math.sqrt(variance / named.episodes()));
        double expected = reference.get("mean_return").doubleValue();
        assertEquals(expected, mean, 5 * error);
    }

    @Test
    void aTimeLimitTruncatesAlsoAStepThatTerminates() {
        CartPole cart = new CartPole();
        TimeLimit limit = new TimeLimit(cart, 1);
        limit.reset(0);
        cart.resetTo(2.4, 3, 0, 0);
        Step both = limit.step(1);
        assertTrue(both.terminated() && both.truncated());
        TimeLimit longer = new TimeLimit(new CartPole(), 2);
        longer.reset(0);
        assertFalse(longer.step(1).ended());
        Step last = longer.step(0);
        assertTrue(last.truncated() && !last.terminated());
    }

    @Test
    void splitMixIsThePublishedGenerator() {
        // first outputs for seed 1234567, from the reference implementation in C (Vigna)
        SplitMix64 random = new SplitMix64(1234567);
        assertEquals(6457827717110365317L, random.nextLong());
        assertEquals(3203168211198807973L, random.nextLong());
        assertEquals(Long.parseUnsignedLong("9817491932198370423"), random.nextLong());
        assertNotEquals(new SplitMix64(1).nextLong(), new SplitMix64(2).nextLong());
    }

    /** 20,000 normals: mean within 5/√n, variance within 5√(2/n), fourth moment within 5√(96/n). */
    @Test
    void gaussiansHaveTheMomentsOfTheNormalLaw() {
        SplitMix64 random = new SplitMix64(3);
        int n = 20_000;
        double[] moments = new double[5];
        for (int i = 0; i < n; i++) {
            double x = random.nextGaussian();
            for (int k = 1; k < 5; k++) {
                moments[k] += Math.pow(x, k) / n;
            }
        }
        assertEquals(0, moments[1], 5 / Math.sqrt(n));
        assertEquals(1, moments[2], 5 * Math.sqrt(2.0 / n));
        assertEquals(3, moments[4], 5 * Math.sqrt(96.0 / n));
    }
}
