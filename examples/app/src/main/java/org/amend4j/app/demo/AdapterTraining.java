/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.Examples;
import org.amend4j.app.evaluation.Accuracy;
import org.amend4j.app.job.Progress;
import org.amend4j.app.lora.MethodTraining;
import org.amend4j.data.Labelled;
import org.amend4j.data.Subset;
import org.amend4j.internal.prefix.CachedData;
import org.amend4j.internal.prefix.PrefixCache;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.prefix.HostPrefix;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The LoRA part of {@link FashionDemo} alone, on as many of its pictures as wanted.
 *
 * @param training how many pictures to train on, from 1 to 6,000
 * @param test how many to test on, from 1 to 1,000
 */
public record AdapterTraining(int training, int test, int epochs, long seed) {

    /** Height and width of the pictures. */
    public static final int SIDE = FashionDemo.SIDE;

    private static final long CACHE_BYTES = 1L << 30;

    /**
     * What came of it.
     *
     * @param frozenSeconds for the frozen layers, once, on the CPU
     * @param trainingSeconds for all epochs, test runs not counted
     * @param accuracy share of right test answers at the end
     */
    public record Result(double frozenSeconds, double trainingSeconds, double accuracy) {}

    /**
     * Runs it.
     *
     * @param cache an empty folder for activations
     */
    public Result run(Path cache, Compute compute, Progress progress) throws IOException {
        BaseModel base = BaseModel.of(network());
        AdaptedModel lora = AdaptedModel.attach(
                base, FashionDemo.adapters(), FashionDemo.training(FashionDemo.LORA_RATE, epochs, seed, training));
        HostPrefix prefix = HostPrefix.of(base.network(), List.of(FashionDemo.CUT));
        long start = System.nanoTime();
        Labelled below = activations(base, prefix, first(FashionPictures.training(SIDE), training), cache, progress);
        Labelled belowTest = activations(base, prefix, first(FashionPictures.test(SIDE), test), cache, progress);
        double frozen = (System.nanoTime() - start) / 1e9;
        ComputationGraph tail = lora.tail();
        MethodTraining.Trained trained = MethodTraining.ofClassifiers(compute, progress)
                .run(
                        "LoRA",
                        tail,
                        epochs,
                        Examples.of(below, FashionDemo.BATCH, seed),
                        () -> Accuracy.of(tail, belowTest, FashionDemo.TESTED).share());
        double seconds =
                trained.seconds().stream().mapToDouble(Double::doubleValue).sum();
        return new Result(frozen, seconds, trained.measures().get(epochs - 1));
    }

    /** The whole network as Deeplearning4j runs it, for its shapes. */
    public ComputationGraph network() throws IOException {
        return Backbone.withNewHead(SIDE, FashionPictures.CLASSES.size(), seed);
    }

    /** The vertices above the frozen ones, the last one first. */
    public static List<String> trained(ComputationGraph network) {
        return Backbone.above(network, FashionDemo.CUT);
    }

    private static Labelled first(Labelled pictures, int count) {
        return Subset.of(pictures, IntStream.range(0, count).toArray());
    }

    private static Labelled activations(
            BaseModel base, HostPrefix prefix, Labelled pictures, Path cache, Progress progress) {
        try (Progress.Stage stage = progress.stage("frozen layers, " + pictures.size() + " pictures", pictures.size());
                CachedData cached = PrefixCache.at(cache, CACHE_BYTES)
                        .compute(prefix, base.fingerprint().hex(), PrefixActivations.inOrder(pictures), stage::reach)) {
            stage.reach(pictures.size());
            return PrefixActivations.of(cached, pictures).get(0);
        }
    }
}
