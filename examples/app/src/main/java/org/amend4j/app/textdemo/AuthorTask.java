/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.textdemo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.Examples;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Progress;
import org.amend4j.app.lora.MethodTraining;
import org.amend4j.app.text.Corpus;
import org.amend4j.app.text.LanguageTexts;
import org.amend4j.app.text.TokenBatches;
import org.amend4j.app.text.TokenExamples;
import org.amend4j.app.text.TokenLosses;
import org.amend4j.app.text.Vocabulary;
import org.amend4j.app.text.Windows;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.generate.Choice;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.DecoderAdapter;
import org.amend4j.generate.Generation;
import org.amend4j.generate.GenerationRules;
import org.amend4j.generate.Generator;
import org.amend4j.generate.Prompt;
import org.amend4j.generate.TokenListener;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.text.Tokenizer;
import org.amend4j.transformer.TransformerModel;
import org.amend4j.transformer.WarmupCosine;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;

/** A small language model that has read Jane Austen alone learns Herman Melville by an adapter. */
final class AuthorTask {

    // Every knob.
    static final int RANK = 16;
    static final double ALPHA = 32;
    static final int BATCH = 16;
    static final double RATE = 4e-3;
    static final double HELD_BACK = 0.1;
    /** What {@code text pretrain} held back of Austen. */
    static final double HELD_BACK_OF_BASE = 0.05;

    static final int TOKENS = 60;
    static final Choice CHOICE = new Choice.Sampling(0.8, 40, 0.95);
    static final List<String> PROMPTS = List.of("The captain", "She looked at", "In the evening");
    private static final double WARMUP = 0.1;
    private static final double FLOOR = 0.05;

    private final Path out;
    private final Readings readings;
    private final long seed;
    private final Compute compute;
    private final Progress progress;

    /**
     * The texts.
     *
     * @param melville the adapter reads all of it except its end
     * @param austen the perplexity is measured on their ends
     * @param epochs through the first
     */
    record Readings(String melville, List<String> austen, int epochs) {}

    AuthorTask(Path out, Readings readings, long seed, Compute compute, Progress progress) {
        this.out = out;
        this.readings = readings;
        this.seed = seed;
        this.compute = compute;
        this.progress = progress;
    }

    /**
     * Perplexities of the base and with the adapter.
     *
     * @param melville on the end of Moby-Dick
     * @param austen on the ends of Austen's novels
     */
    record Perplexities(double melville, double austen) {}

    /**
     * How a prompt goes on.
     *
     * @param base without the adapter
     * @param adapted with it
     */
    record Continuation(String prompt, String base, String adapted) {}

    /**
     * What came of it.
     *
     * @param melvilleByEpoch perplexity on the end of Moby-Dick after each
     * @param secondsByEpoch tests not counted
     */
    record Outcome(
            Perplexities base,
            Perplexities adapted,
            List<Double> melvilleByEpoch,
            List<Double> secondsByEpoch,
            long trainableParameters,
            long bytesOnDisk,
            List<Continuation> continuations) {}

    /** Trains the adapter, saves it, and goes on with prompts. */
    Outcome run() throws IOException {
        Path folder = TextDemoFiles.decoder(out);
        TransformerModel model = TransformerModel.open(folder, DataType.FLOAT);
        DecoderConfig config = (DecoderConfig) model.config();
        Tokenizer tokens = Vocabulary.open(folder, Optional.empty(), config.vocabulary());
        LanguageTexts language = new LanguageTexts(tokens, config.usableIds().ends(), config.longest());
        Corpus whale = Corpus.of(List.of(readings.melville()), HELD_BACK);
        TokenExamples end = language.windows(whale.heldBack());
        TokenExamples austen =
                language.windows(Corpus.of(readings.austen(), HELD_BACK_OF_BASE).heldBack());
        Perplexities before = perplexities(model.graph(), end, austen);
        Windows windows = new Windows(language.tokens(whale.training()), config.longest());
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.of(model.graph()),
                LoraConfig.of(RANK, ALPHA).withTargets(Targets.regex(".*_proj")),
                steps(windows));
        Examples examples = new TokenBatches(windows.all(), windows::ofEpoch, BATCH, seed).toTrainOn();
        MethodTraining.Trained trained = new MethodTraining(
                        compute, progress, perplexity -> String.format(Locale.ROOT, "perplexity %.1f", perplexity))
                .run(
                        "Melville by LoRA",
                        adapted.graph(),
                        readings.epochs(),
                        examples,
                        () -> perplexity(adapted.graph(), end));
        adapted.save(TextDemoFiles.author(out));
        return new Outcome(
                before,
                perplexities(adapted.graph(), end, austen),
                trained.measures(),
                trained.seconds(),
                adapted.graph().numParams(),
                WholeFile.bytesIn(TextDemoFiles.author(out)),
                continuations(folder, tokens));
    }

    private FineTuneConfiguration steps(Windows windows) {
        int steps = readings.epochs() * ((windows.perEpoch() + BATCH - 1) / BATCH);
        return new FineTuneConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(new WarmupCosine(RATE, (int) (WARMUP * steps), steps, FLOOR)))
                .build();
    }

    private static Perplexities perplexities(ComputationGraph graph, TokenExamples melville, TokenExamples austen) {
        return new Perplexities(perplexity(graph, melville), perplexity(graph, austen));
    }

    private static double perplexity(ComputationGraph graph, TokenExamples examples) {
        return TokenLosses.of(graph, examples, BATCH).perplexity();
    }

    /** Each prompt without the adapter and with it, side by side. */
    private List<Continuation> continuations(Path folder, Tokenizer tokens) throws IOException {
        Decoder decoder = Decoder.open(folder);
        DecoderAdapter adapter = DecoderAdapter.read(TextDemoFiles.author(out));
        List<Prompt> prompts = new ArrayList<>();
        for (String prompt : PROMPTS) {
            List<Integer> ids =
                    Arrays.stream(tokens.encode(prompt).ids()).boxed().toList();
            prompts.add(Prompt.of(ids));
            prompts.add(new Prompt(ids, Optional.of(adapter)));
        }
        GenerationRules rules =
                GenerationRules.greedy(TOKENS, decoder).withChoice(CHOICE).withSeed(seed);
        List<Generation> texts = new Generator(decoder).generate(prompts, rules, TokenListener.NONE);
        return IntStream.range(0, PROMPTS.size())
                .mapToObj(k -> new Continuation(
                        PROMPTS.get(k), text(tokens, texts.get(2 * k)), text(tokens, texts.get(2 * k + 1))))
                .toList();
    }

    private static String text(Tokenizer tokens, Generation generation) {
        return tokens.decode(
                generation.tokens().stream().mapToInt(token -> token).toArray(), true);
    }
}
