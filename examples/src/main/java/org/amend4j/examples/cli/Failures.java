package org.amend4j.examples.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.job.Stopping;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** What the user sees when something goes wrong: one sentence, and the stack trace only with {@code --verbose}. */
final class Failures {

    private Failures() {}

    /** An option that picocli cannot parse. */
    static int badOption(ParameterException failure, String[] args) {
        CommandLine line = failure.getCommandLine();
        line.getErr().println(sentence(failure));
        line.getErr()
                .println("Try '" + line.getCommandSpec().qualifiedName() + " --help' for what this command takes.");
        trace(failure, line.getErr(), Arrays.asList(args).contains("--verbose"));
        return Amend4j.BAD_INPUT;
    }

    /** An exception of the job itself. */
    static int failed(Exception failure, CommandLine line, ParseResult parsed) {
        boolean verbose = parsed.expandedArgs().contains("--verbose");
        PrintWriter err = line.getErr();
        if (failure instanceof BadInputException) {
            err.println(sentence(failure));
            trace(failure, err, verbose);
            return Amend4j.BAD_INPUT;
        }
        if (failure instanceof InterruptedException) {
            if (!Stopping.isStopped()) {
                err.println("amend4j: interrupted. " + sentence(failure));
            }
            return Amend4j.INTERRUPTED;
        }
        err.println("amend4j failed unexpectedly: " + failure.getClass().getSimpleName() + ": " + sentence(failure)
                + (verbose ? "" : " (--verbose shows where)"));
        trace(failure, err, verbose);
        return Amend4j.FAILED;
    }

    private static void trace(Exception failure, PrintWriter err, boolean verbose) {
        if (verbose) {
            failure.printStackTrace(err);
        }
    }

    /** The message on one line. */
    static String sentence(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? "no message" : message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
