/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.files.WholeFolder;
import org.amend4j.app.job.Report;
import org.amend4j.app.text.ExportedModel;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.Gpt2Config;
import org.amend4j.checkpoint.TextConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a folder in Hugging Face's layout of an exported model. */
@Command(
        name = "import",
        description =
                "Makes a folder in Hugging Face's layout of a GGUF file, or of an encoder of BERT's family that PyTorch exported"
                        + " to ONNX, such as the sentence models that Maven has.")
final class CheckpointImportCommand extends MakingJob {

    @Option(
            names = "--from",
            paramLabel = "FILE",
            required = true,
            description = "A GGUF file, an ONNX file, or a jar or zip with one of ONNX and its tokenizer.json.")
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
            String model,

            @JsonIgnoreProperties({"padding", "ids", "rotary"})
            TextConfig config,

            boolean tokenizer,
            long bytes) {}

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
        ExportedModel exported = ExportedModel.read(from, tokenizer);
        WholeFolder.write(out, exported::save);
        return report(exported);
    }

    private Report report(ExportedModel exported) throws IOException {
        TextConfig config = exported.config();
        Facts facts = new Facts(out.toString(), config, exported.hasTokenizer(), WholeFile.bytesIn(out));
        return new Report(
                facts,
                String.format(
                        Locale.ROOT,
                        "%s: %d layers of %d, %d heads, %d tokens; written to %s (%.1f MB)%s",
                        config.modelType(),
                        config.layers(),
                        config.hiddenSize(),
                        heads(config),
                        config.vocabulary(),
                        out,
                        facts.bytes() / 1e6,
                        facts.tokenizer() ? "" : ", without a tokenizer: texts need a tokenizer.json in it"));
    }

    private static int heads(TextConfig config) {
        if (config instanceof DecoderConfig decoder) {
            return decoder.attention().heads();
        }
        return config instanceof Gpt2Config gpt2 ? gpt2.heads() : ((EncoderConfig) config).heads();
    }
}
