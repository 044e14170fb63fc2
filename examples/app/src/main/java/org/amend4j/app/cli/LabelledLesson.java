/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.data.Accuracy;
import org.amend4j.app.data.Answers;
import org.amend4j.app.data.Batches;
import org.amend4j.app.data.Labelled;
import org.amend4j.app.data.Subset;
import org.amend4j.app.job.Progress;
import org.amend4j.app.lora.Changes;
import org.amend4j.app.lora.Checkpoints;
import org.amend4j.app.lora.Comparison;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterScope;
import org.amend4j.lora.StartData;
import org.amend4j.model.StoredNormalizer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of numbers or pictures with a class each. */
final class LabelledLesson implements Lesson {

    private static final Comparison.Words WORDS = new Comparison.Words(
            "examples that were held back",
            "the base alone",
            "the base with the adapter",
            "the held-back examples, which the seed shuffled");

    private final DataOptions data;
    private final Labelled examples;
    private final Optional<StoredNormalizer> normalizer;
    private final DataType type;
    private final Course course;

    /**
     * Examples that were read.
     *
     * @param normalizer that they went through, if there was one
     * @param type of the base
     */
    LabelledLesson(
            DataOptions data, Labelled examples, Optional<StoredNormalizer> normalizer, DataType type, Course course) {
        this.data = data;
        this.examples = examples;
        this.normalizer = normalizer;
        this.type = type;
        this.course = course;
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public List<String> classes() {
        return examples.classes();
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = data.settings(examples);
        normalizer.ifPresent(some -> settings.put("normalizer of --model", some.digest()));
        return settings;
    }

    @Override
    public INDArray first(int count) {
        int[] first = IntStream.range(0, Math.min(count, size())).toArray();
        return examples.batch(first).getFeatures().castTo(type);
    }

    @Override
    public StartData start() {
        Labelled training = training(split());
        return FactorOptions.data(
                Batches.shuffled(training, Math.min(course.batch(), training.size()), course.seed()), type);
    }

    private Optional<Subset.Split> split() {
        return course.validation() == 0
                ? Optional.empty()
                : Optional.of(Subset.split(examples, course.validation(), course.seed()));
    }

    private Labelled training(Optional<Subset.Split> split) {
        return split.map(Subset.Split::training).orElse(examples);
    }

    @Override
    public Learnt learn(AdaptedModel adapted, Compute compute, Checkpoints checkpoints, Progress progress)
            throws IOException, InterruptedException {
        Optional<Subset.Split> split = split();
        int rows = Math.min(course.batch(), size());
        Training.Result result = new Training(
                        adapted, rows, course.epochs(), course.seed(), compute, checkpoints, progress)
                .run(training(split), split.map(Subset.Split::validation), course.cache());
        return new Learnt(
                result.losses(),
                result.frozenLayers(),
                result.validation()
                        .map(answers -> heldBack(adapted, split.orElseThrow().validation(), answers, rows)));
    }

    private static HeldBack heldBack(AdaptedModel adapted, Labelled held, Answers answers, int rows) {
        Accuracy accuracy = answers.accuracy();
        return new HeldBack(
                new Facts(accuracy.examples(), accuracy.share(), accuracy.crossEntropy()),
                String.format(
                        Locale.ROOT,
                        "%.1f %% of %d held-back examples right",
                        100 * accuracy.share(),
                        accuracy.examples()),
                () -> base(adapted, held, answers, rows));
    }

    private static Base base(AdaptedModel adapted, Labelled held, Answers after, int rows) {
        long start = System.nanoTime();
        try (AdapterScope off = adapted.disable()) {
            Comparison comparison = new Comparison(held, Answers.of(adapted.graph(), held, rows), after, WORDS);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Base(
                    new BaseFacts(comparison.before().accuracy().share(), seconds, comparison.changes()),
                    Optional.of(comparison.view()));
        }
    }

    @Override
    public void record(Path folder) throws IOException {
        data.toRecord(examples, normalizer).write(folder);
    }

    /** For JSON. */
    private record Facts(int validationExamples, double validationAccuracy, double validationCrossEntropy) {}

    /** For JSON. */
    private record BaseFacts(double accuracy, double seconds, Changes changes) {}
}
