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
import org.amend4j.app.text.ExportedGguf;
import org.amend4j.app.text.SentenceSettings;
import org.amend4j.app.text.Vocabulary;
import org.amend4j.data.BadInputException;
import org.amend4j.gguf.GgufType;
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
            description = "The new file, of the same kind of network as --model; or of --base the new folder.")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--gguf",
            paramLabel = "FILE",
            description =
                    "In place of --out: a GGUF file of the language model in --base, for llama.cpp and what uses it.")
    private Optional<Path> gguf = Optional.empty();

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "How --gguf stores matrices, ${COMPLETION-CANDIDATES} (default: f16).")
    private Optional<MatrixType> type = Optional.empty();

    /** As llama.cpp's users write them. */
    enum MatrixType {
        F16,
        Q8_0,
        Q4_0
    }

    @Override
    String title() {
        return "An adapter, merged";
    }

    @Override
    Path out() {
        if (out.isPresent() && gguf.isPresent()) {
            throw new BadInputException("--out and --gguf exclude each other: the model is a folder or a GGUF file");
        }
        if (type.isPresent() && gguf.isEmpty()) {
            throw new BadInputException("--type says how --gguf stores matrices: give --gguf, too");
        }
        if (gguf.isPresent() && adapter.folder().isEmpty()) {
            throw new BadInputException("--gguf is for language models in --base");
        }
        return out.or(() -> gguf)
                .orElseThrow(() -> new MissingOptionException("Missing option: --out=PATH, or --gguf=FILE"));
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
            WholeFile.write(out(), file -> GraphBytes.writeLike(original, merged, normalizer, file));
            parameters = merged.numParams();
        }
        return report(adapted, parameters, normalizer.map(StoredNormalizer::toString));
    }

    private void saveFolder(Path base, TransformerModel merged) throws IOException {
        if (gguf.isPresent()) {
            GgufType stored = GgufType.valueOf(type.orElse(MatrixType.F16).name());
            ExportedGguf.write(base, merged, stored, gguf.get());
            return;
        }
        try {
            WholeFolder.write(out(), folder -> {
                merged.save(folder);
                Vocabulary.copy(base, folder);
                SentenceSettings.copy(base, folder);
            });
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("the merged model cannot be saved: " + Failures.sentence(bad), bad);
        }
    }

    private Report report(AdaptedModel adapted, long parameters, Optional<String> normalizer) throws IOException {
        Facts facts = new Facts(out().toString(), parameters, WholeFile.bytesIn(out()), normalizer);
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
