package org.amend4j.examples.cli;

import java.io.IOException;
import org.amend4j.examples.forget.ForgetfulFolder;
import org.amend4j.examples.forget.PlanReport;
import org.amend4j.examples.job.Progress;
import org.amend4j.examples.job.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prices a deletion. */
@Command(
        name = "plan",
        description = "How somebody could be forgotten, at what cost and with how much noise; changes nothing."
                + " Requests that are pending are planned for as well.")
final class UnlearnPlanCommand extends Job {

    @Mixin
    private ForgetfulOptions model = new ForgetfulOptions();

    @Mixin
    private SubjectOptions subjects = new SubjectOptions();

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException {
        try (ForgetfulFolder folder = model.open()) {
            return PlanReport.of(folder, subjects.names());
        }
    }
}
