/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.text.SentenceEncoder;
import org.amend4j.app.text.SentenceSettings;
import org.amend4j.app.text.Texts;
import org.amend4j.app.text.Vocabulary;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.data.BadInputException;
import org.amend4j.model.BaseModel;
import org.amend4j.text.Tokenizer;
import org.amend4j.transformer.EncoderOutput;
import org.amend4j.transformer.Pooling;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes vectors of texts. */
@Command(
        name = "embed",
        description =
                "Makes vectors of texts with an encoder of BERT's family, with an adapter or without, and shows how similar the"
                        + " texts are.")
final class EmbedCommand extends PageJob {

    /** So many texts are compared with each other on the screen. */
    private static final int COMPARED = 12;

    @Option(
            names = "--base",
            paramLabel = "PATH",
            required = true,
            description =
                    "An encoder in Hugging Face's layout (config.json, model.safetensors, tokenizer.json), or a GGUF file.")
    private Path base = Path.of("");

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description = "A LoRA adapter's directory in PEFT's layout. Of a classifier's, the encoder's part counts.")
    private Optional<Path> adapter = Optional.empty();

    @Option(names = "--tokenizer", paramLabel = "FILE", description = "A tokenizer.json (default: that in --base).")
    private Optional<Path> tokenizer = Optional.empty();

    @Option(names = "--text", paramLabel = "TEXT", description = "A text; may be repeated.")
    private List<String> texts = List.of();

    @Option(names = "--texts", paramLabel = "FILE", description = "A file with a text in each line.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--pooling",
            paramLabel = "KIND",
            description =
                    "How the rows of tokens become one, ${COMPLETION-CANDIDATES} (default: what 1_Pooling/config.json"
                            + " in --base says, else MEAN).")
    private Optional<Pooling> pooling = Optional.empty();

    @Option(names = "--raw", description = "Leave vectors as long as they are (default: of length 1).")
    private boolean raw;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Keep the vectors: FILE.npy for NumPy, [texts, width], or FILE.tsv, a line for each text.")
    private Optional<Path> out = Optional.empty();

    /** For JSON. */
    private record Facts(String base, String adapter, String pooling, int width, List<Vector> texts) {}

    /** A text and its vector. */
    @SuppressWarnings("ArrayRecordComponent") // for JSON
    private record Vector(String text, float[] vector) {}

    @Override
    String title() {
        return "Vectors of texts";
    }

    @Override
    Computing computing() {
        return Computing.PREDICTIONS;
    }

    @Override
    Report run(Progress progress) throws IOException {
        List<String> all = all();
        requireOut();
        Vocabulary.file(base, tokenizer); // refused before the model is read
        SentenceSettings settings = SentenceSettings.of(base, pooling);
        TransformerModel model = model(settings.pooling());
        EncoderConfig config = Models.encoder(model.config());
        Tokenizer tokens = Vocabulary.open(base, tokenizer, config.vocabulary());
        int positions = config.longest();
        int longest = Math.min(positions, settings.longest().orElse(positions));
        SentenceEncoder encoder = SentenceEncoder.of(graph(model, config), tokens, longest, !raw);
        List<float[]> vectors;
        try (Progress.Stage stage = progress.stage("texts", all.size())) {
            vectors = encoder.encode(all, stage::step);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
        if (out.isPresent()) {
            write(out.get(), vectors);
        }
        return report(settings.pooling(), all, vectors);
    }

    private List<String> all() {
        if (texts.isEmpty() == file.isEmpty()) {
            throw new BadInputException("texts come either from --text or from --texts FILE");
        }
        return file.isEmpty()
                ? texts
                : Texts.read(file.get()).lines().filter(line -> !line.isBlank()).toList();
    }

    private void requireOut() {
        if (out.isPresent()) {
            String name = out.get().toString();
            if (!name.endsWith(".npy") && !name.endsWith(".tsv")) {
                throw new BadInputException("--out must end in .npy or .tsv, got " + name);
            }
            Destination.file("--out", out.get());
        }
    }

    private TransformerModel model(Pooling kind) {
        try {
            return TransformerModel.open(base, DataType.FLOAT, new EncoderOutput.Pooled(kind));
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    private ComputationGraph graph(TransformerModel model, EncoderConfig config) {
        return adapter.map(folder -> Models.loadPeft(BaseModel.of(model.graph()), folder, config)
                        .graph())
                .orElse(model.graph());
    }

    private static void write(Path file, List<float[]> vectors) throws IOException {
        if (file.toString().endsWith(".npy")) {
            WholeFile.write(file, Nd4j.toNpyByteArray(Nd4j.create(vectors.toArray(float[][]::new))));
            return;
        }
        StringBuilder lines = new StringBuilder();
        for (float[] vector : vectors) {
            for (int i = 0; i < vector.length; i++) {
                lines.append(i == 0 ? "" : "\t").append(vector[i]);
            }
            lines.append('\n');
        }
        WholeFile.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Report report(Pooling kind, List<String> all, List<float[]> vectors) {
        List<Vector> named = new ArrayList<>();
        for (int k = 0; k < all.size(); k++) {
            named.add(new Vector(all.get(k), vectors.get(k)));
        }
        int width = vectors.get(0).length;
        Facts facts = new Facts(
                base.toString(),
                adapter.map(Path::toString).orElse(""),
                kind.name().toLowerCase(Locale.ROOT),
                width,
                named);
        String text = String.format(
                Locale.ROOT,
                "%d text%s, vectors of %d numbers%s",
                all.size(),
                all.size() == 1 ? "" : "s",
                width,
                out.map(written -> " in " + written).orElse(""));
        return new Report(facts, all.size() > 1 && all.size() <= COMPARED ? text + similarities(all, vectors) : text);
    }

    /** Cosines, a line for each text. */
    private static String similarities(List<String> all, List<float[]> vectors) {
        StringBuilder lines = new StringBuilder("; cosines of their angles:");
        for (int k = 0; k < all.size(); k++) {
            lines.append(System.lineSeparator());
            for (float[] other : vectors) {
                lines.append(String.format(Locale.ROOT, "%7.3f", cosine(vectors.get(k), other)));
            }
            lines.append("  ").append(all.get(k));
        }
        return lines.toString();
    }

    private static double cosine(float[] x, float... y) {
        double product = 0;
        double ofX = 0;
        double ofY = 0;
        for (int i = 0; i < x.length; i++) {
            product += (double) x[i] * y[i];
            ofX += (double) x[i] * x[i];
            ofY += (double) y[i] * y[i];
        }
        return product / Math.sqrt(ofX * ofY);
    }
}
