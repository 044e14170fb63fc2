/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.job.Sentence;
import org.amend4j.app.job.Stopping;
import org.amend4j.backend.MachineException;
import org.amend4j.bridge.GymnasiumException;
import org.amend4j.data.BadInputException;
import org.amend4j.file.LockedException;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What the user sees when something goes wrong: one sentence, and the stack trace only with {@code --verbose}. */
final class Failures {

    private static final int MOST_CAUSES = 50;

    private Failures() {}

    /** Loads what a report needs, while there is memory and files can be opened. */
    static void prepare() {
        failed(new IOException("nothing"), new PrintWriter(Writer.nullWriter()), false);
    }

    /** An option that picocli cannot parse. */
    static int badOption(ParameterException told, String[] args) {
        CommandLine line = told.getCommandLine();
        // of what is missing and what is misspelt, the second may be why
        boolean misspelt = told instanceof MissingParameterException
                && !line.getUnmatchedArguments().isEmpty();
        ParameterException failure =
                misspelt ? new UnmatchedArgumentException(line, line.getUnmatchedArguments()) : told;
        line.getErr().println(sentence(failure) + meant(failure));
        line.getErr()
                .println("Try '" + line.getCommandSpec().qualifiedName() + " --help' for what this command takes.");
        trace(failure, line.getErr(), Arrays.asList(args).contains("--verbose"));
        return Amend4j.BAD_INPUT;
    }

    /** What is called nearly as what was typed. */
    private static String meant(ParameterException failure) {
        if (!(failure instanceof UnmatchedArgumentException unmatched)) {
            return "";
        }
        List<String> near = unmatched.getSuggestions();
        return near.isEmpty() ? "" : ": did you mean " + near.get(0) + "?";
    }

    /** An exception of the job itself. */
    static int failed(Exception failure, CommandLine line, ParseResult parsed) {
        if (failure instanceof MissingOptionException) {
            return badOption(
                    new ParameterException(line, sentence(failure), failure),
                    parsed.expandedArgs().toArray(String[]::new));
        }
        return failed(failure, line.getErr(), parsed.expandedArgs().contains("--verbose"));
    }

    /** Whatever went wrong. */
    static int failed(Throwable failure, PrintWriter err, boolean verbose) {
        int code = code(failure);
        if (Stopping.isStopped()) {
            return code; // whatever fails from then on; the user is told elsewhere
        }
        if (code == Amend4j.INTERRUPTED) {
            err.println("amend4j: interrupted." + (failure.getMessage() == null ? "" : " " + sentence(failure)));
            return code;
        }
        if (failure instanceof BadInputException || failure instanceof GymnasiumException) {
            err.println(sentence(failure));
        } else if (failure instanceof LockedException) {
            err.println(sentence(failure) + ": wait until the other run is over");
        } else if (code == Amend4j.BAD_INPUT) {
            err.println("the data does not fit the model: "
                    + sentence(misfit(failure).orElse(failure)));
        } else {
            err.println("amend4j failed" + kind(failure) + (verbose ? "" : " (--verbose shows where)"));
        }
        trace(failure, err, verbose);
        return code;
    }

    private static int code(Throwable failure) {
        if (failure instanceof InterruptedException) {
            return Amend4j.INTERRUPTED;
        }
        return failure instanceof BadInputException
                        || failure instanceof LockedException
                        || failure instanceof GymnasiumException
                        || misfit(failure).isPresent()
                ? Amend4j.BAD_INPUT
                : Amend4j.FAILED;
    }

    /** What Deeplearning4j throws when arrays have another shape than its layers expect. */
    private static Optional<Throwable> misfit(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .limit(MOST_CAUSES)
                .filter(DL4JInvalidInputException.class::isInstance)
                .findFirst();
    }

    /** What can happen to everybody needs no class: a full disk, too little memory. */
    private static String kind(Throwable failure) {
        if (failure instanceof FileSystemException file) {
            return ": " + Reasons.of(file);
        }
        if (failure instanceof MachineException) {
            String sentence = Sentence.of(failure);
            return " on the device: " + sentence + (sentence.contains("memory") ? " A smaller --batch may help." : "");
        }
        String sentence = Sentence.of(failure);
        // where no file can be opened, classes cannot be loaded
        boolean files = failure instanceof NoClassDefFoundError || sentence.contains("Too many open files");
        String advice = files ? ": may it open too few files ('ulimit -n')?" : "";
        return failure instanceof IOException
                        || failure instanceof UncheckedIOException
                        || failure instanceof OutOfMemoryError
                ? ": " + sentence + advice
                : " unexpectedly: " + failure.getClass().getSimpleName() + ": " + sentence + advice;
    }

    private static void trace(Throwable failure, PrintWriter err, boolean verbose) {
        if (verbose) {
            failure.printStackTrace(err);
        }
    }

    /** The message on one line. */
    static String sentence(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? "no message" : Sentence.oneLine(message);
    }
}
