/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Stopping;
import org.amend4j.app.policy.TrainingPlace;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Rollouts;

/** Policies trained on a cluster: several seeds at the same time, a seed in one process each; the episodes of a single one anywhere. */
record ClusterTraining(Cluster cluster, SentSeed work, Progress progress) implements TrainingPlace {

    @Override
    public Rollouts rollouts(SavedPolicy policy, List<String> environments) {
        return cluster.rollouts(policy, environments);
    }

    @Override
    public List<JsonNode> seeds(List<Long> seeds, OneSeed run) throws IOException, InterruptedException {
        if (seeds.size() == 1) {
            return List.of(run.of(seeds.get(0)));
        }
        List<byte[]> found = found(seeds);
        List<JsonNode> results = new ArrayList<>();
        for (int k = 0; k < seeds.size(); k++) {
            results.add(work.result(seeds.get(k), found.get(k)));
        }
        return results;
    }

    /** This thread is the one that a stopped process interrupts: those that train may be in others. */
    private List<byte[]> found(List<Long> seeds) throws IOException, InterruptedException {
        try (Stopping stopping = Stopping.with(work.howToGoOn());
                Progress.Stage stage = progress.stage("seeds", seeds.size())) {
            return cluster.tasks().run("seeds", seeds, work, stage);
        } catch (InterruptedException e) {
            throw new InterruptedException(work.howToGoOn());
        }
    }
}
