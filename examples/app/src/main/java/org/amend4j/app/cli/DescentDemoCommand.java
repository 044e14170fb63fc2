/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.descent.DescentReport;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Step rules on real data. */
@Command(
        name = "demo",
        description = "Softmax regression and a small network by LoRA on MobileNetV2 features of ten kinds of clothes:"
                + " constant, guaranteed, adaptive and backtracking steps beside the bounds of two theorems."
                + " If interrupted, it resumes where it stopped.")
final class DescentDemoCommand extends FolderJob {

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    DescentDemoCommand() {
        super("amend4j-out/descent");
    }

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Path out, Progress progress) throws IOException {
        try (Compute compute = Compute.open(device(), precision.precision(), progress)) {
            return DescentReport.run(out, compute, progress);
        }
    }
}
