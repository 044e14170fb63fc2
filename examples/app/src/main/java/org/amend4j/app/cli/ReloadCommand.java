/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.amend4j.app.demo.Reloaded;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The demo's second process. */
@Command(name = "reload", hidden = true, description = "Tests the demo's saved adapter.")
final class ReloadCommand extends Job {

    @Option(names = "--from", paramLabel = "DIR", required = true, description = "The demo's output folder.")
    private Path from = Path.of("");

    @Override
    Computing computing() {
        return Computing.PREDICTIONS;
    }

    @Override
    Report run(Progress progress) throws IOException {
        Reloaded reloaded = Reloaded.here(from);
        return new Report(
                reloaded,
                String.format(
                        Locale.ROOT,
                        "unmerged %.1f %%, merged %.1f %%",
                        100 * reloaded.unmerged(),
                        100 * reloaded.merged()));
    }
}
