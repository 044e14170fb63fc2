/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.data.Claim;
import org.amend4j.app.data.Destination;
import org.amend4j.app.forget.RandHieGrid;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What rewinding costs, everywhere. */
@Command(
        name = "grid",
        description =
                "Rewinds on ten splits of the RAND Health Insurance Experiment: weight decay, subjects and share of steps"
                        + " redone, useless and refused ones among them, beside cold runs of equal cost. A few minutes.")
final class UnlearnGridCommand extends Job {

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "amend4j-out/unlearn-grid",
            description = "Where grid.json goes (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException {
        Destination.folder("--out", out);
        try (Claim claim = Claim.of("--out", out)) {
            return RandHieGrid.run(out, progress);
        }
    }
}
