/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.forget.ClothesForget;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import picocli.CommandLine.Command;

/** A user taken out of an adapter. */
@Command(
        name = "clothes",
        description =
                "A LoRA adapter on a public base is fine-tuned on pictures of 100 made-up users, and one of them is taken"
                        + " out of it: by a rewind with noise and a certificate, and exactly from a single epoch, which is then"
                        + " measured for every user. Starts anew each time but for the pictures' features.")
final class UnlearnClothesCommand extends FolderJob {

    UnlearnClothesCommand() {
        super("amend4j-out/clothes");
    }

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Path out, Progress progress) throws IOException, InterruptedException {
        return ClothesForget.run(out, progress);
    }
}
