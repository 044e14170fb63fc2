/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.demo.Demo;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main job on real input. */
@Command(
        name = "demo",
        description =
                "Adapts a pretrained MobileNetV2 to ten kinds of clothes: head only and LoRA, with --full also full"
                        + " fine-tuning.")
final class DemoCommand extends FolderJob {

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of first weights and order (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--full",
            description = "Also fine-tune the last blocks in full with stock Deeplearning4j, which doubles the time.")
    private boolean fully;

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    DemoCommand() {
        super("amend4j-out/demo");
    }

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Path out, Progress progress) throws IOException {
        try (Compute compute = Compute.open(wanted(), precision.precision(), progress)) {
            return Demo.run(out, seed, fully, compute, progress);
        }
    }
}
