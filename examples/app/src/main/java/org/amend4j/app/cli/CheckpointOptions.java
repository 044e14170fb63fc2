/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.files.Destination;
import org.amend4j.app.lora.CheckpointPlace;
import picocli.CommandLine.Option;

/** How the state of a training is kept while it runs, next to the new folder that it will make. */
final class CheckpointOptions {

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            description = "Steps between checkpoints (default: one every 10 seconds, fewer if they take more than a"
                    + " hundredth of the time).")
    private Optional<Integer> every = Optional.empty();

    @Option(names = "--resume", description = "Go on with the training of --out that was stopped, from its checkpoint.")
    private boolean resume;

    /** In steps, if not by the clock. */
    Optional<Integer> every() {
        return every;
    }

    /** Before anything is written or claimed. */
    void check(Path out) {
        every.ifPresent(steps -> OptionRules.atLeast(1, "--checkpoint-every", steps));
        if (resume) {
            CheckpointPlace.requireUnfinished(out);
        }
        Destination.somethingNew("--out", out);
    }

    /** Where checkpoints go; the folder that will be made is claimed. */
    CheckpointPlace place(Path out) {
        return CheckpointPlace.of(out, resume);
    }
}
