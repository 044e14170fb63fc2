/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.Examples;
import org.amend4j.app.compute.Fitting;
import org.amend4j.app.compute.FrozenPart;
import org.amend4j.app.files.Unfinished;
import org.amend4j.app.job.Progress;
import org.amend4j.app.lora.Checkpoints;
import org.amend4j.app.lora.Epochs;
import org.amend4j.app.lora.Losses;
import org.amend4j.data.BadInputException;
import org.amend4j.data.Batches;
import org.amend4j.data.Labelled;
import org.amend4j.graph.Records;
import org.amend4j.internal.file.Folders;
import org.amend4j.internal.prefix.CachedData;
import org.amend4j.internal.prefix.PrefixCache;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.training.RecordParts;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** Epochs of plain {@code fit}, above the cached activations of the frozen layers if there are any. */
final class Training {

    private static final long CACHE_BYTES = 16L << 30;

    private final AdaptedModel model;
    private final int batch;
    private final int epochs;
    private final long seed;
    private final Compute compute;
    private final Checkpoints checkpoints;
    private final Progress progress;

    Training(
            AdaptedModel model,
            int batch,
            int epochs,
            long seed,
            Compute compute,
            Checkpoints checkpoints,
            Progress progress) {
        this.model = model;
        this.batch = batch;
        this.epochs = epochs;
        this.seed = seed;
        this.compute = compute;
        this.checkpoints = checkpoints;
        this.progress = progress;
    }

    /**
     * What came of it.
     *
     * @param losses where it began and ended
     * @param frozenLayers where those below everything that trains were computed, and why there
     */
    record Result(Losses losses, String frozenLayers) {}

    /**
     * Trains the model.
     *
     * @param cache where activations stay; empty: a temporary folder that is removed
     * @throws BadInputException if the loss is not finite any more
     * @throws InterruptedException if the process is to be stopped; what was reached is kept
     */
    Result run(Labelled examples, Optional<Path> cache) throws IOException, InterruptedException {
        Optional<HostPrefix> prefix = model.prefix();
        return prefix.isPresent() ? above(prefix.get(), examples, cache) : whole(examples);
    }

    private Result whole(Labelled examples) throws IOException, InterruptedException {
        Losses losses = epochs(
                model.graph(),
                batches(Batches.shuffled(examples, batch, seed)),
                () -> RecordParts.whole(Records.read(batches(Batches.inOrder(examples, batch)))),
                examples.size());
        return new Result(losses, model.hasPrefix() ? "with every step" : "none below the first that trains");
    }

    /** Above activations that are computed once. */
    private Result above(HostPrefix prefix, Labelled examples, Optional<Path> cache)
            throws IOException, InterruptedException {
        Path folder = cache.isPresent() ? cache.get() : Files.createTempDirectory("amend4j-cache");
        try (Unfinished unfinished = cache.isEmpty() ? Unfinished.at(folder) : Unfinished.in(folder, ".tmp");
                Activations activations = compute(prefix, examples, folder)) {
            CachedData data = activations.data();
            Losses losses = epochs(
                    model.tail(),
                    data.iterator(batch, seed),
                    () -> RecordParts.whole(Records.read(data.inOrder(batch))),
                    examples.size());
            return new Result(losses, activations.where() + (data.computed() ? "" : ", by an earlier run"));
        } finally {
            if (cache.isEmpty()) {
                Folders.delete(folder);
            }
        }
    }

    /** In the model's precision: data is read in single. */
    private MultiDataSetIterator batches(Batches batches) {
        DataType type = model.base().dataType();
        batches.setPreProcessor(read -> {
            read.setFeatures(read.getFeatures().castTo(type));
            read.setLabels(read.getLabels().castTo(type));
        });
        return new MultiDataSetIteratorAdapter(batches);
    }

    private record Activations(CachedData data, String where) implements AutoCloseable {
        @Override
        public void close() {
            data.close();
        }
    }

    private Activations compute(HostPrefix prefix, Labelled examples, Path folder) {
        try (Progress.Stage stage = progress.stage("frozen layers", examples.size());
                FrozenPart layers = compute.frozenLayers(
                        prefix, model.base().network(), batch, examples.batch(0).getFeatures())) {
            CachedData data = PrefixCache.at(folder, CACHE_BYTES)
                    .compute(
                            layers.prefix(),
                            model.base().fingerprint().hex(),
                            batches(Batches.inOrder(examples, batch)),
                            stage::reach);
            return new Activations(data, layers.where());
        }
    }

    private Losses epochs(ComputationGraph graph, MultiDataSetIterator batches, Supplier<RecordParts> all, int size)
            throws IOException, InterruptedException {
        Examples examples = new Examples(batches, all, size, batch, seed);
        try (Fitting fitting = compute.fitting(graph, examples)) {
            return new Epochs(fitting, epochs, examples.stepsPerEpoch(), checkpoints).run(progress);
        }
    }
}
