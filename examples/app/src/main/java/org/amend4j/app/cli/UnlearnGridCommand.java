/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.forget.RandHieGrid;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import picocli.CommandLine.Command;

/** What rewinding costs, everywhere. */
@Command(
        name = "grid",
        description =
                "Rewinds on ten splits of the RAND Health Insurance Experiment: weight decay, subjects and share of steps"
                        + " redone, useless and refused ones among them, beside cold runs of equal cost. A few minutes.")
final class UnlearnGridCommand extends FolderJob {

    UnlearnGridCommand() {
        super("amend4j-out/unlearn-grid");
    }

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Path out, Progress progress) throws IOException {
        return RandHieGrid.run(out, progress);
    }
}
