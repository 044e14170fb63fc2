/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amend4j.environment.Environment;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.Gaussian;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;

/** Environments get points of their space of actions, and learners what was drawn. */
class SentActionsTest {

    private static final Space.Box ACTIONS = new Space.Box(new double[] {-0.5, 0}, new double[] {0.25, 2});

    /** Shows the action that it got, and refuses what its space does not contain, as environments of Gymnasium may. */
    private static final class Strict implements Environment {

        private int steps;

        @Override
        public Space observationSpace() {
            return Space.Box.symmetric(100, 100);
        }

        @Override
        public Space actionSpace() {
            return ACTIONS;
        }

        @Override
        public double[] reset(long seed) {
            steps = 0;
            return new double[2];
        }

        @Override
        public StepResult step(double... action) {
            assertTrue(ACTIONS.contains(action), "an action outside of its space");
            steps++;
            return new StepResult(action.clone(), action[0], steps == 5, false);
        }
    }

    private static final Task STRICT = Task.of("strict", Strict::new);

    /** Nine of ten actions lie outside. */
    private static Policy policy() {
        return new Policy(
                Approximators.zero(List.of(new DenseShape(2, 2, true, DenseActivation.IDENTITY))),
                Gaussian.fixed(3, 3),
                new ObservationEncoder.AsIs(2));
    }

    private static double[] action(TakenSteps steps, int row) {
        double[] actions = steps.decisions().actions();
        return new double[] {actions[2 * row], actions[2 * row + 1]};
    }

    /** What each step showed is the nearest point to what is kept, whose probability is that of what was drawn. */
    private static int outside(TakenSteps steps) {
        int outside = 0;
        for (Segment segment : steps.segments()) {
            for (int row = segment.begin(); row < segment.end(); row++) {
                double[] drawn = action(steps, row);
                double[] shown = new double[2];
                if (row + 1 < segment.end()) {
                    System.arraycopy(steps.decisions().inputs(), 2 * (row + 1), shown, 0, 2);
                } else {
                    shown = segment.successor();
                }
                assertArrayEquals(ACTIONS.nearest(drawn), shown, 0);
                outside += ACTIONS.contains(drawn) ? 0 : 1;
            }
        }
        assertArrayEquals(policy().evaluate(steps.decisions()).logProbabilities(), steps.logProbabilities(), 1e-12);
        return outside;
    }

    @Test
    void whole_episodes_send_the_nearest_point_and_keep_what_was_drawn() {
        TakenSteps steps = EpisodeCollector.whole(STRICT, 20, 5).collect(policy(), false, 1, 2);
        assertTrue(outside(steps) > 80);
    }

    @Test
    void fragments_send_the_nearest_point_and_keep_what_was_drawn() {
        FragmentCollector collector = new FragmentCollector(STRICT, 4, 0.9, false, 1);
        TakenSteps first = collector.collect(policy(), 13, 1).steps();
        assertTrue(outside(first) > 40);
        FragmentCollector again = new FragmentCollector(STRICT, 4, 0.9, false, 7);
        again.restore(collector.state()); // replays what was sent
        assertArrayEquals(
                collector.collect(policy(), 13, 2).steps().decisions().inputs(),
                again.collect(policy(), 13, 2).steps().decisions().inputs(),
                0);
    }

    @Test
    void fragments_and_episodes_that_are_played_elsewhere_send_the_nearest_point() {
        Rollouts elsewhere = new Elsewhere(() -> STRICT, SentActionsTest::policy, 2, true);
        Task task = STRICT.inBatchesOf(3).playedBy(elsewhere);
        assertTrue(outside(new FragmentCollector(task, 6, 0.9, false, 1)
                        .collect(policy(), 13, 1)
                        .steps())
                > 60);
        assertTrue(outside(EpisodeCollector.whole(task, 12, 5).collect(policy(), false, 1, 2)) > 40);
    }

    @Test
    void greedy_episodes_send_the_nearest_point() {
        Policy far = policy();
        far.setParameters(new double[] {0, 0, 0, 0, 7, -7});
        TakenSteps steps = EpisodeCollector.whole(STRICT, 1, 5).collect(far, true, 1, 2);
        assertArrayEquals(new double[] {7, -7}, action(steps, 3), 0);
        assertArrayEquals(new double[] {0.25, 0}, steps.segments().get(0).successor(), 0);
    }

    @Test
    void a_walk_sends_the_nearest_point_and_tells_what_was_drawn() {
        TransitionStream walk =
                new TransitionStream(STRICT.environments().apply(1), policy(), new SplitMix64(1), new SplitMix64(2));
        List<double[]> drawn = new ArrayList<>();
        for (int step = 0; step < 50; step++) {
            OnPolicyTransition transition = walk.advance();
            assertArrayEquals(ACTIONS.nearest(transition.action()), transition.nextInput(), 0);
            drawn.add(transition.action());
        }
        assertTrue(drawn.stream().filter(action -> !ACTIONS.contains(action)).count() > 40);
    }

    @Test
    void the_nearest_point_is_in_the_space_and_that_of_a_point_is_itself() {
        assertArrayEquals(new double[] {0.25, 0}, ACTIONS.nearest(1e300, -1), 0);
        assertArrayEquals(new double[] {0.1, 1.5}, ACTIONS.nearest(0.1, 1.5), 0);
        Space.Dict dict = new Space.Dict(Map.of("box", ACTIONS));
        assertArrayEquals(new double[] {-0.5, 2}, dict.nearest(-3, 3), 0);
        assertEquals(4, new Space.Discrete(5).nearest(4)[0]);
        assertArrayEquals(
                new double[] {-1e9},
                Space.Box.symmetric(Double.POSITIVE_INFINITY).nearest(-1e9),
                0);
    }
}
