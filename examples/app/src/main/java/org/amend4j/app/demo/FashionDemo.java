/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.Examples;
import org.amend4j.app.evaluation.Accuracy;
import org.amend4j.app.evaluation.Answers;
import org.amend4j.app.files.Unfinished;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Progress;
import org.amend4j.app.lora.Comparison;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.app.lora.Method;
import org.amend4j.app.lora.MethodTraining;
import org.amend4j.data.Labelled;
import org.amend4j.html.HtmlView;
import org.amend4j.internal.prefix.CachedData;
import org.amend4j.internal.prefix.PrefixCache;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.prefix.HostPrefix;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearningHelper;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * LoRA on a real network, next to its alternatives: MobileNetV2, pretrained on photographs, learns to tell ten kinds of
 * clothes from 6,000 small grey pictures (Fashion-MNIST).
 *
 * <ol>
 *   <li>head only: the pretrained network is frozen, a linear classifier is trained on its averaged output;
 *   <li>LoRA: the same classifier, and low-rank adapters on the 1×1 convolutions of the last blocks;
 *   <li>full fine-tuning: the same classifier, and everything in the last blocks, by Deeplearning4j alone.
 * </ol>
 *
 * All three start above frozen layers, and the activations of these are computed once. The learning rate falls exponentially to a fiftieth.
 * The result is the accuracy on the 1,000 test pictures after the last epoch. The knobs below were settled while looking at these pictures,
 * for all three alike: read the differences, not the last digit (one standard error is about one point).
 */
public final class FashionDemo {

    // Every knob.
    static final int SIDE = 64;
    static final int PICTURES = 6000;
    static final int BATCH = 64;
    static final int RANK = 16;
    static final double ALPHA = 32;
    static final String ADAPTED = "block_(10|11|12)_(expand|project)";
    static final String CUT = "block_9_add";
    static final int HEAD_EPOCHS = 60;
    static final int LORA_EPOCHS = 6;
    static final int FULL_EPOCHS = 2;
    static final double HEAD_RATE = 1e-2;
    static final double LORA_RATE = 2e-3;
    static final double FULL_RATE = 1e-3;
    static final double LAST_RATE = 0.02;

    private static final Comparison.Words WORDS = new Comparison.Words(
            "test pictures",
            "head only, the frozen network with a trained classifier",
            "LoRA, the same with adapters",
            "the test set");

    /** At a time. */
    static final int TESTED = 100;

    private static final long CACHE_BYTES = 1L << 30;

    private final Path out;
    private final long seed;
    private final Compute compute;
    private final Progress progress;

    /**
     * A run.
     *
     * @param out folder for the adapter, the base model, report and chart
     * @param seed of the first weights and the order of the examples
     * @param compute what head and adapters are trained on; full fine-tuning is Deeplearning4j's own
     */
    public FashionDemo(Path out, long seed, Compute compute, Progress progress) {
        this.out = out;
        this.seed = seed;
        this.compute = compute;
        this.progress = progress;
    }

    /**
     * What came of it.
     *
     * @param map of the network with LoRA
     * @param comparison of head only and LoRA, each after its last epoch
     */
    record Outcome(List<Method> rows, HtmlView map, Comparison comparison) {}

    /**
     * Trains head and adapters, and saves base model, head and adapter in the output folder.
     *
     * @param fully whether stock Deeplearning4j fine-tunes everything in the last blocks too, which takes as long again
     */
    Outcome run(boolean fully) throws IOException {
        ComputationGraph network = Backbone.withNewHead(SIDE, FashionPictures.CLASSES.size(), seed);
        WholeFile.write(DemoFiles.base(out), file -> ModelSerializer.writeModel(network, file.toFile(), false));
        BaseModel base = BaseModel.of(network);

        AdaptedModel head = AdaptedModel.attach(
                base, LoraConfig.withoutAdapters(Backbone.HEAD), training(HEAD_RATE, HEAD_EPOCHS, seed, PICTURES));
        AdaptedModel lora = AdaptedModel.attach(base, adapters(), training(LORA_RATE, LORA_EPOCHS, seed, PICTURES));

        // The frozen prefix, once: what the head sees, and what the adapted blocks see.
        HostPrefix prefix = HostPrefix.of(base.network(), List.of(Backbone.POOL, CUT));
        List<PrefixActivations> training =
                activations(base, prefix, FashionPictures.training(SIDE), "frozen layers, 6,000 pictures");
        List<PrefixActivations> test =
                activations(base, prefix, FashionPictures.test(SIDE), "frozen layers, 1,000 test pictures");

        List<Method> rows = new ArrayList<>();
        Tested one = train(compute, "head only", head.tail(), HEAD_EPOCHS, training.get(0), test.get(0));
        head.save(DemoFiles.methods(out).head());
        rows.add(one.trained()
                .row(
                        "a linear classifier",
                        head.graph().numParams(),
                        WholeFile.bytesIn(DemoFiles.methods(out).head())));

        Tested two = train(compute, "LoRA", lora.tail(), LORA_EPOCHS, training.get(1), test.get(1));
        lora.save(DemoFiles.methods(out).adapter());
        rows.add(two.trained()
                .row(
                        "the classifier, and rank " + RANK + " adapters on the 1x1 convolutions of blocks 10 to 12",
                        lora.graph().numParams(),
                        WholeFile.bytesIn(DemoFiles.methods(out).adapter())));
        if (fully) {
            rows.add(full(training.get(1), test.get(1)));
        }
        return new Outcome(
                rows,
                LayerMaps.of(lora),
                new Comparison(FashionPictures.test(SIDE), one.answers(), two.answers(), WORDS));
    }

    private Method full(PrefixActivations training, PrefixActivations test) throws IOException {
        ComputationGraph full = stockTail();
        Tested trained = train(Compute.cpu(progress), "full fine-tuning", full, FULL_EPOCHS, training, test);
        WholeFile.write(DemoFiles.methods(out).full(), file -> ModelSerializer.writeModel(full, file.toFile(), false));
        return trained.trained()
                .row(
                        "the classifier and everything in blocks 10 to 12, by stock Deeplearning4j; it has "
                                + FULL_EPOCHS + " epochs to LoRA's " + LORA_EPOCHS + ", for its steps take longer",
                        full.numParams(),
                        WholeFile.bytesIn(DemoFiles.methods(out).full()));
    }

    /** Low-rank adapters on the 1×1 convolutions of the last blocks, and the classifier. */
    static LoraConfig adapters() {
        return LoraConfig.of(RANK, ALPHA).withTargets(Targets.regex(ADAPTED)).withTrainedInFull(Backbone.HEAD);
    }

    /** Adam with a learning rate that falls exponentially over all steps to {@link #LAST_RATE} of the first. */
    static FineTuneConfiguration training(double rate, int epochs, long seed, int pictures) {
        return new FineTuneConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(falling(rate, epochs, pictures)))
                .build();
    }

    private static ISchedule falling(double rate, int epochs, int pictures) {
        int steps = epochs * ((pictures + BATCH - 1) / BATCH);
        return new ExponentialSchedule(ScheduleType.ITERATION, rate, Math.pow(LAST_RATE, 1.0 / steps));
    }

    /**
     * The last blocks as a network of its own, all of it trainable, made by Deeplearning4j's transfer learning. Batch
     * norms train as usual, with the batch's statistics; their running averages must follow within the few hundred
     * steps there are, hence the decay.
     */
    private ComputationGraph stockTail() throws IOException {
        ComputationGraph whole = Backbone.withNewHead(SIDE, FashionPictures.CLASSES.size(), seed);
        ComputationGraph tail = new TransferLearningHelper(whole, CUT).unfrozenGraph();
        for (var layer : tail.getLayers()) {
            if (layer.conf().getLayer() instanceof BatchNormalization norm) {
                norm.setDecay(0.9);
            }
        }
        tail.setLearningRate(falling(FULL_RATE, FULL_EPOCHS, PICTURES));
        return tail;
    }

    private List<PrefixActivations> activations(BaseModel base, HostPrefix prefix, Labelled pictures, String name) {
        try (Progress.Stage stage = progress.stage(name, pictures.size());
                Unfinished unfinished = Unfinished.in(DemoFiles.cache(out), ".tmp");
                CachedData cached = PrefixCache.at(DemoFiles.cache(out), CACHE_BYTES)
                        .compute(prefix, base.fingerprint().hex(), PrefixActivations.inOrder(pictures), stage::reach)) {
            stage.reach(pictures.size());
            stage.note(cached.computed() ? "" : "from the cache of an earlier run");
            return PrefixActivations.of(cached, pictures);
        }
    }

    /** @param answers to the test examples after the last epoch */
    private record Tested(MethodTraining.Trained trained, Answers answers) {}

    private Tested train(
            Compute where, String method, ComputationGraph graph, int epochs, Labelled training, Labelled test) {
        MethodTraining.Trained trained = MethodTraining.ofClassifiers(where, progress)
                .run(
                        method,
                        graph,
                        epochs,
                        Examples.of(training, BATCH, seed),
                        () -> Accuracy.of(graph, test, TESTED).share());
        return new Tested(trained, Answers.of(graph, test, TESTED));
    }
}
