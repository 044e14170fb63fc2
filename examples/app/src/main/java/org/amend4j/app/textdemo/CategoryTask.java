/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.textdemo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.Examples;
import org.amend4j.app.evaluation.Accuracy;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Progress;
import org.amend4j.app.lora.Method;
import org.amend4j.app.lora.MethodTraining;
import org.amend4j.app.text.ClassifiedTexts;
import org.amend4j.app.text.SentenceEncoder;
import org.amend4j.app.text.TextAnswers;
import org.amend4j.app.text.TextRecord;
import org.amend4j.app.text.TextTable;
import org.amend4j.app.text.TokenBatches;
import org.amend4j.app.text.TokenExamples;
import org.amend4j.app.text.Vocabulary;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.text.Tokenizer;
import org.amend4j.transformer.EncoderOutput;
import org.amend4j.transformer.Pooling;
import org.amend4j.transformer.TransformerModel;
import org.amend4j.transformer.WarmupCosine;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;

/**
 * MiniLM learns to tell the 15 categories of the Brown corpus by passages of 64 tokens, in three ways:
 *
 * <ol>
 *   <li>head only: a linear classifier on the vectors of the frozen encoder;
 *   <li>LoRA: the same classifier, and low-rank adapters on all linear layers of the encoder;
 *   <li>full fine-tuning: the same classifier, and everything in the encoder's last two layers.
 * </ol>
 *
 * The knobs were settled while looking at these texts, for all three alike: read the differences, not the last digit.
 */
final class CategoryTask {

    // Every knob.
    static final int LENGTH = 64;
    static final int BATCH = 16;
    static final int RANK = 8;
    static final double ALPHA = 16;
    static final double HEAD_RATE = 2e-3;
    static final double LORA_RATE = 2e-3;
    static final double FULL_RATE = 3e-4;
    private static final double WARMUP = 0.1;
    private static final double FLOOR = 0.05;

    static final Pooling POOLING = Pooling.MEAN;
    static final String CLASSIFIER = "classifier";
    private static final String LINEAR = ".*encoder\\.layer\\..*\\.(query|key|value|dense)";
    private static final String LAST = ".*encoder\\.layer\\.[45]\\..*";

    private final Path out;
    private final Extent extent;
    private final long seed;
    private final Compute compute;
    private final Progress progress;
    private final List<String> classes;
    private final BrownCorpus.Split split;

    /**
     * How much is learned.
     *
     * @param perText passages of each text of the corpus
     */
    record Extent(int perText, int headEpochs, int loraEpochs, int fullEpochs) {

        static final Extent WHOLE = new Extent(3, 40, 3, 3);
    }

    CategoryTask(Path out, BrownCorpus corpus, Extent extent, long seed, Compute compute, Progress progress) {
        this.out = out;
        this.extent = extent;
        this.seed = seed;
        this.compute = compute;
        this.progress = progress;
        this.classes = corpus.categories();
        this.split = corpus.split(extent.perText(), seed);
    }

    /** All three ways; adapters are saved. */
    List<Method> run() throws IOException {
        Path folder = TextDemoFiles.encoder(out);
        BaseModel base = BaseModel.of(TransformerModel.open(
                        folder, DataType.FLOAT, new EncoderOutput.Classes(classes, Optional.of(POOLING), seed))
                .graph());
        Tokenizer tokens = Vocabulary.open(folder, Optional.empty(), Integer.MAX_VALUE);
        List<Method> rows = new ArrayList<>();
        rows.add(head(base, folder, tokens));
        TokenExamples training = ClassifiedTexts.of(split.training(), tokens, classes, LENGTH);
        TokenExamples test = ClassifiedTexts.of(split.test(), tokens, classes, LENGTH);
        LoraConfig adapters =
                LoraConfig.of(RANK, ALPHA).withTargets(Targets.regex(LINEAR)).withTrainedInFull(CLASSIFIER);
        rows.add(tuned(
                "LoRA",
                "the classifier, and rank " + RANK + " adapters on all linear layers of the encoder",
                AdaptedModel.attach(base, adapters, steps(LORA_RATE, extent.loraEpochs())),
                extent.loraEpochs(),
                training,
                test,
                TextDemoFiles.categories(out).adapter()));
        rows.add(tuned(
                "last two layers",
                "the classifier and everything in the encoder's last two layers",
                AdaptedModel.attach(base, lastLayers(base.network()), steps(FULL_RATE, extent.fullEpochs())),
                extent.fullEpochs(),
                training,
                test,
                TextDemoFiles.categories(out).full()));
        return rows;
    }

    /** What is compared, in a sentence. */
    String sentence() {
        return String.format(
                Locale.ROOT,
                "%,d passages of the Brown corpus to learn from, %,d of other texts to test with, %d categories",
                split.training().rows().size(),
                split.test().rows().size(),
                classes.size());
    }

    private static LoraConfig lastLayers(ComputationGraph network) {
        List<String> names = new ArrayList<>(List.of(CLASSIFIER));
        for (var layer : network.getLayers()) {
            String name = layer.conf().getLayer().getLayerName();
            if (name.matches(LAST) && layer.numParams() > 0) {
                names.add(name);
            }
        }
        return LoraConfig.withoutAdapters(names.toArray(String[]::new));
    }

    private FineTuneConfiguration steps(double rate, int epochs) {
        int steps = epochs * ((split.training().rows().size() + BATCH - 1) / BATCH);
        return new FineTuneConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(new WarmupCosine(rate, (int) (WARMUP * steps), steps, FLOOR)))
                .build();
    }

    private MethodTraining training() {
        return MethodTraining.ofClassifiers(compute, progress);
    }

    private Method head(BaseModel base, Path folder, Tokenizer tokens) throws IOException {
        TransformerModel pooled = TransformerModel.open(folder, DataType.FLOAT, new EncoderOutput.Pooled(POOLING));
        SentenceEncoder encoder = SentenceEncoder.of(pooled.graph(), tokens, LENGTH, false);
        SentenceVectors vectors = vectors(encoder, split.training(), "frozen encoder, training passages");
        SentenceVectors test = vectors(encoder, split.test(), "frozen encoder, test passages");
        AdaptedModel head = AdaptedModel.attach(
                base, LoraConfig.withoutAdapters(CLASSIFIER), steps(HEAD_RATE, extent.headEpochs()));
        ComputationGraph tail = head.tail();
        MethodTraining.Trained trained = training()
                .run(
                        "head only",
                        tail,
                        extent.headEpochs(),
                        Examples.of(vectors, BATCH, seed),
                        () -> Accuracy.of(tail, test, 2 * BATCH).share());
        save(head, TextDemoFiles.categories(out).head());
        return trained.row(
                "a linear classifier on the frozen encoder's vectors",
                head.graph().numParams(),
                WholeFile.bytesIn(TextDemoFiles.categories(out).head()));
    }

    private SentenceVectors vectors(SentenceEncoder encoder, TextTable table, String name) {
        List<String> texts =
                table.rows().stream().map(row -> row.texts().get(0)).toList();
        try (Progress.Stage stage = progress.stage(name, texts.size())) {
            return new SentenceVectors(table, encoder.encode(texts, stage::step), classes);
        }
    }

    private Method tuned(
            String method,
            String trains,
            AdaptedModel adapted,
            int epochs,
            TokenExamples examples,
            TokenExamples test,
            Path folder)
            throws IOException {
        Examples all = new TokenBatches(examples, BATCH, seed).toTrainOn();
        MethodTraining.Trained trained = training()
                .run(
                        method,
                        adapted.graph(),
                        epochs,
                        all,
                        () -> TextAnswers.accuracy(adapted.graph(), test, 2 * BATCH)
                                .share());
        save(adapted, folder);
        return trained.row(trains, adapted.graph().numParams(), WholeFile.bytesIn(folder));
    }

    private void save(AdaptedModel adapted, Path folder) throws IOException {
        adapted.save(folder);
        new TextRecord(classes, seed, Optional.of(POOLING)).write(folder);
    }
}
