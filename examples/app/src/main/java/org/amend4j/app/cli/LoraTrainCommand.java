/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.FolderLock;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.job.Stopping;
import org.amend4j.app.job.Threads;
import org.amend4j.app.lora.CheckpointPlace;
import org.amend4j.app.lora.Checkpoints;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.app.text.TextRecord;
import org.amend4j.app.text.TextTable;
import org.amend4j.app.text.TokenExamples;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.data.BadInputException;
import org.amend4j.data.ClassWeights;
import org.amend4j.data.Labelled;
import org.amend4j.data.Subset;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.model.StoredNormalizer;
import org.amend4j.internal.text.Shown;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.Attachment;
import org.amend4j.lora.ResolvedLoraConfig;
import org.amend4j.lora.config.Scheme;
import org.amend4j.lora.explain.LoraExplanation;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.DifferentGraphException;
import org.amend4j.probe.Probe;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains an adapter. */
@Command(
        name = "train",
        description =
                "Trains an adapter of a Deeplearning4j model on labelled data (--model, --data), of a language model on text, or of"
                        + " an encoder on labelled texts or masked words (--base, --text). If stopped or killed, --resume continues bit-identically.")
final class LoraTrainCommand extends PageJob {

    /** Rows of the data that go through model and adapted network before training. */
    private static final int PROBED_ROWS = 4;

    private static final String STILL = "no step has moved any parameter: a larger --lr may help";

    @Mixin
    private ModelOption model = new ModelOption();

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private TextOptions text = new TextOptions();

    @Mixin
    private PoolingOption pooling = new PoolingOption();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the adapter goes; a new folder.")
    private Path out = Path.of("");

    @Mixin
    private LoraOptions lora = new LoraOptions();

    @Mixin
    private FactorOptions factors = new FactorOptions();

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
    private int epochs;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "32", description = "Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Mixin
    private StepOptions steps = new StepOptions();

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--validation",
            paramLabel = "PART",
            defaultValue = "0.1",
            description = "Fraction of the data held out to measure accuracy, 0 for none (default: ${DEFAULT-VALUE}).")
    private double validation;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Keep the activations of the frozen layers here, for later runs on the same data and device"
                    + " (default: a temporary folder that is removed, unless the run is killed).")
    private @org.jspecify.annotations.Nullable Path cache;

    @Option(
            names = "--standardize",
            description =
                    "Of a table: take its columns' means away and divide by their standard deviations, over the rows"
                            + " that are trained on. They stay beside the adapter, where eval and merge find them.")
    private boolean standardize;

    @Option(
            names = "--class-weights",
            paramLabel = "WEIGHTS",
            description =
                    "How much the examples of each class count: balanced (every class alike), or weights such as yes=9,no=1"
                            + " (1 where none is named). Those that count more are in an epoch more often.")
    private Optional<String> classWeights = Optional.empty();

    @Mixin
    private CheckpointOptions keeping = new CheckpointOptions();

    @Mixin
    private ProbeOption probe = new ProbeOption();

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Mixin
    private StorageOption storage = new StorageOption();

    @Override
    String title() {
        return "An adapter, trained";
    }

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        out = out.normalize();
        check();
        factors.init();
        factors.training();
        lora.config(); // refused before anything is read
        try (FolderLock claim = FolderLock.of("--out", out)) {
            CheckpointPlace place = keeping.place(out);
            place.removeLeftovers(out);
            return train(place, progress);
        }
    }

    private Report train(CheckpointPlace place, Progress progress) throws IOException, InterruptedException {
        Begun begun = model.folder().isPresent() ? inFolder(model.folder().get()) : labelled(opened());
        BaseModel base = begun.base();
        Models.requireSavedAdapters(base);
        TrainingTask lesson = begun.lesson();
        ResolvedLoraConfig fit = lora.fit(base, factors.init(), begun.inFull());
        factors.requireAdapters(!fit.adapters().isEmpty());
        AdaptedModel adapted = attach(base, fit, how(lesson));
        begun.notes().forEach(progress::say);
        fit.notes().forEach(progress::say);
        steps.limitGradients(adapted);
        try (Compute compute = Compute.open(wanted(), precision.precision(), storage.storage(), progress)) {
            LoraExplanation.of(base, fit).brief().forEach(progress::say);
            Checkpoints checkpoints =
                    new Checkpoints(place, settings(adapted, lesson, compute), keeping.every(), progress);
            try (Stopping stopping = Stopping.saying(checkpoints::howToGoOn)) {
                return run(adapted, fit, lesson, compute, checkpoints, progress);
            } catch (BadInputException | InterruptedException told) {
                throw told;
            } catch (IOException | RuntimeException | Error failed) {
                checkpoints.howToGoOn().ifPresent(progress::say);
                throw failed;
            }
        }
    }

    private TrainingTask.Course course() {
        return new TrainingTask.Course(epochs, batch, seed, validation, Optional.ofNullable(cache), weights());
    }

    private ClassWeights weights() {
        return classWeights.map(ClassWeights::parse).orElseGet(ClassWeights.Alike::new);
    }

    /**
     * What is trained on what.
     *
     * @param inFull layers that are trained in full unless the user names others
     * @param notes what was found in the data
     */
    private record Begun(BaseModel base, TrainingTask lesson, List<String> inFull, List<String> notes) {
        Begun(BaseModel base, TrainingTask lesson, List<String> inFull) {
            this(base, lesson, inFull, List.of());
        }
    }

    private BaseModel opened() {
        return storage.isExact() ? model.open() : model.openPaged(disk());
    }

    /** A base made of a graph that is not used afterwards. */
    private BaseModel base(ComputationGraph graph) {
        return storage.isExact() ? BaseModel.of(graph) : Models.movedToPages(graph, disk());
    }

    /** Where the adapter goes. */
    private Path disk() {
        return Objects.requireNonNull(out.toAbsolutePath().getParent(), "the folder of a folder");
    }

    private Begun labelled(BaseModel base) {
        pooling.requireNone();
        Labelled raw = data.raw(base, DataRecord.none());
        Optional<StoredNormalizer> normalizer = normalizer(raw);
        Labelled examples = data.through(base, normalizer, raw);
        if (examples.classes().isEmpty()) {
            requireNoClassWeights();
        }
        return new Begun(
                base,
                new LabelledLesson(data, examples, normalizer, standardize, base.dataType(), course()),
                List.of(),
                Stream.concat(data.skipped().stream(), normalizer.map(this::said).stream())
                        .toList());
    }

    private Optional<StoredNormalizer> normalizer(Labelled raw) {
        Optional<StoredNormalizer> stored = model.normalizer();
        if (!standardize) {
            return stored;
        }
        if (stored.isPresent()) {
            throw new BadInputException("--standardize is for models without a normalizer, and --model has one in its"
                    + " file: " + stored.get());
        }
        return Optional.of(Standardization.of(
                validation == 0 ? raw : Subset.split(raw, validation, seed).training()));
    }

    private String said(StoredNormalizer normalizer) {
        return standardize
                ? "Columns are standardized: their means and standard deviations over the training rows stay beside the"
                        + " adapter."
                : Models.said(normalizer);
    }

    private void requireNoClassWeights() {
        if (classWeights.isPresent()) {
            throw new BadInputException("--class-weights is for classes: here numbers or words are learnt");
        }
    }

    private Begun inFolder(Path folder) {
        TransformerConfig config = Models.configuration(folder);
        if (config instanceof CausalConfig decoder) {
            return texts(folder, decoder);
        }
        EncoderConfig encoder = Models.encoder(config);
        return text.isMasked() ? masked(folder, encoder) : classes(folder, encoder);
    }

    private Begun texts(Path folder, CausalConfig config) {
        pooling.requireNone();
        requireNoClassWeights();
        TokenExamples examples = text.read(folder, config);
        TrainingTask lesson = new TextLesson(
                examples,
                text.split(examples, validation, seed),
                text.settings(folder, config),
                Optional.empty(),
                Optional.empty(),
                course());
        return new Begun(base(model.transformer().graph()), lesson, List.of());
    }

    private Begun masked(Path folder, EncoderConfig config) {
        pooling.requireNone();
        requireNoClassWeights();
        if (!data.classes().isEmpty()) {
            throw new BadInputException("--classes is for --task classification and pairs");
        }
        TextOptions.Masked masked = text.masked(folder, config, seed);
        TextRecord made = TextRecord.ofMaskedWords(seed);
        Map<String, String> settings = text.settings(folder, config);
        settings.put("--task", "masked");
        TrainingTask lesson = new TextLesson(
                masked.whole(),
                text.split(masked.whole(), validation, seed),
                settings,
                Optional.of(made),
                Optional.of(masked.masking()),
                course());
        TransformerModel encoder = Models.openEncoder(folder, made);
        return new Begun(base(encoder.graph()), lesson, Models.newHeadOf(config));
    }

    private Begun classes(Path folder, EncoderConfig config) {
        TextTable table = text.table(config);
        TextRecord made = new TextRecord(classes(config, table), seed, pooling.pooling());
        TokenExamples examples = text.read(folder, config, table, made.classes());
        Map<String, String> settings = text.settings(folder, config);
        settings.put("classes", String.join(", ", made.classes()));
        pooling.pooling().ifPresent(kind -> settings.put("--pooling", kind.name()));
        TrainingTask lesson = new TextLesson(
                examples,
                text.splitRows(examples, validation, seed),
                settings,
                Optional.of(made),
                Optional.empty(),
                course());
        TransformerModel classifier = Models.openEncoder(folder, made);
        return new Begun(
                base(classifier.graph()),
                lesson,
                Models.headOf(folder, classifier, made),
                List.of(found(made.classes(), table)));
    }

    private String found(List<String> classes, TextTable table) {
        List<String> lonely = data.classes().isEmpty() ? table.lonely() : List.of();
        return classes.size() + " classes: " + listed(classes)
                + (lonely.isEmpty() ? "" : "; of a single row each: " + listed(lonely));
    }

    private static String listed(List<String> classes) {
        return Checks.listed(classes.stream().map(Shown::of).toList());
    }

    /** Those that were named, or those of the model if the table has no others, or the table's. */
    private List<String> classes(EncoderConfig config, TextTable table) {
        if (!data.classes().isEmpty()) {
            return data.classes();
        }
        List<String> found = table.classes();
        if (config.head() instanceof EncoderHead.Classifier head
                && head.labels().containsAll(found)) {
            return head.labels();
        }
        if (found.size() < 2) {
            throw new BadInputException(
                    "--text must have texts of two classes at least, all are of '" + found.get(0) + "'");
        }
        return found;
    }

    /** All that the numbers depend on. */
    private Map<String, String> settings(AdaptedModel adapted, TrainingTask lesson, Compute compute) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("version of amend4j", Version.number());
        settings.put("--model", adapted.base().fingerprint().hex());
        settings.putAll(lesson.settings());
        settings.put("--validation", Double.toString(validation));
        classWeights.ifPresent(said -> settings.put("--class-weights", weights().words()));
        settings.put(
                "adapters",
                adapted.adapters().stream()
                        .map(adapter -> adapter.target() + " of rank " + adapter.rank() + " scaled by "
                                + adapter.scaling() + " with dropout " + adapter.dropout())
                        .collect(Collectors.joining(", ")));
        Scheme scheme = adapted.config().scheme();
        if (!scheme.equals(Scheme.PLAIN)) {
            settings.put("--dora, --bias, --lora-bias", scheme.dora() + ", " + scheme.bias() + ", " + scheme.biasOnB());
        }
        if (!adapted.config().trainedTokens().isEmpty()) {
            settings.put(
                    "--trainable-tokens",
                    adapted.config().trainedTokens().entrySet().stream()
                            .map(some -> some.getKey() + "=" + some.getValue())
                            .collect(Collectors.joining(", ")));
        }
        settings.put("--train-in-full", String.join(", ", adapted.trainedInFull()));
        settings.put("--epochs", Integer.toString(epochs));
        settings.put("--batch", Integer.toString(batch));
        settings.putAll(steps.settings());
        settings.putAll(factors.settings());
        settings.put("--seed", Long.toString(seed));
        settings.put("--precision", compute.precision().name());
        settings.put("--base-storage", storage.storage().name());
        settings.put(
                "machine",
                compute.machine().name() + " on " + Machine.Host.here().processor());
        settings.put("threads", compute.machine().width() + " for plans, " + Threads.inUse() + " for others");
        return settings;
    }

    private Report run(
            AdaptedModel adapted,
            ResolvedLoraConfig fit,
            TrainingTask lesson,
            Compute compute,
            Checkpoints checkpoints,
            Progress progress)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        INDArray before = adapted.graph().params().dup();
        TrainingTask.Learnt learnt = lesson.learn(adapted, compute, checkpoints, progress);
        if (learnt.losses().divergence().isPresent()) {
            checkpoints.remove();
            throw new BadInputException(learnt.losses().divergence().get());
        }
        boolean still = ArrayBytes.same(before, adapted.graph().params());
        Optional<String> warning = still ? Optional.of(STILL) : learnt.losses().warning();
        warning.ifPresent(sentence -> progress.say("warning: " + sentence));
        double seconds = (System.nanoTime() - start) / 1e9;
        save(adapted, lesson, checkpoints);
        checkpoints.remove();
        Optional<TrainingTask.Base> base = learnt.heldBack()
                .filter(held -> hasPage())
                .map(held -> held.base().get());
        return report(compute.sentence(), adapted, fit, lesson, learnt, warning, base, seconds);
    }

    private void save(AdaptedModel adapted, TrainingTask lesson, Checkpoints checkpoints) throws IOException {
        TrainedFolder.write(
                out,
                folder -> {
                    lesson.record(folder);
                    AdapterFile.write(
                            folder, PeftBases.opened(adapted.content(), model.folder(), TextRecord.read(folder)));
                },
                adapted.graph(),
                checkpoints);
    }

    private void check() {
        boolean inFolder = model.folder().isPresent();
        data.check(!inFolder);
        text.check(inFolder);
        OptionRules.atLeast(1, "--epochs", epochs);
        OptionRules.atLeast(1, "--batch", batch);
        steps.check();
        weights(); // refused before anything is read
        if (!(validation >= 0 && validation < 1)) {
            throw new BadInputException("--validation must be >= 0 and < 1, got " + validation);
        }
        if (standardize && inFolder) {
            throw new BadInputException("--standardize is for tables: a model in a folder learns from --text");
        }
        storage.check(precision.precision(), device());
        keeping.check(out);
        if (cache != null) {
            if (inFolder) {
                throw new BadInputException("--cache is for models in files: of texts no activations are kept");
            }
            Destination.folder("--cache", cache);
        }
    }

    private Attachment how(TrainingTask lesson) {
        Attachment plain = Attachment.of(steps.configuration(seed))
                .withFactors(factors.training())
                .withProbe(probe.or(Probe.of(lesson.first(PROBED_ROWS))));
        return factors.init().needsData() ? plain.withData(lesson.start()) : plain;
    }

    private AdaptedModel attach(BaseModel base, ResolvedLoraConfig fit, Attachment how) {
        try {
            return AdaptedModel.attach(base, fit, how);
        } catch (DifferentGraphException different) {
            throw ProbeOption.refused(different);
        } catch (IllegalArgumentException | ArithmeticException bad) { // such as a start with factors that overflow
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    private Report report(
            String device,
            AdaptedModel adapted,
            ResolvedLoraConfig fit,
            TrainingTask lesson,
            TrainingTask.Learnt learnt,
            Optional<String> warning,
            Optional<TrainingTask.Base> base,
            double seconds)
            throws IOException {
        Facts facts = new Facts(
                new Made(
                        device,
                        out.toString(),
                        adapted.base().fingerprint().hex(),
                        fit.notes(),
                        adapted.probed().sentence()),
                lesson.size(),
                lesson.classes(),
                new Size(adapted.report().trainable(), adapted.report().total(), WholeFile.bytesIn(out)),
                new Learnt(
                        epochs,
                        learnt.frozenLayers(),
                        learnt.losses().first(),
                        learnt.losses().last(),
                        warning),
                learnt.heldBack().map(TrainingTask.HeldBack::facts),
                base.map(TrainingTask.Base::facts),
                seconds);
        Report report = new Report(
                facts,
                String.format(
                        Locale.ROOT,
                        "%s%nlast epoch's loss %.4f%s%nadapter written to %s (%.1f kB)",
                        adapted.report().summary(),
                        learnt.losses().last(),
                        learnt.heldBack().map(held -> "; " + held.words()).orElse(""),
                        out,
                        facts.size().bytes() / 1e3));
        return report.saying(String.format(
                        Locale.ROOT,
                        "The adapter trains %,d of %,d parameters%s.",
                        adapted.report().trainable(),
                        adapted.report().total(),
                        learnt.heldBack().map(held -> "; " + held.words()).orElse("")))
                .showing(Stream.concat(Stream.of(LayerMaps.of(adapted)), base.flatMap(TrainingTask.Base::view).stream())
                        .toList());
    }

    /** For JSON. */
    private record Facts(
            @JsonUnwrapped Made made,
            int examples,
            List<String> classes,
            @JsonUnwrapped Size size,
            @JsonUnwrapped Learnt learnt,
            @JsonUnwrapped Optional<Object> validation,
            Optional<Object> baseAlone,
            double seconds) {}

    /**
     * What was made, and where.
     *
     * @param base its fingerprint
     * @param notes on what LoRA was fitted to
     * @param probe a sentence
     */
    private record Made(String device, String adapter, String base, List<String> notes, String probe) {}

    /** Of the adapter; in all with the base's parameters. */
    private record Size(long trainableParameters, long totalParameters, long bytes) {}

    /**
     * How it went.
     *
     * @param firstLoss of the first batch
     * @param loss mean of the last epoch's batches
     * @param warning a sentence, if it came to nothing
     */
    private record Learnt(int epochs, String frozenLayers, double firstLoss, double loss, Optional<String> warning) {}
}
