/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.amend4j.app.bench.BenchJob;
import org.amend4j.app.bench.BenchResult;
import org.amend4j.app.bench.Scale;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.files.Destination;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.job.Sentence;
import org.amend4j.app.page.ReportPage;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.internal.cuda.driver.GpuProbe;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures this machine. */
@Command(
        name = "bench",
        description =
                "Measures matrix peak and copy bandwidth, then a LoRA step, full-batch and clipped gradients and a"
                        + " training of the demo's kind, each beside its floor. What cannot be measured is named, and the rest is"
                        + " measured all the same (exit code 1).")
final class BenchCommand extends ReportingCommand {

    private static final String STANDARD_OUTPUT = "-";
    private static final String TITLE = "What this machine can do";

    @Option(
            names = "--quick",
            description = "Small shapes and few rounds: for a look, not for quoting. With --device emulated shapes are"
                    + " tiny in any case.")
    private boolean quick;

    @Option(names = "--no-demo", description = "Leave the training of the demo's kind out.")
    private boolean noDemo;

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Option(
            names = "--json",
            arity = "0..1",
            paramLabel = "FILE",
            fallbackValue = STANDARD_OUTPUT,
            description =
                    "Also write the result as JSON into a file, and as a page beside it; without a file, print JSON on"
                            + " standard output and nothing else there.",
            order = 100)
    private @Nullable Path json;

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    void requireDestination() throws IOException {
        if (json != null && !isStandardOutput()) {
            Destination.file("--json", json);
            Destination.file("--json", ReportPage.file(json));
            ReportPage.requireReplaceable("--json", json, TITLE);
        }
    }

    @Override
    Report run(Progress progress) {
        if (quick && device() == Devices.Choice.EMULATED) {
            progress.say("--quick changes nothing on the emulated device: its shapes are tiny in any case.");
        }
        try (Compute compute = Compute.open(wanted(), precision.precision(), progress)) {
            return measured(compute, progress);
        }
    }

    private boolean isStandardOutput() {
        return json != null && json.toString().equals(STANDARD_OUTPUT);
    }

    /** What was measured, how and where. */
    private record Setting(
            String amend4j,
            String command,
            String time,
            String device,
            String precision,
            String scale,
            @JsonUnwrapped Machine machine,
            DeviceFacts gpu) {

        Report with(BenchResult result) {
            return new Report(new Measured(this, result.facts()), device + "\n\n" + result.text())
                    .showing(result.view());
        }
    }

    private record Measured(
            @JsonUnwrapped Setting setting, @JsonUnwrapped BenchResult.Facts result) {}

    /** Neither peak nor bandwidth: nothing to compare with. */
    private record Failed(@JsonUnwrapped Setting setting, String error, boolean complete) {}

    private Report measured(Compute compute, Progress progress) {
        Setting setting = setting(compute);
        try {
            return setting.with(BenchJob.run(compute, scale(), soFar -> leave(setting.with(soFar)), progress));
        } catch (RuntimeException | Error failed) {
            leave(new Report(new Failed(setting, Sentence.of(failed), false), Sentence.of(failed)));
            throw failed;
        }
    }

    /** In case that what follows fails. A file that cannot be written now is tried again when all is printed. */
    private void leave(Report soFar) {
        try {
            ReportPage.write(keep(soFar), words(), Version.number());
        } catch (IOException later) {
            return;
        }
    }

    @Override
    Report keep(Report report) throws IOException {
        return json == null || isStandardOutput() ? report : report.keep(json, TITLE, List.of());
    }

    private Scale scale() {
        Scale scale = device() == Devices.Choice.EMULATED ? Scale.TINY : quick ? Scale.QUICK : Scale.FULL;
        return noDemo ? scale.withoutDemo() : scale;
    }

    private Setting setting(Compute compute) {
        return new Setting(
                Version.number(),
                "amend4j " + String.join(" ", words()),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                compute.sentence(),
                precision.precision().name(),
                scale().name(),
                Machine.here(),
                DeviceFacts.of(GpuProbe.probe()));
    }

    @Override
    void deliver(Report report, PrintWriter out) {
        out.println(isStandardOutput() ? report.json() : report.text());
    }

    @Override
    int exitCode(Report report) {
        return report.tree().path("errors").isEmpty() ? 0 : Amend4j.FAILED;
    }
}
