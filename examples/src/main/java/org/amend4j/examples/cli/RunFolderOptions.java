package org.amend4j.examples.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a training is kept, so that it can go on. */
final class RunFolderOptions {

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where policies, checkpoints, metrics, report and chart go (default:"
                    + " amend4j-out/policy-train/ENV-ALGO).")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            defaultValue = "50",
            description = "Updates between checkpoints (default: ${DEFAULT-VALUE}).")
    private int checkpointEvery;

    @Option(names = "--resume", description = "Go on with the run in --out.")
    private boolean resume;

    Optional<Path> out() {
        return out;
    }

    int checkpointEvery() {
        return Options.atLeast(1, "--checkpoint-every", checkpointEvery);
    }

    boolean resume() {
        return resume;
    }
}
