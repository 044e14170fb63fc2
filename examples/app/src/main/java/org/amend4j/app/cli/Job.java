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
        if (json) {
            out.println(report.json());
        } else {
            print(report, out);
        }
    }

    /** Prints the result for people; a job that has shown some of it on its way prints the rest. */
    void print(Report report, PrintWriter out) {
        out.println(Sentence.printable(report.text()));
    }

    /** Whether the result is for programs. */
    final boolean isForPrograms() {
        return json;
    }
}
