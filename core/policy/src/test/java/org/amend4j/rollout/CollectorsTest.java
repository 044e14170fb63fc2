/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.CartPole;
import org.amend4j.environment.Taxi;
import org.amend4j.environment.TimeLimit;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.NormalisingEncoder;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectorsTest {

    private static final Task COUNTER = Task.of("counter", Toys.Counter::new);
    private static final Task POLE = Task.of("CartPole-v1");

    private static TakenSteps collect(EpisodeCollector collector, Policy policy, long seed) {
        return collector.collect(policy, false, seed, ~seed);
    }

    /** Taking the first 100 episodes to end of a vector that goes on would have 9 short ones for each long one. */
    @Test
    void everyEpisodeThatWasBegunIsKeptSoShortOnesAreNotFavoured() {
        SplitMix64 starts = new SplitMix64(3);
        int longOnes = 0;
        for (int i = 0; i < 100; i++) {
            longOnes += Toys.Counter.length(starts.nextLong()) == 9 ? 1 : 0;
        }
        TakenSteps steps = collect(EpisodeCollector.whole(COUNTER, 100, 50), Toys.policy(1, 2, 1), 3);
        assertEquals(100, steps.segments().size());
        assertEquals(
                longOnes, steps.segments().stream().filter(s -> s.length() == 9).count());
        assertEquals(100 + 8 * longOnes, steps.rows());
        assertTrue(longOnes > 30 && longOnes < 70);
    }

    @Test
    void segmentsSayWhatHappened() {
        TakenSteps steps = collect(EpisodeCollector.whole(COUNTER, 2, 50), Toys.policy(1, 2, 1), 5);
        int begin = 0;
        for (Segment segment : steps.segments()) {
            assertEquals(begin, segment.begin());
            assertEquals(0, segment.time());
            assertTrue(segment.terminated());
            assertArrayEquals(new double[] {segment.length()}, segment.successor());
            for (int t = 0; t < segment.length(); t++) {
                assertEquals(t, steps.decisions().inputs()[begin + t]);
                assertEquals(t + 1, steps.rewards()[begin + t]);
            }
            begin = segment.end();
        }
        assertEquals(steps.rows(), begin);
    }

    @Test
    void aHorizonCutsEpisodesOffAndKeepsShorterOnes() {
        TakenSteps steps = collect(EpisodeCollector.cutAt(COUNTER, 40, 4), Toys.policy(1, 2, 1), 3);
        for (Segment segment : steps.segments()) {
            assertEquals(segment.terminated() ? 1 : 4, segment.length());
            assertEquals(segment.length(), segment.successor()[0]);
        }
        assertEquals(
                2, steps.segments().stream().map(Segment::terminated).distinct().count());
    }

    /** What the collector computed row by row is what the learner computes of all rows: same numbers in the same order. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void logProbabilitiesOfCollectorAndLearnerAgree(long seed) {
        Policy policy = Toys.policy(4, 2, seed);
        TakenSteps whole = collect(EpisodeCollector.whole(POLE, 9, 500), policy, seed);
        assertArrayEquals(policy.evaluate(whole.decisions()).logProbabilities(), whole.logProbabilities(), 1e-12);
        TakenSteps fragment = new FragmentCollector(POLE, 5, 0.9, false, seed)
                .collect(policy, 70, seed)
                .steps();
        assertArrayEquals(policy.evaluate(fragment.decisions()).logProbabilities(), fragment.logProbabilities(), 1e-12);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void equalSeedsCollectEqualBits(long seed) {
        Policy policy = Toys.policy(4, 2, seed);
        TakenSteps one = collect(EpisodeCollector.whole(POLE, 9, 500), policy, seed);
        TakenSteps other = collect(EpisodeCollector.whole(POLE, 9, 500), policy, seed);
        assertArrayEquals(one.decisions().inputs(), other.decisions().inputs(), 0);
        assertArrayEquals(one.decisions().actions(), other.decisions().actions(), 0);
        TakenSteps another = collect(EpisodeCollector.whole(POLE, 9, 500), policy, seed + 1);
        assertNotEquals(one.decisions().inputs()[0], another.decisions().inputs()[0]);
    }

    @Test
    void fragmentsGoOnWhereTheLastOneEndedWithTrueSuccessors() {
        FragmentCollector collector = new FragmentCollector(COUNTER, 3, 0.5, false, 1);
        Policy policy = Toys.policy(1, 2, 1);
        int[] times = new int[3];
        int episodes = 0;
        for (int fragment = 0; fragment < 20; fragment++) {
            RolloutSegment next = collector.collect(policy, 4, fragment);
            assertEquals(12, next.steps().rows());
            for (Segment segment : next.steps().segments()) {
                int row = segment.begin() / 4;
                assertEquals(times[row], segment.time());
                assertEquals(segment.time(), next.steps().decisions().inputs()[segment.begin()]);
                // never the 0 that the reset returned
                assertEquals(segment.time() + segment.length(), segment.successor()[0]);
                times[row] = segment.terminated() ? 0 : segment.time() + segment.length();
            }
            for (EpisodeSummary episode : next.ended()) {
                int n = episode.length();
                assertTrue(n == 1 || n == 9);
                assertEquals(n * (n + 1) / 2.0, episode.reward());
                double discounted = 0;
                for (int t = 0; t < n; t++) {
                    discounted += Math.pow(0.5, t) * (t + 1);
                }
                assertEquals(discounted, episode.discounted(), 1e-12);
                episodes++;
            }
        }
        assertTrue(episodes > 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void aRestoredCollectorGoesOnToTheLastBit(long seed) {
        Policy policy = Toys.policy(4, 2, seed);
        FragmentCollector one = new FragmentCollector(POLE, 5, 0.99, true, seed);
        one.collect(policy, 37, 1);
        FragmentCollector other = new FragmentCollector(POLE, 5, 0.99, true, ~seed);
        other.restore(one.state());
        for (int fragment = 2; fragment < 5; fragment++) {
            RolloutSegment expected = one.collect(policy, 37, fragment);
            RolloutSegment actual = other.collect(policy, 37, fragment);
            assertArrayEquals(
                    expected.steps().decisions().inputs(),
                    actual.steps().decisions().inputs(),
                    0);
            assertArrayEquals(expected.steps().rewards(), actual.steps().rewards(), 0);
            assertEquals(expected.ended(), actual.ended());
        }
    }

    @Test
    void rewardsOfFragmentsAreScaledAndThoseOfEpisodesAreNot() {
        Policy policy = Toys.policy(4, 2, 1);
        RolloutSegment scaled = new FragmentCollector(POLE, 5, 0.99, true, 1).collect(policy, 100, 1);
        RolloutSegment plain = new FragmentCollector(POLE, 5, 0.99, false, 1).collect(policy, 100, 1);
        assertEquals(plain.ended(), scaled.ended());
        assertTrue(Arrays.stream(plain.steps().rewards()).allMatch(r -> r == 1));
        assertTrue(scaled.steps().rewards()[99] < 0.5);
    }

    @Test
    void aNormalisingEncoderIsFrozenWhileRowsAreCollectedAndLearnsAfterwards() {
        NormalisingEncoder encoder = new NormalisingEncoder(4);
        Policy policy = new Policy(
                Approximators.random(List.of(new DenseShape(4, 2, true, DenseActivation.IDENTITY)), 1, 1),
                new Categorical(2),
                encoder);
        double[] fresh = encoder.statistics();
        TakenSteps frozen = collect(EpisodeCollector.whole(POLE, 4, 500), policy, 1);
        assertArrayEquals(fresh, encoder.statistics(), 0);
        TakenSteps learned = collect(EpisodeCollector.whole(POLE, 4, 500).learning(), policy, 1);
        assertArrayEquals(frozen.decisions().inputs(), learned.decisions().inputs(), 0);
        assertEquals(1e-4 + learned.rows(), encoder.statistics()[0], 1e-9);
        // mean and variance of what was seen, but for the weight of the beginning, 1e-4 of all rows
        double mean = 0;
        double[] inputs = learned.decisions().inputs();
        for (int row = 0; row < learned.rows(); row++) {
            mean += inputs[4 * row + 2] * Math.sqrt(1 + 1e-8) / learned.rows();
        }
        assertEquals(mean, encoder.statistics()[3], 1e-4);
    }

    @Test
    void masksOfTheEnvironmentAreKept() {
        Policy policy = new Policy(
                Approximators.zero(List.of(new DenseShape(500, 6, true, DenseActivation.IDENTITY))),
                new Categorical(6),
                new ObservationEncoder.OneHot(500));
        TakenSteps steps = collect(EpisodeCollector.whole(Task.of("Taxi-v4"), 8, 200), policy, 1);
        assertEquals(6 * steps.rows(), steps.decisions().allowed().length);
        for (int row = 0; row < steps.rows(); row++) {
            int state = 0;
            while (steps.decisions().inputs()[500 * row + state] == 0) {
                state++;
            }
            int action = (int) steps.decisions().actions()[row];
            assertTrue(Taxi.actionMask(state)[action]);
            assertTrue(steps.rewards()[row] > -10);
        }
    }

    @Test
    void badInputIsRefusedInASentence() {
        Policy policy = Toys.policy(1, 2, 1);
        refused(
                "episodes must end within 5 steps, got a longer one (row ",
                () -> collect(EpisodeCollector.whole(COUNTER, 20, 5), policy, 1));
        refused(
                "the horizon must be within the environment's time limit, got H = 9 and an episode cut off after 7 steps",
                () -> collect(
                        EpisodeCollector.cutAt(Task.of("limited", () -> new TimeLimit(new Toys.Counter(), 7)), 20, 9),
                        policy,
                        1));
        refused(
                "the horizon must be within the environment's time limit, 500 steps, got H = 501: switch the limit off",
                () -> EpisodeCollector.cutAt(POLE, 1, 501));
        refused(
                "the policy must have an input per number of an observation, 4 for Box",
                () -> collect(EpisodeCollector.whole(POLE, 1, 500), policy, 1));
        refused(
                "a categorical policy of 3 actions needs as many discrete actions",
                () -> collect(EpisodeCollector.whole(POLE, 1, 500), Toys.policy(4, 3, 1), 1));
        refused(
                "observations must be finite, got NaN (row ",
                () -> collect(EpisodeCollector.whole(Task.of("bad", NanObservation::new), 20, 50), policy, 1));
        refused(
                "rewards must be finite, got NaN (row ",
                () -> collect(EpisodeCollector.whole(Task.of("bad", NanReward::new), 20, 50), policy, 1));
        Policy recurrent = new Policy(new Toys.Recurrent(), new Categorical(2), new ObservationEncoder.AsIs(1));
        refused(
                "fragments of episodes need a policy without memory, got a recurrent network",
                () -> new FragmentCollector(COUNTER, 2, 0.9, false, 1).collect(recurrent, 3, 1));
        refused(
                "a chain of states and actions needs a policy without memory",
                () -> new TransitionStream(
                        COUNTER.environments().apply(1), recurrent, new SplitMix64(1), new SplitMix64(2)));
        assertEquals(
                20,
                collect(EpisodeCollector.whole(COUNTER, 20, 9), recurrent, 1)
                        .segments()
                        .size());
    }

    private static void refused(String sentence, Runnable action) {
        RuntimeException refused = assertThrows(RuntimeException.class, action::run);
        assertTrue(String.valueOf(refused.getMessage()).startsWith(sentence), refused.getMessage());
    }

    private static final class NanObservation extends Toys.Counter {
        @Override
        double observation(int step) {
            return step == 3 ? Double.NaN : step;
        }
    }

    private static final class NanReward extends Toys.Counter {
        @Override
        double reward(int step) {
            return step == 3 ? Double.NaN : step;
        }
    }

    /** Known ends of a walk on a pole that falls: the chain is the environment's, and begins anew after an end. */
    @Test
    void aWalkIsTheChainOfThePolicy() {
        TransitionStream walk = new TransitionStream(
                Task.of("limited", () -> new TimeLimit(new CartPole(), 12))
                        .environments()
                        .apply(1),
                Toys.policy(4, 2, 3),
                new SplitMix64(1),
                new SplitMix64(2));
        int ends = 0;
        for (int step = 0; step < 100; step++) {
            double[] input = walk.input();
            double[] action = walk.action();
            OnPolicyTransition transition = walk.advance();
            assertArrayEquals(input, transition.input(), 0);
            assertArrayEquals(action, transition.action(), 0);
            if (transition.ended()) {
                ends++;
                assertNotEquals(transition.nextInput()[0], walk.input()[0]);
            } else {
                assertArrayEquals(transition.nextInput(), walk.input(), 0);
                assertArrayEquals(transition.nextAction(), walk.action(), 0);
            }
        }
        assertTrue(ends >= 8);
    }
}
