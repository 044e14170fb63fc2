/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Rollouts;

/** Where a training's numbered work is done; no result depends on it. Whoever made the place closes what it holds. */
public interface TrainingPlace {

    /** In this process: seeds, and the batches of each, one after the other. */
    TrainingPlace HERE = new TrainingPlace() {
        @Override
        public Rollouts rollouts(SavedPolicy policy, List<String> environments) {
            return Rollouts.HERE;
        }

        @Override
        public List<JsonNode> seeds(List<Long> seeds, OneSeed run) throws IOException, InterruptedException {
            List<JsonNode> results = new ArrayList<>();
            for (long seed : seeds) {
                results.add(run.of(seed));
            }
            return results;
        }
    };

    /** Trains one seed to its end in this process, or finds that it is finished. */
    @FunctionalInterface
    interface OneSeed {

        /** What {@code result.json} has. */
        JsonNode of(long seed) throws IOException, InterruptedException;
    }

    /**
     * Who plays the batches of a training.
     *
     * @param policy what learns, as it begins
     * @param environments names of those that it is trained and evaluated in
     */
    Rollouts rollouts(SavedPolicy policy, List<String> environments);

    /**
     * Trains seeds.
     *
     * @param run for those that are trained in this process; elsewhere it is {@link TrainJob#seed}
     * @return their results, in order
     * @throws InterruptedException if this thread is interrupted; what the seeds have reached is kept
     */
    List<JsonNode> seeds(List<Long> seeds, OneSeed run) throws IOException, InterruptedException;
}
