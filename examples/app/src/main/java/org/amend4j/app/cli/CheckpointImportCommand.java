/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.app.data.WholeFile;
import org.amend4j.app.data.WholeFolder;
import org.amend4j.app.job.Report;
import org.amend4j.app.text.ExportedEncoder;
import org.amend4j.checkpoint.EncoderConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a folder in Hugging Face's layout of an exported model. */
@Command(
        name = "import",
        description =
                "Makes a folder in Hugging Face's layout of an encoder of BERT's family that PyTorch exported to ONNX, such"
                        + " as the sentence models that Maven has.")
final class CheckpointImportCommand extends MakingJob {

    @Option(
            names = "--from",
            paramLabel = "FILE",
            required = true,
            description = "An ONNX file, or a jar or zip with one and its tokenizer.json.")
    private Path from = Path.of("");

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description =
                    "The tokenizer.json or BERT's vocab.txt that belongs to it (default: the tokenizer.json of the jar).")
    private Optional<Path> tokenizer = Optional.empty();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the model goes; a new folder.")
    private Path out = Path.of("");

    /** For JSON. */
    private record Facts(
            String model, @JsonIgnoreProperties("padding") EncoderConfig config, boolean tokenizer, long bytes) {}

    @Override
    String title() {
        return "A model, imported";
    }

    @Override
    Path out() {
        return out;
    }

    @Override
    Report make() throws IOException {
        ExportedEncoder exported = ExportedEncoder.read(from, tokenizer);
        WholeFolder.write(out, exported::save);
        return report(exported);
    }

    private Report report(ExportedEncoder exported) throws IOException {
        EncoderConfig config = exported.config();
        Facts facts = new Facts(out.toString(), config, exported.hasTokenizer(), WholeFile.bytesIn(out));
        return new Report(
                facts,
                String.format(
                        Locale.ROOT,
                        "%s: %d layers of %d, %d heads, %d tokens; written to %s (%.1f MB)%s",
                        config.modelType(),
                        config.layers(),
                        config.hiddenSize(),
                        config.heads(),
                        config.vocabulary(),
                        out,
                        facts.bytes() / 1e6,
                        facts.tokenizer() ? "" : ", without a tokenizer: texts need a tokenizer.json in it"));
    }
}
