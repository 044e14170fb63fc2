/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.data.Accuracy;
import org.amend4j.app.data.Answers;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.data.Labelled;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.Changes;
import org.amend4j.app.lora.Comparison;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.app.text.TextAnswers;
import org.amend4j.app.text.TokenExamples;
import org.amend4j.app.text.TokenLosses;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.model.BaseModel;
import org.amend4j.transformer.TransformerModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tests an adapter. */
@Command(
        name = "eval",
        description =
                "Accuracy of an adapter, and of its base alone, on labelled data; of a language model's, or of one that says masked"
                        + " words, the loss and perplexity on text.")
final class LoraEvalCommand extends PageJob {

    private static final int BATCH = 50;

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

    @Override
    String title() {
        return "An adapter and its base, compared";
    }

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Progress progress) {
        Optional<Path> folder = adapter.folder();
        data.check(folder.isEmpty());
        text.check(folder.isPresent());
        if (folder.isPresent()) {
            requireNothingForFiles();
            return onText(folder.get());
        }
        BaseModel base = adapter.base();
        AdaptedModel adapted = adapter.on(base, probe);
        Labelled examples = data.read(base, DataRecord.read(adapter.directory()));
        try (Compute compute = Compute.open(device(), precision.precision(), progress)) {
            return run(base, adapted, examples, compute);
        }
    }

    private static Report run(BaseModel base, AdaptedModel adapted, Labelled examples, Compute compute) {
        Comparison comparison = compare(base, adapted, examples, compute);
        Accuracy with = comparison.after().accuracy();
        Accuracy without = comparison.before().accuracy();
        Facts facts = new Facts(
                compute.sentence(),
                with.examples(),
                with.share(),
                with.crossEntropy(),
                without.share(),
                without.crossEntropy(),
                comparison.changes());
        Report report = new Report(facts, words(with, without));
        return report.showing(LayerMaps.of(adapted), comparison.view());
    }

    /** Deeplearning4j computes texts, on the CPU. */
    private void requireNothingForFiles() {
        if (device() == Devices.Choice.CUDA || device() == Devices.Choice.EMULATED) {
            throw new BadInputException(
                    "--device must be auto or cpu where an adapter is tested on --text: Deeplearning4j computes it");
        }
        if (precision.precision() != ProductPrecision.FP32) {
            throw new BadInputException(
                    "--precision must be fp32 where an adapter is tested on --text: Deeplearning4j computes it");
        }
        if (!data.classes().isEmpty()) {
            throw new BadInputException(
                    "--classes is for --data: an adapter that is tested on --text knows its classes");
        }
    }

    private Report onText(Path folder) {
        TransformerModel model = adapter.transformer();
        AdaptedModel adapted = adapter.on(BaseModel.of(model.graph()), probe);
        if (model.config() instanceof EncoderConfig encoder) {
            return encoder.head() instanceof EncoderHead.MaskedTokens
                    ? onMaskedWords(folder, encoder, model, adapted)
                    : onTable(folder, encoder, model, adapted);
        }
        return onTokens(text.read(folder, Models.decoder(model)), "token", model, adapted);
    }

    /** Always masked in the same way. */
    private Report onMaskedWords(Path folder, EncoderConfig config, TransformerModel model, AdaptedModel adapted) {
        TextOptions.Masked masked = text.masked(folder, config, MASKS);
        return onTokens(masked.masking().heldBack(masked.whole()), TextMeasure.MASKED, model, adapted);
    }

    private static Report onTokens(TokenExamples examples, String token, TransformerModel model, AdaptedModel adapted) {
        TokenLosses with = TokenLosses.of(adapted.graph(), examples, TEXTS);
        TokenLosses without = TokenLosses.of(model.graph(), examples, TEXTS);
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

    private Report onTable(Path folder, EncoderConfig config, TransformerModel model, AdaptedModel adapted) {
        if (!(config.head() instanceof EncoderHead.Classifier head)) {
            throw new BadInputException("the adapter says no classes, and " + folder + " has none either: it cannot be"
                    + " tested with --text");
        }
        TokenExamples examples = text.read(folder, config, text.table(config), head.labels());
        Accuracy with = TextAnswers.accuracy(adapted.graph(), examples, TEXTS);
        Accuracy without = TextAnswers.accuracy(model.graph(), examples, TEXTS);
        ClassFacts facts = new ClassFacts(
                with.examples(), with.share(), with.crossEntropy(), without.share(), without.crossEntropy());
        return new Report(facts, words(with, without)).showing(LayerMaps.of(adapted));
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
            Changes changes) {}
}
