/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.data.Claim;
import org.amend4j.app.data.Destination;
import org.amend4j.app.descent.DescentReport;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Step rules on real data. */
@Command(
        name = "demo",
        description = "Softmax regression and a small network by LoRA on MobileNetV2 features of ten kinds of clothes:"
                + " constant, guaranteed, adaptive and backtracking steps beside the bounds of two theorems."
                + " If interrupted, it resumes where it stopped.")
final class DescentDemoCommand extends Job {

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "amend4j-out/descent",
            description = "Where trajectories, report and charts go (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Progress progress) throws IOException {
        Destination.folder("--out", out);
        try (Claim claim = Claim.of("--out", out);
                Compute compute = Compute.open(device(), precision.precision(), progress)) {
            return DescentReport.run(out, compute, progress);
        }
    }
}
