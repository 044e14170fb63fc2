/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line. Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 failed
 * unexpectedly, 2 bad input (one sentence says which), 130 interrupted, 143 terminated: the last two by the JVM.
 */
@Command(name = "amend4j", description = "Changes Deeplearning4j models after they were trained.")
public final class Amend4j extends CommandGroup {

    static final int FAILED = 1;
    static final int BAD_INPUT = 2;
    /** Some of what was asked was done, the rest was refused with its reason. */
    static final int PARTLY_REFUSED = 4;

    static final int INTERRUPTED = 130;

    @Override
    List<Class<?>> commands() {
        return List.of(
                DemoCommand.class,
                CommandGroup.Lora.class,
                GenerateCommand.class,
                CommandGroup.Checkpoint.class,
                EmbedCommand.class,
                CommandGroup.Text.class,
                CommandGroup.Descent.class,
                CommandGroup.Unlearn.class,
                CommandGroup.Policy.class,
                DoctorCommand.class,
                PlanCommand.class,
                BenchCommand.class,
                PackageJobCommand.class,
                CompletionCommand.class,
                ReloadCommand.class);
    }

    public static void main(String[] args) {
        Charset charset = Charset.defaultCharset();
        PrintWriter out = new PrintWriter(new java.io.OutputStreamWriter(System.out, charset), true);
        PrintWriter err = new PrintWriter(new java.io.OutputStreamWriter(System.err, charset), true);
        // SameDiff prints the names of the operations that it differentiates: standard output is for results
        System.setOut(new java.io.PrintStream(java.io.OutputStream.nullOutputStream(), false, charset));
        Interruption interruption = Interruption.watch(err);
        int code = FAILED;
        try {
            Failures.prepare();
            code = run(out, err, args);
        } catch (Throwable unspeakable) {
            // not even the failure could be reported, which needs classes, and so files
            err.println("amend4j failed: " + unspeakable + ": may it open too few files ('ulimit -n')?");
        } finally {
            interruption.over();
        }
        System.exit(code);
    }

    /** Runs one command line in this process; {@code out} gets the result, {@code err} messages and progress. */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        int code;
        try {
            code = line(args).setOut(out).setErr(err).execute(args);
        } catch (Error serious) {
            // Picocli passes on what is no exception, such as that there is no memory.
            code = Failures.failed(serious, err, Arrays.asList(args).contains("--verbose"));
        }
        out.flush();
        err.flush();
        return code;
    }

    /** The command that the arguments name; all commands where they name none. */
    static CommandLine line(String... args) {
        return HelpLayout.on(new Amend4j().line(Arrays.asList(args)))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Failures::badOption)
                .setExecutionExceptionHandler(Failures::failed);
    }
}
