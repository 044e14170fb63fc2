/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.data.Claim;
import org.amend4j.app.data.Destination;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.unlearn.UnlearnReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Unlearning on real data. */
@Command(
        name = "demo",
        description =
                "Subjects of the RAND Health Insurance Experiment ask to be forgotten: by a rewind with noise and a"
                        + " certificate, by an exact rewind, and in vain where a certificate would be worthless; with a table of costs,"
                        + " bounds and losses beside retraining and cold runs, and with attacks. If interrupted, it resumes where it"
                        + " stopped; if finished, it removes its services and starts anew.")
final class UnlearnDemoCommand extends Job {

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "amend4j-out/unlearn",
            description = "Where services, certificates, report and charts go (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        Destination.folder("--out", out);
        try (Claim claim = Claim.of("--out", out)) {
            return UnlearnReport.run(out, progress);
        }
    }
}
