/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.FolderLock;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;

/** A job that makes a file or folder that is not there yet, and that no other run may be making. */
abstract class MakingJob extends PageJob {

    /** What {@code --out} names. */
    abstract Path out();

    /** Makes it. */
    abstract Report make() throws IOException;

    @Override
    final Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    final Report run(Progress progress) throws IOException {
        Destination.somethingNew("--out", out());
        try (FolderLock claim = FolderLock.of("--out", out())) {
            return make();
        }
    }
}
