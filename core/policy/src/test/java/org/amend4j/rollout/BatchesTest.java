/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.CartPole;
import org.amend4j.environment.TimeLimit;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.NormalisingEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What numbered batches are, and that it does not matter where they are played. */
class BatchesTest {

    private static final int EPISODES = 11;

    private static Task pole() {
        return Task.of("pole", () -> new TimeLimit(new CartPole(), 30));
    }

    private static Policy policy() {
        return new Policy(
                Approximators.random(List.of(new DenseShape(4, 2, true, DenseActivation.IDENTITY)), 1, 1),
                new Categorical(2),
                new NormalisingEncoder(4));
    }

    private static Task away(int workers, boolean inOrder) {
        return pole().inBatchesOf(inOrder ? 3 : 1) // other sizes would be noticed
                .playedBy(new Elsewhere(BatchesTest::pole, BatchesTest::policy, workers, inOrder));
    }

    /** All that two collections gave and taught. */
    private static double[] episodes(Task task) {
        Policy policy = policy();
        List<double[]> all = new ArrayList<>();
        try (EpisodeCollector collector =
                EpisodeCollector.whole(task, EPISODES, 30).learning()) {
            for (int collection = 0; collection < 2; collection++) {
                add(collector.collect(policy, false, 5 + collection, 6 + collection), all);
            }
        }
        all.add(policy.encoder().statistics());
        return all.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] fragments(Task task) {
        Policy policy = policy();
        List<double[]> all = new ArrayList<>();
        try (FragmentCollector collector = new FragmentCollector(task, EPISODES, 0.9, true, 5)) {
            for (int collection = 0; collection < 3; collection++) {
                RolloutSegment fragment = collector.collect(policy, 17, 6 + collection);
                add(fragment.steps(), all);
                fragment.ended().forEach(episode -> all.add(new double[] {episode.reward(), episode.discounted()}));
            }
        }
        all.add(policy.encoder().statistics());
        return all.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    private static void add(TakenSteps steps, List<double[]> all) {
        all.add(steps.decisions().inputs());
        all.add(steps.decisions().actions());
        all.add(steps.rewards());
        all.add(steps.logProbabilities());
        for (Segment segment : steps.segments()) {
            all.add(segment.successor());
            all.add(new double[] {segment.begin(), segment.length(), segment.time()});
        }
    }

    @Test
    void one_batch_is_what_is_played_without_batches() {
        assertArrayEquals(episodes(pole()), episodes(pole().inBatchesOf(EPISODES)), 0);
        assertArrayEquals(episodes(pole()), episodes(pole().inBatchesOf(1_000)), 0);
        assertArrayEquals(fragments(pole()), fragments(pole().inBatchesOf(EPISODES)), 0);
        assertFalse(Arrays.equals(episodes(pole()), episodes(pole().inBatchesOf(5))));
    }

    @ParameterizedTest(name = "{0} workers")
    @ValueSource(ints = {1, 2, 3, 7})
    void batches_have_the_same_bits_whoever_plays_them(int workers) {
        assertArrayEquals(episodes(pole().inBatchesOf(3)), episodes(away(workers, true)), 0);
        assertArrayEquals(fragments(pole().inBatchesOf(3)), fragments(away(workers, true)), 0);
    }

    /** The twin of the law above. */
    @Test
    void results_in_the_order_of_arrival_are_other_results() {
        assertFalse(Arrays.equals(episodes(pole().inBatchesOf(1)), episodes(away(2, false))));
        assertFalse(Arrays.equals(fragments(pole().inBatchesOf(1)), fragments(away(2, false))));
    }

    /** So a batch's steps can be had without the others'. */
    @Test
    void a_batch_is_a_function_of_seeds_and_its_number() {
        Policy policy = policy();
        TakenSteps all =
                EpisodeCollector.whole(pole().inBatchesOf(4), EPISODES, 30).collect(policy, false, 5, 6);
        EpisodeBatch.End end = new EpisodeBatch.End(30, false);
        EpisodeBatch third = new EpisodeBatch(8, 3, end, false, 5, SplitMix64.draw(6, 2));
        PlayedSteps alone = third.play(new EnvironmentPool(pole()), policy);
        int from = all.segments().get(8).begin();
        assertArrayEquals(Arrays.copyOfRange(all.logProbabilities(), from, all.rows()), alone.logProbabilities(), 0);
    }

    /** Episode i begins with the i-th draw, and environment i with its seed, whatever the batches are. */
    @Test
    void starts_do_not_depend_on_batches() {
        Policy policy = policy();
        TakenSteps together = EpisodeCollector.whole(pole(), EPISODES, 30).collect(policy, false, 5, 6);
        TakenSteps divided =
                EpisodeCollector.whole(pole().inBatchesOf(2), EPISODES, 30).collect(policy, false, 5, 6);
        for (int i = 0; i < EPISODES; i++) {
            int one = 4 * together.segments().get(i).begin();
            int other = 4 * divided.segments().get(i).begin();
            assertArrayEquals(
                    Arrays.copyOfRange(together.decisions().inputs(), one, one + 4),
                    Arrays.copyOfRange(divided.decisions().inputs(), other, other + 4),
                    0);
        }
        assertArrayEquals(observations(pole()), observations(pole().inBatchesOf(2)), 0);
    }

    private static double[] observations(Task task) {
        try (FragmentCollector collector = new FragmentCollector(task, EPISODES, 0.9, false, 5)) {
            return collector.state().environments().rows().stream()
                    .flatMapToDouble(row -> Arrays.stream(row.observation()))
                    .toArray();
        }
    }

    /** Chan, Golub and LeVeque's merge rounds differently for another division: the order of teaching is a property of the run. */
    @Test
    void encoders_learn_batch_after_batch_in_order() {
        Policy taught = policy();
        TakenSteps all = EpisodeCollector.whole(pole().inBatchesOf(4), EPISODES, 30)
                .learning()
                .collect(taught, false, 5, 6);
        NormalisingEncoder expected = new NormalisingEncoder(4);
        Policy policy = policy();
        EpisodeBatch.End end = new EpisodeBatch.End(30, false);
        for (int k = 0; k < 3; k++) {
            new EpisodeBatch(4 * k, Math.min(4, EPISODES - 4 * k), end, false, 5, SplitMix64.draw(6, k))
                    .play(new EnvironmentPool(pole()), policy)
                    .teach(new Policy(policy.network(), policy.distribution(), expected));
        }
        assertArrayEquals(expected.statistics(), taught.encoder().statistics(), 0);
        assertEquals(all.rows() + 1e-4, taught.encoder().statistics()[0], 1e-9);
    }

    @Test
    void a_state_moves_between_collectors_here_and_elsewhere() {
        Policy policy = policy();
        double[] seen = policy.encoder().statistics();
        FragmentCollector here = new FragmentCollector(pole().inBatchesOf(3), EPISODES, 0.9, true, 5);
        here.collect(policy, 17, 1);
        FragmentCollector away = new FragmentCollector(away(2, true), EPISODES, 0.9, true, 99);
        away.restore(here.state());
        policy.encoder().setStatistics(seen);
        TakenSteps expected = here.collect(policy, 17, 2).steps();
        policy.encoder().setStatistics(seen);
        TakenSteps actual = away.collect(policy, 17, 2).steps();
        assertArrayEquals(expected.logProbabilities(), actual.logProbabilities(), 0);
        assertArrayEquals(expected.rewards(), actual.rewards(), 0);
        FragmentCollector back = new FragmentCollector(pole().inBatchesOf(3), EPISODES, 0.9, true, 98);
        back.restore(away.state());
        assertEquals(away.state().environments(), back.state().environments());
        assertEquals(here.state().rewards(), back.state().rewards());
    }

    @Test
    void batches_belong_to_what_identifies_a_run() {
        assertEquals("pole", pole().identity());
        assertEquals(
                "pole",
                pole().playedBy(new Elsewhere(BatchesTest::pole, BatchesTest::policy, 2, true))
                        .identity());
        assertNotEquals(pole().identity(), pole().inBatchesOf(3).identity());
        refused("size of a batch must be >= 1, got 0", () -> pole().inBatchesOf(0));
    }
}
