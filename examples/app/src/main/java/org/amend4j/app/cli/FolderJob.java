/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.FolderLock;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import picocli.CommandLine.Option;

/** A job with a folder as its result, which no other run may be writing. */
abstract class FolderJob extends Job {

    @Option(names = "--out", paramLabel = "DIR", description = "Where results go (default: ${DEFAULT-VALUE}).")
    private Path out;

    /**
     * A job.
     *
     * @param folder where results go if the user names no folder
     */
    FolderJob(String folder) {
        this.out = Path.of(folder);
    }

    /** Does the work in a folder that is claimed. */
    abstract Report run(Path folder, Progress progress) throws Exception;

    @Override
    final Report run(Progress progress) throws Exception {
        Destination.folder("--out", out);
        try (FolderLock claim = FolderLock.of("--out", out)) {
            return run(out, progress);
        }
    }
}
