/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.data.Claim;
import org.amend4j.app.data.Destination;
import org.amend4j.app.forget.ClothesForget;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A user taken out of an adapter. */
@Command(
        name = "clothes",
        description =
                "A LoRA adapter on a public base is fine-tuned on pictures of 100 made-up users, and one of them is taken"
                        + " out of it: by a rewind with noise and a certificate, and exactly from a single epoch, which is then"
                        + " measured for every user. Starts anew each time but for the pictures' features.")
final class UnlearnClothesCommand extends Job {

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "amend4j-out/clothes",
            description = "Where services, certificates and the report go (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        Destination.folder("--out", out);
        try (Claim claim = Claim.of("--out", out)) {
            return ClothesForget.run(out, progress);
        }
    }
}
