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
import org.amend4j.app.evaluation.Accuracy;
import org.amend4j.app.evaluation.Answers;
import org.amend4j.app.evaluation.ClassRecall;
import org.amend4j.app.evaluation.Errors;
import org.amend4j.app.job.Progress;
import org.amend4j.app.lora.Changes;
import org.amend4j.app.lora.Checkpoints;
import org.amend4j.app.lora.Comparison;
import org.amend4j.data.Batches;
import org.amend4j.data.Labelled;
import org.amend4j.data.Subset;
import org.amend4j.internal.model.StoredNormalizer;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterScope;
import org.amend4j.lora.StartData;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of numbers or pictures with a class each, or rows of a regression. */
final class LabelledLesson implements TrainingTask {

    private static final Comparison.Words WORDS = new Comparison.Words(
            "examples that were held back",
            "the base alone",
            "the base with the adapter",
            "the held-back examples, which the seed shuffled");

    private final DataOptions data;
    private final Labelled examples;
    private final Optional<StoredNormalizer> normalizer;
    private final boolean own;
    private final DataType type;
    private final Course course;
    private final Optional<Subset.Split> split;
    private final Labelled training;

    /**
     * Examples that were read.
     *
     * @param normalizer that they went through, if there was one
     * @param own whether it was made of them, and is not in the model's file
     * @param type of the base
     */
    LabelledLesson(
            DataOptions data,
            Labelled examples,
            Optional<StoredNormalizer> normalizer,
            boolean own,
            DataType type,
            Course course) {
        this.data = data;
        this.examples = examples;
        this.normalizer = normalizer;
        this.own = own;
        this.type = type;
        this.course = course;
        this.split = course.validation() == 0
                ? Optional.empty()
                : Optional.of(Subset.split(examples, course.validation(), course.seed()));
        this.training = training();
    }

    private Labelled training() {
        Labelled all = split.map(Subset.Split::training).orElse(examples);
        if (!course.isWeighed()) {
            return all;
        }
        int[] labels = IntStream.range(0, all.size()).map(all::label).toArray();
        return Subset.of(all, course.epoch(classes(), labels));
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
        normalizer.ifPresent(some -> settings.put("normalizer", some.digest()));
        return settings;
    }

    @Override
    public INDArray first(int count) {
        int[] first = IntStream.range(0, Math.min(count, size())).toArray();
        return examples.batch(first).getFeatures().castTo(type);
    }

    @Override
    public StartData start() {
        return FactorOptions.data(
                Batches.shuffled(training, Math.min(course.batch(), training.size()), course.seed()), type);
    }

    @Override
    public Learnt learn(AdaptedModel adapted, Compute compute, Checkpoints checkpoints, Progress progress)
            throws IOException, InterruptedException {
        int rows = Math.min(course.batch(), size());
        Training.Result result = new Training(
                        adapted, rows, course.epochs(), course.seed(), compute, checkpoints, progress)
                .run(training, course.cache());
        return new Learnt(
                result.losses(),
                result.frozenLayers(),
                split.map(Subset.Split::validation).map(held -> heldBack(adapted, held, rows)));
    }

    private static HeldBack heldBack(AdaptedModel adapted, Labelled held, int rows) {
        return held.classes().isEmpty()
                ? numbers(adapted, held, rows)
                : heldBack(adapted, held, Answers.of(adapted.graph(), held, rows), rows);
    }

    private static HeldBack numbers(AdaptedModel adapted, Labelled held, int rows) {
        Errors errors = Errors.of(adapted.graph(), held, rows);
        return new HeldBack(
                new ErrorFacts(errors.examples(), errors.mse(), errors.rmse(), errors.mae(), errors.r2()),
                String.format(Locale.ROOT, "%s on %d held-back examples", errors.words(), errors.examples()),
                () -> {
                    long start = System.nanoTime();
                    try (AdapterScope off = adapted.disable()) {
                        Errors before = Errors.of(adapted.graph(), held, rows);
                        double seconds = (System.nanoTime() - start) / 1e9;
                        return new Base(
                                new BaseErrors(before.mse(), before.rmse(), before.mae(), before.r2(), seconds),
                                Optional.empty());
                    }
                });
    }

    private static HeldBack heldBack(AdaptedModel adapted, Labelled held, Answers answers, int rows) {
        Accuracy accuracy = answers.accuracy();
        return new HeldBack(
                new Facts(
                        accuracy.examples(),
                        accuracy.share(),
                        accuracy.crossEntropy(),
                        ClassRecall.majority(held),
                        ClassRecall.balanced(ClassRecall.of(held, answers))),
                String.format(
                        Locale.ROOT,
                        "%.1f %% of %d held-back examples right (%.1f %% are of the most frequent class)",
                        100 * accuracy.share(),
                        accuracy.examples(),
                        100 * ClassRecall.majority(held)),
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
        if (own) {
            Standardization.write(normalizer.orElseThrow(), folder);
        }
    }

    /** For JSON. */
    private record Facts(
            int validationExamples,
            double validationAccuracy,
            double validationCrossEntropy,
            double validationMajority,
            double validationBalancedAccuracy) {}

    /** For JSON. */
    private record ErrorFacts(
            int validationExamples,
            double validationMse,
            double validationRmse,
            double validationMae,
            Optional<Double> validationR2) {}

    /** For JSON. */
    private record BaseErrors(double mse, double rmse, double mae, Optional<Double> r2, double seconds) {}

    /** For JSON. */
    private record BaseFacts(double accuracy, double seconds, Changes changes) {}
}
