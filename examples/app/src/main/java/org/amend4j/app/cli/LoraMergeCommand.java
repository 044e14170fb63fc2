/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.amend4j.app.data.Claim;
import org.amend4j.app.data.Destination;
import org.amend4j.app.data.WholeFile;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.probe.Probe;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Folds an adapter into its model. */
@Command(
        name = "merge",
        description = "Folds an adapter into its model: a plain Deeplearning4j zip that does not need amend4j.")
final class LoraMergeCommand extends PageJob {

    @Option(names = "--model", paramLabel = "ZIP", required = true, description = "The model the adapter belongs to.")
    private Path model = Path.of("");

    @Option(names = "--adapter", paramLabel = "DIR", required = true, description = "The adapter's directory.")
    private Path adapter = Path.of("");

    @Mixin
    private ProbeOption probe = new ProbeOption();

    @Option(names = "--out", paramLabel = "ZIP", required = true, description = "The new file, a ComputationGraph.")
    private Path out = Path.of("");

    @Override
    String title() {
        return "An adapter, merged";
    }

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    Report run(Progress progress) throws IOException {
        Destination.somethingNew("--out", out);
        try (Claim claim = Claim.of("--out", out)) {
            return merge();
        }
    }

    private Report merge() throws IOException {
        AdaptedModel adapted = Models.load(Models.open(model), adapter, probe.or(Probe.automatic()));
        ComputationGraph merged = Models.merged(adapted);
        WholeFile.write(out, file -> ModelSerializer.writeModel(merged, file.toFile(), false));
        Facts facts = new Facts(out.toString(), merged.numParams(), WholeFile.bytesIn(out));
        Report report = new Report(
                facts,
                String.format(
                        Locale.ROOT,
                        "merged model written to %s (%,d parameters, %.1f kB)",
                        facts.model(),
                        facts.parameters(),
                        facts.bytes() / 1e3));
        return report.showing(LayerMaps.of(adapted));
    }

    /** For JSON. */
    private record Facts(String model, long parameters, long bytes) {}
}
