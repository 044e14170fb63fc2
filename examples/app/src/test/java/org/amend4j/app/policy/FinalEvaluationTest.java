/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.amend4j.algorithm.A2c;
import org.amend4j.algorithm.CheckpointRule;
import org.amend4j.algorithm.Optimizer;
import org.amend4j.algorithm.PeriodicEvaluation;
import org.amend4j.algorithm.Schedule;
import org.amend4j.algorithm.StopRule;
import org.amend4j.app.job.Progress;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Environments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;

/** A training ends with a best, a last and a kept policy. All earn the same here, so the first is the best, and no step moves a parameter. */
class FinalEvaluationTest {

    /** As no other batch has. */
    private static final int EPISODES = 7;

    private final AtomicInteger played = new AtomicInteger();

    @TempDir
    private Path folder;

    private JsonNode trained(boolean normalise) throws IOException, InterruptedException {
        EnvironmentSpec pole = Environments.of("CartPole-v1?limit=1");
        EnvironmentSpec counted = new EnvironmentSpec(
                pole.id(),
                pole.timeLimit(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                (rows, limit) -> {
                    played.addAndGet(rows == EPISODES ? 1 : 0);
                    return pole.maker().open(rows, limit);
                },
                Optional.empty());
        TrainSettings settings = new TrainSettings(
                counted,
                counted,
                A2c.Config.DEFAULT
                        .withBatch(2, 4)
                        .withMostNorm(0.1)
                        .withOptimizer(new Optimizer.Sgd(0), Schedule.constant(Double.MIN_VALUE)),
                new Start.Fresh(List.of(4), Activation.TANH, false, normalise, Optional.empty()),
                StopRule.steps(8),
                CheckpointRule.everyUpdates(1_000),
                new EvaluationChoice(Optional.of(new PeriodicEvaluation.Config(8, 3, false)), EPISODES),
                Optional.empty(),
                List.of());
        return SeedRun.run(settings, 1, folder, TrainingPlace.HERE, Progress.to(new PrintWriter(Writer.nullWriter())));
    }

    /** Once with drawn actions, and once with the most likely ones. */
    @Test
    void onePolicyUnderThreeNamesPlaysOnce() throws IOException, InterruptedException {
        JsonNode result = trained(false);
        assertEquals("same", result.at("/bestOrLast/better").asText());
        assertEquals(2, played.get());
        assertEquals(result.at("/best/evaluation"), result.at("/evaluation"));
    }

    @Test
    void policiesOfDifferentStatisticsAreNotOne() throws IOException, InterruptedException {
        JsonNode result = trained(true);
        assertEquals("unclear", result.at("/bestOrLast/better").asText());
        assertEquals(2 * 2, played.get());
        assertEquals(result.at("/last/evaluation"), result.at("/evaluation"));
    }
}
