/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.forget.EvalReport;
import org.amend4j.app.forget.ForgetfulFolder;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Evaluates. */
@Command(
        name = "eval",
        description =
                "How many rows that no model was trained on the newest release gets right, and if asked a retrained model;"
                        + " changes nothing.")
final class UnlearnEvalCommand extends Job {

    @Mixin
    private ForgetfulOptions model = new ForgetfulOptions();

    @Mixin
    private HoldoutOptions holdout = new HoldoutOptions();

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException {
        Path rows = holdout.holdout().orElseThrow(() -> new MissingOptionException("Missing option: --holdout=CSV"));
        try (ForgetfulFolder folder = model.open()) {
            return EvalReport.of(folder, rows, holdout.retrained(), progress);
        }
    }
}
