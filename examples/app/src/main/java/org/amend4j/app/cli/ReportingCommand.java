/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.page.ReportPage;
import org.amend4j.cuda.choice.Devices;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that does something and reports it. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false)
abstract class ReportingCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private DeviceOption device = new DeviceOption();

    /** Before the job starts: nothing has logged yet. */
    @Option(names = "--verbose", description = "Show what the libraries log, and stack traces.", order = 101)
    void setVerbose(boolean verbose) {
        if (verbose) {
            Configurator.setRootLevel(Level.INFO);
            Configurator.setLevel("org.amend4j", Level.INFO);
        }
    }

    /** Where the command can compute. */
    abstract Computing computing();

    /** What the user wants it to compute on; one that {@link #computing} allows. */
    final Devices.Wanted wanted() {
        return device.wanted();
    }

    /** Of what kind that is. */
    final Devices.Choice device() {
        return wanted().choice();
    }

    /**
     * Does the work.
     *
     * @param progress where to tell how far it is
     * @throws org.amend4j.data.BadInputException if the user can set it right
     */
    abstract Report run(Progress progress) throws Exception;

    /**
     * Looks at where results are to go, before the work.
     *
     * @throws org.amend4j.data.BadInputException if they cannot go there
     */
    void requireDestination() throws IOException {}

    /** Leaves the result in a file, if that is wanted and the work has not done it. */
    Report keep(Report report) throws IOException {
        return report;
    }

    /** Gives the result to the user. */
    abstract void deliver(Report report, PrintWriter out) throws IOException;

    @Override
    public final Integer call() throws Exception {
        device.check(spec.qualifiedName(), computing());
        requireDestination();
        Report report = run(Progress.to(spec.commandLine().getErr()));
        deliver(report, spec.commandLine().getOut());
        spec.commandLine().getOut().flush();
        // last: what was printed is not lost with it
        ReportPage.write(keep(report), words(), Version.number());
        return exitCode(report);
    }

    /** What the user typed after the program's name. */
    final List<String> words() {
        return spec.root().commandLine().getParseResult().originalArgs();
    }

    /** The same, with the words of files (@FILE) in their places. */
    final List<String> expandedWords() {
        return spec.root().commandLine().getParseResult().expandedArgs();
    }

    /** What the process ends with once the result is printed. */
    int exitCode(Report report) {
        return 0;
    }
}
