/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.forget.AuditJob;
import org.amend4j.app.forget.ForgetfulFolder;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Attacks. */
@Command(
        name = "audit",
        description =
                "Attacks the newest release, a model trained on everything, and one retrained without the forgotten"
                        + " (both are trained in memory): can they be told from subjects never trained on? Changes nothing.")
final class UnlearnAuditCommand extends Job {

    @Mixin
    private ForgetfulOptions model = new ForgetfulOptions();

    @Option(
            names = "--holdout",
            paramLabel = "CSV",
            required = true,
            description = "Rows of at least 5 subjects that no model was trained on, with the same columns.")
    private Path holdout = Path.of("");

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Writes a page that a person can read, too; a new file.")
    private @Nullable Path html;

    @Option(
            names = "--shadows",
            paramLabel = "N",
            defaultValue = "16",
            description =
                    "Models to train for the likelihood ratio attack, each as dear as training the model once: an even"
                            + " number of at least 4, or 0 for none (default: ${DEFAULT-VALUE}).")
    private int shadows;

    @Mixin
    private MasterOption master = new MasterOption();

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        try (Cluster cluster = master.open("amend4j unlearn audit", device(), progress);
                ForgetfulFolder folder = model.openAt(cluster.blocks())) {
            return new AuditJob(folder, holdout, shadows, Optional.ofNullable(html)).run(cluster.tasks(), progress);
        }
    }
}
