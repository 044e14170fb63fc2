/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.files.WholeFolder;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.app.text.SentenceSettings;
import org.amend4j.app.text.Vocabulary;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.model.GraphBytes;
import org.amend4j.internal.model.StoredNormalizer;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Folds an adapter into its model. */
@Command(
        name = "merge",
        description =
                "Folds an adapter into its model: a plain Deeplearning4j zip that does not need amend4j, or Hugging"
                        + " Face's folder again.")
final class LoraMergeCommand extends MakingJob {

    @Mixin
    private AdapterOptions adapter = new AdapterOptions();

    @Mixin
    private ProbeOption probe = new ProbeOption();

    @Option(
            names = "--out",
            paramLabel = "PATH",
            required = true,
            description = "The new file, of the same kind of network as --model; or of --base the new folder.")
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
        Optional<Path> folder = adapter.folder();
        AdaptedModel adapted;
        long parameters;
        Optional<StoredNormalizer> normalizer = folder.isPresent() ? Optional.empty() : adapter.normalizer();
        if (folder.isPresent()) {
            adapter.requireFolderWhenMerged();
            TransformerModel model = adapter.transformer();
            adapted = adapter.on(BaseModel.of(model.graph()), probe);
            TransformerModel merged = model.with(Models.merged(adapted));
            saveFolder(folder.get(), merged);
            parameters = merged.parameters();
        } else {
            adapted = adapter.on(adapter.base(), probe);
            ComputationGraph merged = Models.merged(adapted);
            DataRecord.read(adapter.directory()).requireSame(adapter.directory(), normalizer);
            Path original = adapter.file();
            WholeFile.write(out, file -> GraphBytes.writeLike(original, merged, normalizer, file));
            parameters = merged.numParams();
        }
        return report(adapted, parameters, normalizer.map(StoredNormalizer::toString));
    }

    private void saveFolder(Path base, TransformerModel merged) throws IOException {
        try {
            WholeFolder.write(out, folder -> {
                merged.save(folder);
                Vocabulary.copy(base, folder);
                SentenceSettings.copy(base, folder);
            });
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("the merged model cannot be saved: " + Failures.sentence(bad), bad);
        }
    }

    private Report report(AdaptedModel adapted, long parameters, Optional<String> normalizer) throws IOException {
        Facts facts = new Facts(out.toString(), parameters, WholeFile.bytesIn(out), normalizer);
        Report report = new Report(
                facts,
                String.format(
                        Locale.ROOT,
                        "merged model written to %s (%,d parameters, %.1f kB)%s",
                        facts.model(),
                        facts.parameters(),
                        facts.bytes() / 1e3,
                        normalizer.map(some -> ", with its normalizer: " + some).orElse("")));
        return report.showing(LayerMaps.of(adapted));
    }

    /** For JSON. */
    private record Facts(String model, long parameters, long bytes, Optional<String> normalizer) {}
}
