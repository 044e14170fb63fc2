/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.amend4j.app.data.WholeFile;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.lora.AdaptedModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Folds an adapter into its model. */
@Command(
        name = "merge",
        description = "Folds an adapter into its model: a plain Deeplearning4j zip that does not need amend4j.")
final class LoraMergeCommand extends MakingJob {

    @Mixin
    private AdapterOptions adapter = new AdapterOptions();

    @Mixin
    private ProbeOption probe = new ProbeOption();

    @Option(names = "--out", paramLabel = "ZIP", required = true, description = "The new file, a ComputationGraph.")
    private Path out = Path.of("");

    @Override
    String title() {
        return "An adapter, merged";
    }

    @Override
    Path out() {
        return out;
    }

    @Override
    Report make() throws IOException {
        AdaptedModel adapted = adapter.on(adapter.base(), probe);
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
