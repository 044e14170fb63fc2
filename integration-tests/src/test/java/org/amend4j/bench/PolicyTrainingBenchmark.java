/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.Preset;
import org.amend4j.algorithm.Presets;
import org.amend4j.rollout.PolicyScores;

/**
 * Trains every preset from scratch with the seeds 1 to 5, none left out: environment steps, seconds of the training, and 100
 * episodes of the policy it ended with, actions drawn and greedy.
 */
public final class PolicyTrainingBenchmark {

    private static final int SEEDS = 5;
    private static final int EPISODES = 100;

    private PolicyTrainingBenchmark() {}

    /**
     * Measures and prints.
     *
     * @param arguments the directory of the results; optionally the number of seeds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("policy-training", Machine.prepare());
        boolean usual = arguments.length < 2 || arguments[1].equals("default");
        int seeds = usual ? SEEDS : Integer.parseInt(arguments[1]);
        report.note("");
        report.note("| environment, algorithm, seed | ended by | steps | seconds | steps/s | drawn | greedy |");
        report.note("|---|---|---|---|---|---|---|");
        for (Preset preset : Presets.all()) {
            List<Double> drawn = new ArrayList<>();
            for (long seed = 1; seed <= seeds; seed++) {
                drawn.add(train(report, preset, seed));
            }
            report.keep(preset.environment() + " " + preset.config().algorithm(), drawn);
        }
        report.write(Path.of(arguments[0]));
    }

    private static double train(BenchReport report, Preset preset, long seed) {
        PolicyTraining training = preset.training(seed);
        long begin = System.nanoTime();
        String end = training.run().name();
        double seconds = (System.nanoTime() - begin) / 1e9;
        PolicyScores drawn = score(preset, training, false, seed);
        PolicyScores greedy = score(preset, training, true, seed);
        long steps = training.algorithm().steps();
        report.note(String.format(
                Locale.ROOT,
                "| %s, %s, %d | %s | %,d | %.2f | %,.0f | %.1f | %.1f |",
                preset.environment(),
                preset.config().algorithm(),
                seed,
                end,
                steps,
                seconds,
                steps / seconds,
                drawn.mean(),
                greedy.mean()));
        return drawn.mean();
    }

    private static PolicyScores score(Preset preset, PolicyTraining training, boolean greedy, long seed) {
        return PolicyScores.of(
                training.algorithm().policy(), preset.task(), EPISODES, greedy, 0.99, 10_000, 1_000 + seed);
    }
}
