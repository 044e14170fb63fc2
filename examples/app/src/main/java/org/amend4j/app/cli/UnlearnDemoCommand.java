/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.unlearn.UnlearnReport;
import picocli.CommandLine.Command;

/** Unlearning on real data. */
@Command(
        name = "demo",
        description =
                "Subjects of the RAND Health Insurance Experiment ask to be forgotten: by a rewind with noise and a"
                        + " certificate, by an exact rewind, and in vain where a certificate would be worthless; with a table of costs,"
                        + " bounds and losses beside retraining and cold runs, and with attacks. If interrupted, it resumes where it"
                        + " stopped; if finished, it removes its services and starts anew.")
final class UnlearnDemoCommand extends FolderJob {

    UnlearnDemoCommand() {
        super("amend4j-out/unlearn");
    }

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Path out, Progress progress) throws IOException, InterruptedException {
        return UnlearnReport.run(out, progress);
    }
}
