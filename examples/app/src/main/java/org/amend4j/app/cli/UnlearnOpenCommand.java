/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.forget.ForgetfulFolder;
import org.amend4j.app.forget.OpenJob;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Opens the commitments of a certificate. */
@Command(
        name = "open",
        description =
                "Opens what a certificate commits to, for an auditor: the ids of the records that were deleted and"
                        + " retained, and the hash of the parameters rewound to, each with the key of its commitment. Whoever has"
                        + " the file knows which records were deleted: it is not to be published.")
final class UnlearnOpenCommand extends Job {

    @Mixin
    private ForgetfulOptions model = new ForgetfulOptions();

    @Option(
            names = "--release",
            paramLabel = "NUMBER",
            description = "The release whose certificate is opened (default: the newest).")
    private @Nullable Integer release;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "A new file, for unlearn verify --opening.")
    private Path out = Path.of("");

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException {
        try (ForgetfulFolder folder = model.open()) {
            return new OpenJob(folder).open(release == null ? folder.latestRelease() : release, out);
        }
    }
}
