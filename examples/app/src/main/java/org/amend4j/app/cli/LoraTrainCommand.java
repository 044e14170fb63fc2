/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.data.Accuracy;
import org.amend4j.app.data.Answers;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.data.Claim;
import org.amend4j.app.data.Destination;
import org.amend4j.app.data.Labelled;
import org.amend4j.app.data.Subset;
import org.amend4j.app.data.WholeFile;
import org.amend4j.app.data.WholeFolder;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.job.Stopping;
import org.amend4j.app.job.Threads;
import org.amend4j.app.lora.Changes;
import org.amend4j.app.lora.CheckpointPlace;
import org.amend4j.app.lora.Checkpoints;
import org.amend4j.app.lora.Comparison;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterScope;
import org.amend4j.lora.Attachment;
import org.amend4j.lora.LoraFit;
import org.amend4j.lora.config.Scheme;
import org.amend4j.lora.explain.LoraExplanation;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.DifferentGraphException;
import org.amend4j.probe.Probe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains an adapter. */
@Command(
        name = "train",
        description =
                "Trains an adapter of a Deeplearning4j model on labelled data. If stopped or killed, --resume continues"
                        + " bit-identically.")
final class LoraTrainCommand extends PageJob {

    /** Rows of the data that go through model and adapted network before training. */
    private static final int PROBED_ROWS = 4;

    private static final Comparison.Words WORDS = new Comparison.Words(
            "examples that were held back",
            "the base alone",
            "the base with the adapter",
            "the held-back examples, which the seed shuffled");

    @Mixin
    private ModelOption model = new ModelOption();

    @Mixin
    private DataOptions data = new DataOptions();

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

    @Mixin
    private CheckpointOptions keeping = new CheckpointOptions();

    @Mixin
    private ProbeOption probe = new ProbeOption();

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

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
        try (Claim claim = Claim.of("--out", out)) {
            CheckpointPlace place = keeping.place(out);
            place.removeLeftovers(out);
            return train(place, progress);
        }
    }

    private Report train(CheckpointPlace place, Progress progress) throws IOException, InterruptedException {
        BaseModel base = model.open();
        Models.requireSavedAdapters(base);
        Labelled examples = data.read(base, DataRecord.none());
        LoraFit fit = lora.fit(base, factors.init());
        factors.requireAdapters(!fit.adapters().isEmpty());
        AdaptedModel adapted = attach(base, fit, how(examples, base));
        fit.notes().forEach(progress::say);
        steps.limitGradients(adapted);
        try (Compute compute = Compute.open(device(), precision.precision(), progress)) {
            LoraExplanation.of(base, fit).brief().forEach(progress::say);
            Checkpoints checkpoints =
                    new Checkpoints(place, settings(adapted, examples, compute), keeping.every(), progress);
            try (Stopping stopping = Stopping.saying(checkpoints::howToGoOn)) {
                return run(adapted, fit, examples, compute, checkpoints, progress);
            } catch (BadInputException | InterruptedException told) {
                throw told;
            } catch (IOException | RuntimeException | Error failed) {
                checkpoints.howToGoOn().ifPresent(progress::say);
                throw failed;
            }
        }
    }

    /** All that the numbers depend on. */
    private Map<String, String> settings(AdaptedModel adapted, Labelled examples, Compute compute) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("version of amend4j", Version.number());
        settings.put("--model", adapted.base().fingerprint().hex());
        settings.putAll(data.settings(examples));
        settings.put("--validation", Double.toString(validation));
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
        settings.put(
                "machine",
                compute.machine().name() + " on " + Machine.Host.here().processor());
        settings.put("threads", compute.machine().width() + " for plans, " + Threads.inUse() + " for others");
        return settings;
    }

    private Report run(
            AdaptedModel adapted,
            LoraFit fit,
            Labelled examples,
            Compute compute,
            Checkpoints checkpoints,
            Progress progress)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        Optional<Subset.Split> split = split(examples);
        int rows = Math.min(batch, examples.size());
        Training.Result result = new Training(adapted, rows, epochs, seed, compute, checkpoints, progress)
                .run(
                        split.map(Subset.Split::training).orElse(examples),
                        split.map(Subset.Split::validation),
                        Optional.ofNullable(cache));
        double seconds = (System.nanoTime() - start) / 1e9;
        save(adapted, examples, checkpoints);
        checkpoints.remove();
        Optional<Compared> compared = split.filter(cut -> hasPage())
                .map(cut ->
                        compare(adapted, cut.validation(), result.validation().orElseThrow(), rows));
        return report(compute.sentence(), adapted, fit, examples, result, compared, seconds);
    }

    private void save(AdaptedModel adapted, Labelled examples, Checkpoints checkpoints) throws IOException {
        try {
            WholeFolder.write(out, folder -> {
                adapted.save(folder);
                data.toRecord(examples).write(folder);
            });
        } catch (IllegalArgumentException refused) {
            if (BaseModel.isFinite(adapted.graph().params())) {
                throw refused;
            }
            checkpoints.remove(); // of a training that diverged in its last step, which no loss has seen
            throw new BadInputException(Failures.sentence(refused) + ": a smaller --lr may help", refused);
        }
    }

    /**
     * With the base.
     *
     * @param seconds that its answers took, which only a page needs
     */
    private record Compared(Comparison comparison, double seconds) {

        Base facts() {
            return new Base(comparison.before().accuracy().share(), seconds, comparison.changes());
        }
    }

    private static Compared compare(AdaptedModel adapted, Labelled held, Answers after, int rows) {
        long start = System.nanoTime();
        try (AdapterScope off = adapted.disable()) {
            Answers before = Answers.of(adapted.graph(), held, rows);
            return new Compared(new Comparison(held, before, after, WORDS), (System.nanoTime() - start) / 1e9);
        }
    }

    private void check() {
        OptionRules.atLeast(1, "--epochs", epochs);
        OptionRules.atLeast(1, "--batch", batch);
        steps.check();
        if (!(validation >= 0 && validation < 1)) {
            throw new BadInputException("--validation must be >= 0 and < 1, got " + validation);
        }
        keeping.check(out);
        if (cache != null) {
            Destination.folder("--cache", cache);
        }
    }

    private static Probe firstRows(Labelled examples, BaseModel base) {
        int[] first = IntStream.range(0, Math.min(PROBED_ROWS, examples.size())).toArray();
        return Probe.of(examples.batch(first).getFeatures().castTo(base.dataType()));
    }

    private Attachment how(Labelled examples, BaseModel base) {
        Attachment plain = Attachment.of(steps.configuration(seed))
                .withFactors(factors.training())
                .withProbe(probe.or(firstRows(examples, base)));
        if (!factors.init().needsData()) {
            return plain;
        }
        Labelled training = split(examples).map(Subset.Split::training).orElse(examples);
        return plain.withData(FactorOptions.data(training, base.dataType(), Math.min(batch, training.size()), seed));
    }

    private Optional<Subset.Split> split(Labelled examples) {
        return validation == 0 ? Optional.empty() : Optional.of(Subset.split(examples, validation, seed));
    }

    private AdaptedModel attach(BaseModel base, LoraFit fit, Attachment how) {
        try {
            return AdaptedModel.attach(base, fit, how);
        } catch (DifferentGraphException different) {
            throw ProbeOption.refused(different);
        } catch (IllegalArgumentException | ArithmeticException bad) { // such as a start whose factors overflow
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    private Report report(
            String device,
            AdaptedModel adapted,
            LoraFit fit,
            Labelled examples,
            Training.Result result,
            Optional<Compared> compared,
            double seconds)
            throws IOException {
        Facts facts = new Facts(
                new Made(
                        device,
                        out.toString(),
                        adapted.base().fingerprint().hex(),
                        fit.notes(),
                        adapted.probed().sentence()),
                examples.size(),
                examples.classes(),
                new Size(adapted.report().trainable(), adapted.report().total(), WholeFile.bytesIn(out)),
                new Learnt(epochs, result.frozenLayers(), result.loss()),
                result.validation().map(Answers::accuracy).map(Validation::of),
                compared.map(Compared::facts),
                seconds);
        String held = result.validation()
                .map(Answers::accuracy)
                .map(accuracy -> String.format(
                        Locale.ROOT,
                        "; %.1f %% of %d held-back examples right",
                        100 * accuracy.share(),
                        accuracy.examples()))
                .orElse("");
        Report report = new Report(
                facts,
                String.format(
                        Locale.ROOT,
                        "%s%nlast epoch's loss %.4f%s%nadapter written to %s (%.1f kB)",
                        adapted.report().summary(),
                        result.loss(),
                        held,
                        out,
                        facts.size().bytes() / 1e3));
        return report.showing(Stream.concat(
                        Stream.of(LayerMaps.of(adapted)),
                        compared.map(both -> both.comparison().view()).stream())
                .toList());
    }

    /** For JSON. */
    private record Facts(
            @JsonUnwrapped Made made,
            int examples,
            List<String> classes,
            @JsonUnwrapped Size size,
            @JsonUnwrapped Learnt learnt,
            @JsonUnwrapped Optional<Validation> validation,
            Optional<Base> baseAlone,
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

    private record Learnt(int epochs, String frozenLayers, double loss) {}

    /** The base on the examples held back. */
    private record Base(double accuracy, double seconds, Changes changes) {}

    /** On the examples held back. */
    private record Validation(int validationExamples, double validationAccuracy, double validationCrossEntropy) {

        static Validation of(Accuracy accuracy) {
            return new Validation(accuracy.examples(), accuracy.share(), accuracy.crossEntropy());
        }
    }
}
