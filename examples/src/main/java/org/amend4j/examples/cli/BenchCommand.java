package org.amend4j.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.amend4j.cuda.choice.DeviceChoice;
import org.amend4j.cuda.driver.GpuProbe;
import org.amend4j.examples.bench.BenchJob;
import org.amend4j.examples.bench.BenchResult;
import org.amend4j.examples.bench.Scale;
import org.amend4j.examples.compute.Compute;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.data.WholeFile;
import org.amend4j.examples.job.Progress;
import org.amend4j.examples.job.Report;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures this machine. */
@Command(
        name = "bench",
        description =
                "Measures matrix peak and copy bandwidth, then a LoRA step, full-batch and clipped gradients and a"
                        + " training of the demo's kind, each beside its floor.")
final class BenchCommand extends ReportingCommand {

    private static final String STANDARD_OUTPUT = "-";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--quick", description = "Small shapes and few rounds: for a look, not for quoting.")
    private boolean quick;

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Option(
            names = "--json",
            arity = "0..1",
            paramLabel = "FILE",
            fallbackValue = STANDARD_OUTPUT,
            description = "Also write the result as JSON into a file; without a file, print JSON on standard output and"
                    + " nothing else there.",
            order = 100)
    private @Nullable Path json;

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Progress progress) throws IOException {
        if (json != null && Files.isDirectory(json)) {
            throw new BadInputException("--json must be a file, " + json + " is a folder");
        }
        try (Compute compute = Compute.open(device(), precision.precision(), progress)) {
            return report(compute, BenchJob.run(compute, scale(), progress));
        }
    }

    private Scale scale() {
        if (device() == DeviceChoice.EMULATED) {
            return Scale.TINY;
        }
        return quick ? Scale.QUICK : Scale.FULL;
    }

    private Report report(Compute compute, BenchResult result) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("amend4j", Version.number());
        facts.put(
                "command",
                "amend4j "
                        + String.join(
                                " ", spec.root().commandLine().getParseResult().originalArgs()));
        facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("device", compute.sentence());
        facts.put("precision", precision.precision().name());
        facts.put("scale", scale().name());
        facts.put("java", Machine.java());
        facts.put("system", Machine.system());
        facts.put("nd4j", Machine.nd4j());
        facts.put("openmp", Machine.openMp());
        facts.put("memory", Machine.memory());
        facts.put("gpu", DeviceFacts.of(GpuProbe.probe()));
        facts.putAll(result.facts());
        return new Report(facts, compute.sentence() + "\n\n" + result.text());
    }

    @Override
    void deliver(Report report, PrintWriter out) throws IOException {
        if (json == null) {
            out.println(report.text());
        } else if (json.toString().equals(STANDARD_OUTPUT)) {
            out.println(report.json());
        } else {
            WholeFile.write(json, (report.json() + "\n").getBytes(StandardCharsets.UTF_8));
            out.println(report.text());
        }
    }
}
