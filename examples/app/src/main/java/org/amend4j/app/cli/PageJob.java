/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.amend4j.app.files.Destination;
import org.amend4j.app.job.Report;
import org.amend4j.app.page.ReportPage;
import org.amend4j.data.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A job with a result that can be kept, for programs and for people. */
abstract class PageJob extends Job {

    private static final String ENDING = ".json";

    @Option(
            names = "--report",
            paramLabel = "FILE.json",
            description =
                    "Also keep the result: as JSON in this file, and as a page for people in FILE.html beside it.",
            order = 100)
    private @Nullable Path report;

    /** What the page is about. */
    abstract String title();

    /** Whether there will be a page. */
    final boolean hasPage() {
        return report != null;
    }

    @Override
    final void requireDestination() throws IOException {
        if (report != null) {
            if (!report.toString().endsWith(ENDING)) {
                throw new BadInputException("--report must end in " + ENDING + ", got " + report);
            }
            Destination.file("--report", report);
            Destination.file("--report", ReportPage.file(report));
            ReportPage.requireReplaceable("--report", report, title());
        }
    }

    @Override
    final Report keep(Report done) throws IOException {
        if (report == null) {
            return done;
        }
        // again: the job may have made a file of that name
        ReportPage.requireReplaceable("--report", report, title());
        return done.keep(report, title(), List.of());
    }
}
