/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.FolderLock;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.portable.PackageJob;
import org.amend4j.app.portable.PartSize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes an archive to measure another machine with. */
@Command(
        name = "package-job",
        description =
                "Packs doctor, tests of the kernels and bench with all they need, Java included, for a bare Linux machine with"
                        + " a card and CUDA's libraries (Python's will do): an archive in parts, and a script that checks, joins"
                        + " and unpacks them.")
final class PackageJobCommand extends Job {

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            defaultValue = "amend4j-out/job",
            description = "Where the parts go, new or empty (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("");

    @Option(
            names = "--part-size",
            paramLabel = "SIZE",
            defaultValue = "50m",
            description = "The most that a part may have, in bytes or with k, m, g for powers of 1000, in [100k, 2g]"
                    + " (default: ${DEFAULT-VALUE}).")
    private String partSize = "";

    @Option(names = "--replace", description = "Replace the earlier job in that folder.")
    private boolean replace;

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    Report run(Progress progress) throws IOException {
        PartSize most = PartSize.of(partSize);
        Destination.folder("--output", output);
        try (FolderLock claim = FolderLock.of("--output", output)) {
            return PackageJob.run(output, replace, most, Version.number(), progress);
        }
    }
}
