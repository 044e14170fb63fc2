/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.cluster.Evaluation;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.evaluation.Accuracy;
import org.amend4j.app.evaluation.Answers;
import org.amend4j.app.evaluation.ClassRecall;
import org.amend4j.app.evaluation.Errors;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.Changes;
import org.amend4j.app.lora.Comparison;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.app.text.TextAnswers;
import org.amend4j.app.text.TokenExamples;
import org.amend4j.app.text.TokenLosses;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.data.BadInputException;
import org.amend4j.data.Labelled;
import org.amend4j.internal.model.StoredNormalizer;
import org.amend4j.internal.text.Shown;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.transformer.TransformerModel;
import org.nd4j.linalg.dataset.DataSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tests an adapter. */
@Command(
        name = "eval",
        description =
                "Accuracy of an adapter, and of its base alone, on labelled data, or MSE, RMSE, MAE and R\u00b2 of a regression; of a language model's, or of one that says masked"
                        + " words, the loss and perplexity on text.")
final class LoraEvalCommand extends PageJob {

    private static final int BATCH = 50;

    /** Classes of which each has a line. */
    private static final int MOST_LINES = 12;

    /** Texts at a time. */
    private static final int TEXTS = 8;

    /** Seed of the masks of an encoder's words. */
    private static final long MASKS = 1;

    private static final Comparison.Words WORDS =
            new Comparison.Words("examples", "the base alone", "the base with the adapter", "the data");

    @Mixin
    private AdapterOptions adapter = new AdapterOptions();

    @Mixin
    private ProbeOption probe = new ProbeOption();

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private TextOptions text = new TextOptions();

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Mixin
    private MasterOption master = new MasterOption();

    @Override
    String title() {
        return "An adapter and its base, compared";
    }

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        Optional<Path> folder = adapter.folder();
        master.requireUnnumbered(wanted());
        data.check(folder.isEmpty());
        text.check(folder.isPresent());
        if (folder.isPresent()) {
            requireNothingForFiles();
            try (Cluster cluster = master.open("amend4j lora eval", device(), progress)) {
                return onText(folder.get(), new Evaluation(cluster.tasks(), progress));
            }
        }
        BaseModel base = adapter.base();
        AdaptedModel adapted = adapter.on(base, probe);
        Optional<StoredNormalizer> normalizer = adapter.normalizer();
        DataRecord known = DataRecord.read(adapter.directory());
        known.requireSame(adapter.directory(), normalizer);
        Labelled examples = data.read(base, normalizer, known);
        data.skipped().ifPresent(progress::say);
        normalizer.map(Models::said).ifPresent(progress::say);
        if (examples.classes().isEmpty() && master.master().isPresent()) {
            throw new BadInputException("--master is for classes: a regression is evaluated without it");
        }
        if (master.master().isPresent()) {
            return onCluster(base, adapted, examples, progress);
        }
        try (Compute compute = Compute.open(wanted(), precision.precision(), progress)) {
            if (examples.classes().isEmpty()) {
                return errors(base, adapted, examples, compute);
            }
            return report(compare(base, adapted, examples, compute), adapted, compute.sentence());
        }
    }

    private Report onCluster(BaseModel base, AdaptedModel adapted, Labelled examples, Progress progress)
            throws IOException, InterruptedException {
        boolean onDevices = device() == Devices.Choice.CUDA || device() == Devices.Choice.EMULATED;
        if (!onDevices) {
            requireUnrounded("--master");
        }
        try (Cluster cluster = master.connected("amend4j lora eval", progress)) {
            Evaluation evaluation = new Evaluation(cluster.tasks(), progress);
            Evaluation.Place place = new Evaluation.Place(cluster.device(wanted()), precision.precision(), onDevices);
            Comparison comparison = new Comparison(
                    examples,
                    evaluation.answers(base.network(), examples, BATCH, place),
                    evaluation.answers(Models.merged(adapted), examples, BATCH, place),
                    WORDS);
            return report(comparison, adapted, cluster.sentence().orElseThrow());
        }
    }

    /** @param where it was computed */
    private static Report report(Comparison comparison, AdaptedModel adapted, String where) {
        Accuracy with = comparison.after().accuracy();
        Accuracy without = comparison.before().accuracy();
        Facts facts = new Facts(
                where,
                with.examples(),
                with.share(),
                with.crossEntropy(),
                without.share(),
                without.crossEntropy(),
                comparison.changes(),
                ClassRecall.majority(comparison.examples()),
                recalls(comparison));
        Report report = new Report(
                        facts,
                        words(with, without)
                                + String.format(Locale.ROOT, "%nmajority class  %.1f %%", 100 * facts.majority())
                                + recallWords(facts.recalls()))
                .saying(sentence(with, without));
        return report.showing(LayerMaps.of(adapted), comparison.view());
    }

    private static List<Recall> recalls(Comparison comparison) {
        List<ClassRecall> with = ClassRecall.of(comparison.examples(), comparison.after());
        List<ClassRecall> without = ClassRecall.of(comparison.examples(), comparison.before());
        return IntStream.range(0, with.size())
                .mapToObj(k -> new Recall(
                        with.get(k).name(),
                        with.get(k).examples(),
                        with.get(k).recall(),
                        without.get(k).recall()))
                .toList();
    }

    /** A line a class, if they fit on a screen. */
    private static String recallWords(List<Recall> recalls) {
        if (recalls.size() > MOST_LINES) {
            return "";
        }
        return recalls.stream()
                .map(one -> String.format(
                        Locale.ROOT,
                        "%nrecall of %s: %.1f %% of %d, without the adapter %.1f %%",
                        Shown.of(one.name()),
                        100 * one.recall(),
                        one.examples(),
                        100 * one.baseRecall()))
                .collect(Collectors.joining());
    }

    /** Deeplearning4j computes texts, on the CPU. */
    private void requireNothingForFiles() {
        if (device() == Devices.Choice.CUDA || device() == Devices.Choice.EMULATED) {
            throw new BadInputException(
                    "--device must be auto or cpu where an adapter is tested on --text: Deeplearning4j computes it");
        }
        requireUnrounded("--text");
        if (!data.classes().isEmpty()) {
            throw new BadInputException(
                    "--classes is for --data: an adapter that is tested on --text knows its classes");
        }
    }

    private void requireUnrounded(String option) {
        if (precision.precision() != ProductPrecision.FP32) {
            throw new BadInputException("--precision must be fp32 with " + option + ", got "
                    + precision.precision().name().toLowerCase(Locale.ROOT));
        }
    }

    private Report onText(Path folder, Evaluation evaluation) throws IOException, InterruptedException {
        TransformerModel model = adapter.transformer();
        AdaptedModel adapted = adapter.on(BaseModel.of(model.graph()), probe);
        if (model.config() instanceof EncoderConfig encoder) {
            return encoder.head() instanceof EncoderHead.MaskedTokens
                    ? onMaskedWords(folder, encoder, model, adapted, evaluation)
                    : onTable(folder, encoder, model, adapted, evaluation);
        }
        return onTokens(text.read(folder, Models.decoder(model)), "token", model, adapted, evaluation);
    }

    /** Always masked in the same way. */
    private Report onMaskedWords(
            Path folder, EncoderConfig config, TransformerModel model, AdaptedModel adapted, Evaluation evaluation)
            throws IOException, InterruptedException {
        TextOptions.Masked masked = text.masked(folder, config, MASKS);
        return onTokens(masked.masking().heldBack(masked.whole()), TextMeasure.MASKED, model, adapted, evaluation);
    }

    private static Report onTokens(
            TokenExamples examples, String token, TransformerModel model, AdaptedModel adapted, Evaluation evaluation)
            throws IOException, InterruptedException {
        List<DataSet> batches = examples.batches(TEXTS);
        TokenLosses with = TokenLosses.of(examples, TEXTS, evaluation.texts(adapted, batches, TokenLosses::means));
        TokenLosses without =
                TokenLosses.of(examples, TEXTS, evaluation.texts(model.graph(), batches, TokenLosses::means));
        TextFacts facts = new TextFacts(
                with.examples(), with.tokens(), with.loss(), with.perplexity(), without.loss(), without.perplexity());
        return new Report(
                        facts,
                        String.format(
                                Locale.ROOT,
                                "%,d %ss in %,d examples%nwith adapter    loss %.4f per %s, perplexity %.2f%n"
                                        + "without         loss %.4f per %s, perplexity %.2f",
                                facts.tokens(),
                                token,
                                facts.examples(),
                                facts.loss(),
                                token,
                                facts.perplexity(),
                                facts.baseLoss(),
                                token,
                                facts.basePerplexity()))
                .showing(LayerMaps.of(adapted));
    }

    private Report onTable(
            Path folder, EncoderConfig config, TransformerModel model, AdaptedModel adapted, Evaluation evaluation)
            throws IOException, InterruptedException {
        if (!(config.head() instanceof EncoderHead.Classifier head)) {
            throw new BadInputException("the adapter says no classes, and " + folder + " has none either: it cannot be"
                    + " tested with --text");
        }
        TokenExamples examples = text.read(folder, config, text.table(config), head.labels());
        List<DataSet> batches = examples.batches(TEXTS);
        Accuracy with =
                TextAnswers.accuracy(examples, TEXTS, evaluation.texts(adapted, batches, TextAnswers::probabilities));
        Accuracy without = TextAnswers.accuracy(
                examples, TEXTS, evaluation.texts(model.graph(), batches, TextAnswers::probabilities));
        ClassFacts facts = new ClassFacts(
                with.examples(), with.share(), with.crossEntropy(), without.share(), without.crossEntropy());
        return new Report(facts, words(with, without))
                .saying(sentence(with, without))
                .showing(LayerMaps.of(adapted));
    }

    private static String sentence(Accuracy with, Accuracy without) {
        return String.format(
                Locale.ROOT,
                "%.1f %% of %,d examples are right with the adapter, %.1f %% without.",
                100 * with.share(),
                with.examples(),
                100 * without.share());
    }

    private static String words(Accuracy with, Accuracy without) {
        return String.format(
                Locale.ROOT,
                "%d examples%nwith adapter    %.1f %% right, cross-entropy %.4f%nwithout         %.1f %% right,"
                        + " cross-entropy %.4f",
                with.examples(),
                100 * with.share(),
                with.crossEntropy(),
                100 * without.share(),
                without.crossEntropy());
    }

    private static Comparison compare(BaseModel base, AdaptedModel adapted, Labelled examples, Compute compute) {
        // plans of networks that are only used read plain ones
        Answers with = compute.answers(Models.merged(adapted), examples, BATCH);
        Answers without = compute.answers(base.network(), examples, BATCH);
        return new Comparison(examples, without, with, WORDS);
    }

    private static Report errors(BaseModel base, AdaptedModel adapted, Labelled examples, Compute compute) {
        Errors with = compute.errors(Models.merged(adapted), examples, BATCH);
        Errors without = compute.errors(base.network(), examples, BATCH);
        ErrorFacts facts = new ErrorFacts(
                compute.sentence(),
                with.examples(),
                with.mse(),
                with.rmse(),
                with.mae(),
                with.r2(),
                without.mse(),
                without.rmse(),
                without.mae(),
                without.r2());
        String words = String.format(
                Locale.ROOT,
                "%d examples%nwith adapter    %s%nwithout         %s",
                with.examples(),
                with.words(),
                without.words());
        return new Report(facts, words).showing(LayerMaps.of(adapted));
    }

    /** For JSON. */
    private record ErrorFacts(
            String device,
            int examples,
            double mse,
            double rmse,
            double mae,
            Optional<Double> r2,
            double baseMse,
            double baseRmse,
            double baseMae,
            Optional<Double> baseR2) {}

    /** For JSON. */
    private record ClassFacts(
            int examples, double accuracy, double crossEntropy, double baseAccuracy, double baseCrossEntropy) {}

    /** For JSON. */
    private record TextFacts(
            int examples, long tokens, double loss, double perplexity, double baseLoss, double basePerplexity) {}

    /** For JSON. */
    private record Facts(
            String device,
            int examples,
            double accuracy,
            double crossEntropy,
            double baseAccuracy,
            double baseCrossEntropy,
            Changes changes,
            double majority,
            List<Recall> recalls) {}

    /** For JSON. */
    private record Recall(String name, int examples, double recall, double baseRecall) {}
}
