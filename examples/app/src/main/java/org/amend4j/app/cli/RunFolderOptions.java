/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.amend4j.algorithm.CheckpointRule;
import picocli.CommandLine.Option;

/** Where a training is kept, so that it can go on. */
final class RunFolderOptions {

    private static final Duration APART = Duration.ofSeconds(5);

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where policies, checkpoints, metrics, report and chart go (default:"
                    + " amend4j-out/policy-train/ENV-ALGO).")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            description = "Updates between checkpoints (default: one every 5 seconds).")
    private Optional<Integer> checkpointEvery = Optional.empty();

    @Option(
            names = "--resume",
            description = "Go on with the run in --out; with more --steps than it had, beyond its end.")
    private boolean resume;

    Optional<Path> out() {
        return out;
    }

    CheckpointRule checkpoints() {
        return checkpointEvery
                .map(updates -> CheckpointRule.everyUpdates(OptionRules.atLeast(1, "--checkpoint-every", updates)))
                .orElse(CheckpointRule.apart(APART));
    }

    boolean resume() {
        return resume;
    }
}
