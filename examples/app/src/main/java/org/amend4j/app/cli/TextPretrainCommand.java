/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.Examples;
import org.amend4j.app.compute.Fitting;
import org.amend4j.app.files.FolderLock;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Json;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.job.Stopping;
import org.amend4j.app.lora.CheckpointPlace;
import org.amend4j.app.lora.Checkpoints;
import org.amend4j.app.lora.Epochs;
import org.amend4j.app.lora.Losses;
import org.amend4j.app.text.Corpus;
import org.amend4j.app.text.LanguageTexts;
import org.amend4j.app.text.Novels;
import org.amend4j.app.text.Texts;
import org.amend4j.app.text.TokenBatches;
import org.amend4j.app.text.TokenExamples;
import org.amend4j.app.text.TokenLosses;
import org.amend4j.app.text.Windows;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.data.BadInputException;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.training.GradientNormLimit;
import org.amend4j.text.BytePairTraining;
import org.amend4j.text.TrainedTokenizer;
import org.amend4j.training.TorchAdam;
import org.amend4j.transformer.TransformerModel;
import org.amend4j.transformer.WarmupCosine;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a small language model of texts. */
@Command(
        name = "pretrain",
        description =
                "Makes a small Llama of texts: learns byte pairs, then which token comes next, by AdamW with a rate that rises and"
                        + " then falls along a cosine. The result is a folder in Hugging Face's layout. If stopped, killed or out of"
                        + " --minutes, --resume continues bit-identically.")
final class TextPretrainCommand extends PageJob {

    private static final String END = "<|endoftext|>";

    /** Of all steps, while the rate rises. */
    private static final double WARMUP = 0.05;

    /** Of the rate, what is left in the end. */
    private static final double FLOOR = 0.1;

    /** A thousand days. */
    private static final int MOST_MINUTES = 1_440_000;

    private static final double WEIGHT_DECAY = 0.1;
    private static final double NORM_LIMIT = 1;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description =
                    "A text, UTF-8, plain or gzip'd; may be repeated (default: the six novels of Jane Austen, which are part of"
                            + " this program).")
    private List<Path> files = List.of();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the model goes; a new folder.")
    private Path out = Path.of("");

    @Mixin
    private NewModelOptions size = new NewModelOptions();

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "10", description = "Default: ${DEFAULT-VALUE}.")
    private int epochs;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "16",
            description = "Windows of --context tokens a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            defaultValue = "0.002",
            description = "The highest learning rate (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--validation",
            paramLabel = "PART",
            defaultValue = "0.05",
            description =
                    "Part at the end of every text that is held back to measure the loss (default: ${DEFAULT-VALUE}).")
    private double validation;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description =
                    "Stop after so many minutes of training, with a checkpoint for --resume (default: when it is done).")
    private Optional<Double> minutes = Optional.empty();

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Mixin
    private CheckpointOptions keeping = new CheckpointOptions();

    @Override
    String title() {
        return "A language model, trained";
    }

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        out = out.normalize();
        check();
        try (FolderLock claim = FolderLock.of("--out", out)) {
            CheckpointPlace place = keeping.place(out);
            place.removeLeftovers(out);
            return train(place, progress);
        }
    }

    private void check() {
        OptionRules.atLeast(1, "--epochs", epochs);
        OptionRules.atLeast(1, "--batch", batch);
        OptionRules.positive("--lr", rate);
        if (!(validation >= 0 && validation < 1)) {
            throw new BadInputException("--validation must be >= 0 and < 1, got " + validation);
        }
        minutes.ifPresent(most -> {
            OptionRules.positive("--minutes", most);
            if (most > MOST_MINUTES) {
                throw new BadInputException("--minutes must be at most " + MOST_MINUTES + ", got " + most);
            }
        });
        if (size.vocabulary() < 257 || size.vocabulary() > 1 << 20) {
            throw new BadInputException("--vocabulary must be in [257, " + (1 << 20) + "], got " + size.vocabulary());
        }
        size.config(size.vocabulary(), 0); // refused before anything is read
        keeping.check(out);
    }

    private Report train(CheckpointPlace place, Progress progress) throws IOException, InterruptedException {
        List<String> texts = files.isEmpty()
                ? Novels.austen()
                : files.stream().map(Texts::read).toList();
        Corpus corpus = Corpus.of(texts, validation);
        TrainedTokenizer learned = learnTokens(corpus, progress);
        int end = learned.tokenizer().id(END).orElseThrow();
        DecoderConfig config = size.config(learned.tokenizer().size(), end);
        LanguageTexts language = new LanguageTexts(learned.tokenizer(), List.of(end), size.context());
        Windows windows = new Windows(language.tokens(corpus.training()), size.context());
        TokenExamples examples = windows.all();
        TokenBatches batches = new TokenBatches(examples, windows::ofEpoch, Math.min(batch, windows.perEpoch()), seed);
        TransformerModel model =
                TransformerModel.create(config, DataType.FLOAT, seed).trainedBy(training(steps(batches)));
        model.graph().addListeners(new GradientNormLimit(NORM_LIMIT));
        progress.say(String.format(
                Locale.ROOT,
                "%,d parameters, %,d tokens, %,d steps of %,d",
                parameters(config),
                (long) windows.perEpoch() * size.context(),
                steps(batches),
                (long) batches.batch() * size.context()));
        Examples course = batches.toTrainOn();
        try (Compute compute = Compute.open(wanted(), precision.precision(), progress)) {
            Map<String, String> settings = settings(texts, config, compute);
            Checkpoints checkpoints = new Checkpoints(place, settings, keeping.every(), progress);
            try (Stopping stopping = Stopping.saying(checkpoints::howToGoOn)) {
                long start = System.nanoTime();
                Trained trained = fit(model.graph(), compute, course, checkpoints, progress);
                double seconds = (System.nanoTime() - start) / 1e9;
                Optional<TokenLosses> held = corpus.heldBack().isEmpty()
                        ? Optional.empty()
                        : Optional.of(TokenLosses.of(model.graph(), language.windows(corpus.heldBack()), batch));
                if (trained.losses().isPresent()) {
                    save(model, learned, trained, held, settings, checkpoints);
                    checkpoints.remove();
                }
                return report(trained, held, checkpoints, seconds);
            }
        }
    }

    private int steps(TokenBatches batches) {
        try {
            return Math.multiplyExact(epochs, batches.perEpoch());
        } catch (ArithmeticException tooMany) {
            throw new BadInputException(
                    "--epochs must be at most " + Integer.MAX_VALUE / batches.perEpoch() + " where an epoch has "
                            + batches.perEpoch() + " steps, got " + epochs,
                    tooMany);
        }
    }

    private static long parameters(DecoderConfig config) {
        return CheckpointFiles.shapes(config).values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
                .sum();
    }

    private TrainedTokenizer learnTokens(Corpus corpus, Progress progress) {
        try (Progress.Stage stage = progress.stage("tokens", -1)) {
            TrainedTokenizer learned = new BytePairTraining(size.vocabulary(), List.of(END)).train(corpus.training());
            stage.note(learned.tokenizer().size() + " of them");
            stage.finish();
            return learned;
        }
    }

    private FineTuneConfiguration training(int steps) {
        return new FineTuneConfiguration.Builder()
                .seed(seed)
                .updater(new TorchAdam(new WarmupCosine(rate, (int) (WARMUP * steps), steps, FLOOR)))
                .weightDecay(WEIGHT_DECAY, true)
                .build();
    }

    /** All that the numbers depend on. */
    private Map<String, String> settings(List<String> texts, DecoderConfig config, Compute compute) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("version of amend4j", Version.number());
        settings.put("--text", Sha256.hex(String.join("\0", texts)));
        settings.put("model", config.toString());
        settings.put("--epochs", Integer.toString(epochs));
        settings.put("--batch", Integer.toString(batch));
        settings.put("--lr", Double.toString(rate));
        settings.put("optimizer", "AdamW as PyTorch's");
        settings.put("--seed", Long.toString(seed));
        settings.put("--validation", Double.toString(validation));
        settings.put("--precision", compute.precision().name());
        settings.put(
                "machine",
                compute.machine().name() + " on " + Machine.Host.here().processor());
        settings.put("threads", Integer.toString(compute.machine().width()));
        return settings;
    }

    /**
     * How far it came.
     *
     * @param losses where it began and ended; empty if there are steps to come
     */
    private record Trained(Optional<Losses> losses, int steps, int ofSteps) {}

    /** Leaves in the graph what it came to. */
    private Trained fit(
            ComputationGraph graph, Compute compute, Examples examples, Checkpoints checkpoints, Progress progress)
            throws IOException, InterruptedException {
        Duration most = minutes.map(some -> Duration.ofMillis(Math.round(60_000 * some)))
                .orElse(Duration.ofMinutes(MOST_MINUTES));
        try (Fitting fitting = compute.fitting(graph, examples)) {
            Epochs all = new Epochs(fitting, epochs, examples.stepsPerEpoch(), checkpoints);
            Optional<Losses> losses = all.run(progress, most);
            if (losses.isEmpty()) {
                ParameterVectors.copyInto(graph, fitting.snapshot().parameters());
            }
            losses.flatMap(Losses::warning).ifPresent(sentence -> progress.say("warning: " + sentence));
            return new Trained(losses, all.steps(), epochs * examples.stepsPerEpoch());
        }
    }

    private void save(
            TransformerModel model,
            TrainedTokenizer tokens,
            Trained trained,
            Optional<TokenLosses> held,
            Map<String, String> settings,
            Checkpoints checkpoints)
            throws IOException {
        WholeFile.Writer result = folder -> {
            model.save(folder);
            tokens.save(folder.resolve("tokenizer.json"));
            Files.writeString(
                    folder.resolve("tokenizer_config.json"),
                    Json.text(Map.of("tokenizer_class", "PreTrainedTokenizerFast", "eos_token", END)));
            Files.writeString(
                    folder.resolve("amend4j_training.json"),
                    Json.text(new Origin(words(), settings, facts(trained, held))));
        };
        TrainedFolder.write(out, result, model.graph(), checkpoints);
    }

    private Facts facts(Trained trained, Optional<TokenLosses> held) {
        return new Facts(
                out.toString(),
                trained.losses().isPresent(),
                trained.steps(),
                trained.ofSteps(),
                trained.losses().map(Losses::last),
                trained.losses().flatMap(Losses::warning),
                held.map(TokenLosses::tokens),
                held.map(TokenLosses::loss),
                held.map(TokenLosses::perplexity));
    }

    private Report report(Trained trained, Optional<TokenLosses> held, Checkpoints checkpoints, double seconds)
            throws IOException {
        String heldBack = held.map(losses -> String.format(Locale.ROOT, "%nheld back: %s", losses.sentence()))
                .orElse("");
        String made = trained.losses().isPresent()
                ? String.format(Locale.ROOT, "%nmodel written to %s (%.1f MB)", out, WholeFile.bytesIn(out) / 1e6)
                : checkpoints
                        .howToGoOn()
                        .map(sentence -> System.lineSeparator() + sentence)
                        .orElse("");
        return new Report(
                        facts(trained, held),
                        String.format(
                                Locale.ROOT,
                                "%,d of %,d steps made, in %.0f s now%s%s",
                                trained.steps(),
                                trained.ofSteps(),
                                seconds,
                                heldBack,
                                made))
                .saying(String.format(Locale.ROOT, "%,d of %,d steps made", trained.steps(), trained.ofSteps())
                        + held.map(losses -> "; held back: " + losses.sentence())
                                .orElse("") + ".");
    }

    /**
     * For JSON.
     *
     * @param loss mean of the last epoch's batches, if all steps are made
     * @param warning a sentence, if it is above the first batch's
     */
    private record Facts(
            String model,
            boolean done,
            int steps,
            int ofSteps,
            Optional<Double> loss,
            Optional<String> warning,
            Optional<Long> validationTokens,
            Optional<Double> validationLoss,
            Optional<Double> validationPerplexity) {}

    /**
     * What made the model, in a file next to it.
     *
     * @param command what was typed last
     */
    private record Origin(List<String> command, Map<String, String> settings, Facts facts) {}
}
