/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.amend4j.environment.Autoreset;
import org.amend4j.environment.RewardNormaliser;
import org.amend4j.environment.VectorSnapshot;
import org.amend4j.rollout.FragmentCollector;
import org.amend4j.rollout.FragmentState;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.Task;

/** A {@link FragmentCollector}: made of settings, and its state as named arrays. */
final class CollectorState {

    private static final String ROW = "environment.row";

    private CollectorState() {}

    /** A collector at its beginning. */
    static FragmentCollector begin(Fragments fragments, Task task, Seeds seeds) {
        return new FragmentCollector(
                task,
                fragments.environments(),
                fragments.gae().gamma(),
                fragments.normaliseRewards(),
                seeds.seed(Purpose.ENVIRONMENT, 0));
    }

    static void save(FragmentCollector collector, TrainingState state) {
        FragmentState all = collector.state();
        state.put("environment.episodes", all.episodes());
        List<VectorSnapshot.Row> rows = all.environments().rows();
        for (int i = 0; i < rows.size(); i++) {
            VectorSnapshot.Row row = rows.get(i);
            state.putIntegers(ROW + i + ".seeds", row.seed(), row.generator(), row.ended() ? 1 : 0);
            state.put(ROW + i + ".actions", row.actions());
            state.put(ROW + i + ".observation", row.observation());
            state.put(ROW + i + ".rewards", row.rewards());
        }
        if (!all.rewards().isEmpty()) {
            state.put("rewards.returns", flat(all.rewards(), RewardNormaliser.State::returns));
            state.put("rewards.statistics", flat(all.rewards(), scale ->
                    new double[] {scale.discount(), scale.count(), scale.mean(), scale.variance()}));
        }
    }

    private static double[] flat(List<RewardNormaliser.State> all, Function<RewardNormaliser.State, double[]> numbers) {
        return all.stream().map(numbers).flatMapToDouble(Arrays::stream).toArray();
    }

    static void restore(FragmentCollector collector, TrainingState state) {
        int observation = collector.observationSpace().size();
        List<VectorSnapshot.Row> rows = new ArrayList<>();
        for (int i = 0; i < collector.rows(); i++) {
            long[] seeds = state.getIntegers(ROW + i + ".seeds", 3);
            rows.add(new VectorSnapshot.Row(
                    seeds[0],
                    state.get(ROW + i + ".actions"),
                    seeds[2] == 1,
                    state.get(ROW + i + ".observation", observation),
                    state.get(ROW + i + ".rewards", 1)[0],
                    seeds[1]));
        }
        VectorSnapshot environments =
                new VectorSnapshot(collector.observationSpace(), collector.actionSpace(), Autoreset.SAME_STEP, rows);
        collector.restore(
                new FragmentState(environments, state.get("environment.episodes"), rewards(collector, state)));
    }

    private static List<RewardNormaliser.State> rewards(FragmentCollector collector, TrainingState state) {
        List<RewardNormaliser.State> all = new ArrayList<>();
        if (collector.normalisesRewards()) {
            int most = collector.rowsOfBatch();
            double[] returns = state.get("rewards.returns", collector.rows());
            double[] numbers = state.get("rewards.statistics", 4 * ((collector.rows() - 1) / most + 1));
            for (int k = 0; 4 * k < numbers.length; k++) {
                double[] own = Arrays.copyOfRange(returns, k * most, Math.min((k + 1) * most, returns.length));
                all.add(new RewardNormaliser.State(
                        numbers[4 * k], own, numbers[4 * k + 1], numbers[4 * k + 2], numbers[4 * k + 3]));
            }
        }
        return all;
    }
}
