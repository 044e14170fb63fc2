/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.PrintWriter;
import org.amend4j.app.job.Report;
import org.amend4j.app.job.Sentence;
import picocli.CommandLine.Option;

/** A command that reports for people or as JSON, on standard output. */
abstract class Job extends ReportingCommand {

    @Option(
            names = "--json",
            description = "Print the result as JSON on standard output, and nothing else there.",
            order = 100)
    private boolean json;

    @Override
    final void deliver(Report report, PrintWriter out) {
        out.println(json ? report.json() : Sentence.printable(report.text()));
    }
}
