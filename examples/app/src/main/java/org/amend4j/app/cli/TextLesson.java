/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.Examples;
import org.amend4j.app.compute.Fitting;
import org.amend4j.app.job.Progress;
import org.amend4j.app.lora.Checkpoints;
import org.amend4j.app.lora.Epochs;
import org.amend4j.app.lora.Losses;
import org.amend4j.app.text.Masking;
import org.amend4j.app.text.TextRecord;
import org.amend4j.app.text.TokenBatches;
import org.amend4j.app.text.TokenExamples;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.StartData;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Texts, of which a model learns which token comes next, which ones were masked, or which class they are of. */
final class TextLesson implements TrainingTask {

    private final TokenExamples examples;
    private final Optional<TokenExamples.Split> split;
    private final Map<String, String> settings;
    private final Optional<TextRecord> record;
    private final Optional<Masking> masking;
    private final TextMeasure measure;
    private final Course course;
    private final TokenExamples training;

    /**
     * Examples that were read.
     *
     * @param split if some are held back
     * @param settings which examples they are, in words by name
     * @param record of an encoder, what its model was made with
     * @param masking how examples are masked that have a label at every token that can be
     */
    TextLesson(
            TokenExamples examples,
            Optional<TokenExamples.Split> split,
            Map<String, String> settings,
            Optional<TextRecord> record,
            Optional<Masking> masking,
            Course course) {
        this.examples = examples;
        this.split = split;
        this.settings = settings;
        this.record = record;
        this.masking = masking;
        this.measure = measure();
        this.course = course;
        this.training = training();
    }

    private TokenExamples training() {
        TokenExamples all = split.map(TokenExamples.Split::training).orElse(examples);
        if (!course.isWeighed()) {
            return all;
        }
        int[] labels = IntStream.range(0, all.size())
                .map(example -> all.get(example).labels()[0])
                .toArray();
        return all.subset(course.epoch(classes(), labels));
    }

    private TextMeasure measure() {
        if (masking.isPresent()) {
            return TextMeasure.MASKED_TOKENS;
        }
        return record.isPresent() ? TextMeasure.CLASSES : TextMeasure.NEXT_TOKEN;
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public List<String> classes() {
        return record.map(TextRecord::classes).orElse(List.of());
    }

    @Override
    public Map<String, String> settings() {
        return settings;
    }

    @Override
    public INDArray first(int count) {
        return examples.batch(IntStream.range(0, Math.min(count, size())).toArray())
                .getFeatures();
    }

    private TokenExamples heldBack(TokenExamples held) {
        return masking.map(some -> some.heldBack(held)).orElse(held);
    }

    /** Of all epochs; masked examples are others in each. */
    private TokenExamples ofAllEpochs() {
        return masking.map(some -> some.all(training, course.epochs())).orElse(training);
    }

    private TokenBatches batches(TokenExamples all) {
        int batch = Math.min(course.batch(), training.size());
        return masking.isPresent()
                ? new TokenBatches(
                        all, epoch -> Masking.ofEpoch(training, course.epochs(), epoch), batch, course.seed())
                : new TokenBatches(all, batch, course.seed());
    }

    @Override
    public StartData start() {
        return FactorOptions.data(batches(ofAllEpochs()), DataType.FLOAT);
    }

    @Override
    public Learnt learn(AdaptedModel adapted, Compute compute, Checkpoints checkpoints, Progress progress)
            throws IOException, InterruptedException {
        Examples all = batches(ofAllEpochs()).toTrainOn();
        Losses losses;
        try (Fitting fitting = compute.fitting(adapted.graph(), all)) {
            losses = new Epochs(fitting, course.epochs(), all.stepsPerEpoch(), checkpoints).run(progress);
        }
        return new Learnt(
                losses,
                adapted.hasPrefix() ? "with every step" : "none below the first that trains",
                split.map(TokenExamples.Split::heldBack)
                        .map(held -> measure.heldBack(adapted, heldBack(held), course.batch())));
    }

    @Override
    public void record(Path folder) throws IOException {
        if (record.isPresent()) {
            record.get().write(folder);
        }
    }
}
