package org.amend4j.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.examples.job.Progress;
import org.amend4j.examples.job.Report;
import org.amend4j.examples.portable.PackageJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes an archive to measure another machine with. */
@Command(
        name = "package-job",
        description =
                "Packs amend4j bench with all it needs for a Linux machine that has only a JDK and CUDA's libraries:"
                        + " an archive in parts below 60 MB, and a script that checks, joins and unpacks them.")
final class PackageJobCommand extends Job {

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            defaultValue = "amend4j-out/job",
            description = "Where the parts go, new or empty (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("");

    @Option(names = "--replace", description = "Replace the earlier job in that folder.")
    private boolean replace;

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    Report run(Progress progress) throws IOException {
        return PackageJob.run(output, replace, Version.number(), progress);
    }
}
