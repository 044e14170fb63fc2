/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.descent.DescentReport;
import org.amend4j.app.descent.Losses;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.data.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Step rules on real data. */
@Command(
        name = "demo",
        description = "Softmax regression and a small network by LoRA on MobileNetV2 features of ten kinds of clothes:"
                + " constant, guaranteed, adaptive and backtracking steps beside the bounds of two theorems."
                + " If interrupted, it resumes where it stopped.")
final class DescentDemoCommand extends FolderJob {

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Mixin
    private MasterOption master = new MasterOption();

    @Option(
            names = "--block-size",
            paramLabel = "N",
            description =
                    "Add records up in blocks of N, in a fixed order: the same bits here and on any cluster (default: undivided;"
                            + " " + MasterOption.BLOCK_SIZE + " with --master).")
    private @Nullable Integer blockSize;

    DescentDemoCommand() {
        super("amend4j-out/descent");
    }

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Path out, Progress progress) throws IOException {
        if (blockSize == null && master.master().isEmpty()) {
            try (Compute compute = Compute.open(wanted(), precision.precision(), progress)) {
                return DescentReport.run(out, Losses.on(compute), progress);
            }
        }
        requireDouble();
        int width = OptionRules.atLeast(1, "--block-size", master.blockSize(blockSize));
        try (Cluster cluster = master.open("amend4j descent demo", device(), progress)) {
            return DescentReport.run(out, Losses.inBlocks(width, cluster), progress);
        }
    }

    private void requireDouble() {
        if (precision.precision() != ProductPrecision.FP32) {
            throw new BadInputException("--precision must be fp32 with --block-size or --master, got "
                    + precision.precision().name().toLowerCase(Locale.ROOT)
                    + ": blocks are computed by Deeplearning4j");
        }
    }
}
