/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.random.SplitMix64;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
                                new TimeLimit(
                                        FrozenLake.lake(FrozenLake.Rules.SLIPPERY, FrozenLake.MAP_8X8)
                                                .environment(),
                                        200),
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

    private static List<StepResult> episode(Environment environment, long seed, long actionSeed) {
        SplitMix64 random = new SplitMix64(actionSeed);
        List<StepResult> steps = new ArrayList<>();
        steps.add(new StepResult(environment.reset(seed), 0, false, false));
        while (!steps.get(steps.size() - 1).ended()) {
            steps.add(environment.step(action(environment, random)));
        }
        return steps;
    }

    @ParameterizedTest
    @MethodSource("all")
    void anEpisodeIsAFunctionOfItsSeedAndActions(Named named) {
        Environment environment = named.environment();
        List<StepResult> once = episode(environment, 5, 6);
        episode(environment, 11, 12);
        environment.reset(1);
        environment.step(action(environment, new SplitMix64(2)));
        List<StepResult> again = episode(environment, 5, 6);
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
            for (StepResult step : episode(environment, seed, ~seed)) {
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
        assertEquals(0, standardErrorsOff(named, named.environment()), 5);
    }

    /** 3 % fewer steps, each of about -0.033. */
    @Test
    void aShorterTimeLimitWouldBeNoticed() {
        Named named = new Named("MountainCarContinuous-v0", MountainCarContinuous.v0(), 300);
        assertTrue(standardErrorsOff(named, new TimeLimit(new MountainCarContinuous(), 970)) > 5);
    }

    static Stream<Arguments> startRanges() {
        double[] cart = {0.05, 0.05, 0.05, 0.05};
        double[] acrobot = {0.1, 0.1, 0.1, 0.1};
        return Stream.of(
                Arguments.of(new CartPole(), Space.Box.symmetric(cart)),
                Arguments.of(new Acrobot(), Space.Box.symmetric(acrobot)),
                Arguments.of(new Pendulum(), Space.Box.symmetric(Math.PI, 1)),
                Arguments.of(
                        new MountainCarContinuous(), new Space.Box(new double[] {-0.6, 0}, new double[] {-0.4, 0})));
    }

    /**
     * 10,000 starts: all inside, and on either side the outermost is within 1 % of the range of the bound; for a uniform
     * number that fails with chance 0.99^10000 = 2e-44. The mean is within five standard errors, 5 · range/√(12 n).
     */
    @ParameterizedTest
    @MethodSource("startRanges")
    void firstStatesFillTheirRangeEvenly(Control environment, Space.Box range) {
        int n = 10_000;
        double[][] starts = new double[n][];
        for (int i = 0; i < n; i++) {
            environment.reset(i);
            starts[i] = environment.state();
            assertTrue(range.contains(starts[i]));
        }
        for (int k = 0; k < range.size(); k++) {
            int coordinate = k;
            double low = range.low()[k];
            double high = range.high()[k];
            DoubleSummaryStatistics seen =
                    Arrays.stream(starts).mapToDouble(x -> x[coordinate]).summaryStatistics();
            assertEquals(low, seen.getMin(), 0.01 * (high - low));
            assertEquals(high, seen.getMax(), 0.01 * (high - low));
            assertEquals((low + high) / 2, seen.getAverage(), 5 * (high - low) / Math.sqrt(12.0 * n));
        }
    }

    private static double standardErrorsOff(Named named, Environment environment) {
        JsonNode reference = GoldenJson.read(Golden.class, "random_policy_returns.json")
                .get("environments")
                .get(named.name());
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < named.episodes(); i++) {
            double total = episode(environment, i, -1 - i).stream()
                    .mapToDouble(StepResult::reward)
                    .sum();
            sum += total;
            squares += total * total;
        }
        double mean = sum / named.episodes();
        double variance = squares / named.episodes() - mean * mean;
        double error =
                Math.hypot(reference.get("standard_error").doubleValue(), Math.sqrt(variance / named.episodes()));
        return (mean - reference.get("mean_return").doubleValue()) / error;
    }

    @Test
    void aTimeLimitTruncatesAlsoAStepThatTerminates() {
        CartPole cart = new CartPole();
        TimeLimit limit = new TimeLimit(cart, 1);
        limit.reset(0);
        cart.resetTo(2.4, 3, 0, 0);
        StepResult both = limit.step(1);
        assertTrue(both.terminated() && both.truncated());
        TimeLimit longer = new TimeLimit(new CartPole(), 2);
        longer.reset(0);
        assertFalse(longer.step(1).ended());
        StepResult last = longer.step(0);
        assertTrue(last.truncated() && !last.terminated());
    }

    @Test
    void splitMixIsThePublishedGenerator() {
        // known first outputs for seed 1234567
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
