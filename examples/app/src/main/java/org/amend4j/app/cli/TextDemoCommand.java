/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.textdemo.TextDemo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Language models on real texts. */
@Command(
        name = "demo",
        description =
                "A sentence encoder (MiniLM) learns the 15 categories of the Brown corpus: head only, LoRA, full fine-tuning of"
                        + " the last two layers. Then a small language model that has read Jane Austen alone learns Herman Melville by"
                        + " LoRA: perplexities, and how prompts go on before and after.")
final class TextDemoCommand extends FolderJob {

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of first weights, order and draws (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    TextDemoCommand() {
        super("amend4j-out/text");
    }

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Path out, Progress progress) throws IOException {
        try (Compute compute = Compute.open(wanted(), precision.precision(), progress)) {
            return TextDemo.run(out, seed, compute, progress);
        }
    }
}
