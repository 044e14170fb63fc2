/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.files.Destination;
import org.amend4j.app.forget.ForgetfulFolder;
import org.amend4j.app.forget.PlanReport;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prices a deletion. */
@Command(
        name = "plan",
        description =
                "How somebody could be forgotten, at what cost, with how much noise and what it leaves of the loss; changes"
                        + " nothing."
                        + " Requests that are pending are planned for as well.")
final class UnlearnPlanCommand extends Job {

    @Mixin
    private ForgetfulOptions model = new ForgetfulOptions();

    @Mixin
    private SubjectOptions subjects = new SubjectOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Write plan.json there, and trade-off.png: steps against noise and retained loss. Both read private"
                            + " data; without this option nothing is written.")
    private @Nullable Path out;

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException {
        if (out != null) {
            Destination.folder("--out", out);
        }
        try (ForgetfulFolder folder = model.open()) {
            return PlanReport.of(folder, subjects.names(), Optional.ofNullable(out));
        }
    }
}
