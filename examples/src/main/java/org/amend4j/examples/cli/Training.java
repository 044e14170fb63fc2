package org.amend4j.examples.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.amend4j.examples.compute.Compute;
import org.amend4j.examples.compute.Examples;
import org.amend4j.examples.compute.Fitting;
import org.amend4j.examples.data.Accuracy;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.data.Batches;
import org.amend4j.examples.data.Labelled;
import org.amend4j.examples.data.Unfinished;
import org.amend4j.examples.job.Progress;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.objective.Records;
import org.amend4j.prefix.CachedData;
import org.amend4j.prefix.PrefixCache;
import org.amend4j.prefix.PrefixProgram;
import org.deeplearning4j.nn.graph.ComputationGraph;
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
    private final Progress progress;

    Training(AdaptedModel model, int batch, int epochs, long seed, Compute compute, Progress progress) {
        this.model = model;
        this.batch = batch;
        this.epochs = epochs;
        this.seed = seed;
        this.compute = compute;
        this.progress = progress;
    }

    /**
     * What came of it.
     *
     * @param loss mean loss of the last epoch's batches
     * @param validation on the examples held back, if there were any
     */
    record Result(double loss, Optional<Accuracy> validation) {}

    /**
     * Trains the model.
     *
     * @param cache where activations stay; empty: a temporary folder that is removed
     * @throws BadInputException if the loss is not finite any more
     */
    Result run(Labelled examples, Optional<Labelled> heldBack, Optional<Path> cache) throws IOException {
        Optional<PrefixProgram> prefix = model.prefix();
        double loss;
        if (prefix.isEmpty()) {
            loss = epochs(
                    model.graph(),
                    new MultiDataSetIteratorAdapter(Batches.shuffled(examples, batch, seed)),
                    () -> Records.read(new MultiDataSetIteratorAdapter(Batches.inOrder(examples, batch))));
        } else {
            Path folder = cache.isPresent() ? cache.get() : Files.createTempDirectory("amend4j-cache");
            try (Unfinished unfinished = cache.isEmpty() ? Unfinished.at(folder) : Unfinished.in(folder, ".tmp");
                    CachedData activations = compute(prefix.get(), examples, folder)) {
                loss = epochs(
                        model.tail(),
                        activations.iterator(batch, seed),
                        () -> Records.read(activations.inOrder(batch)));
            } finally {
                if (cache.isEmpty()) {
                    remove(folder);
                }
            }
        }
        return new Result(loss, heldBack.map(held -> Accuracy.of(model.graph(), held, batch)));
    }

    private CachedData compute(PrefixProgram prefix, Labelled examples, Path folder) {
        try (Progress.Stage stage = progress.stage("frozen layers", examples.size())) {
            return PrefixCache.at(folder, CACHE_BYTES)
                    .compute(
                            prefix,
                            model.base().fingerprint().hex(),
                            new MultiDataSetIteratorAdapter(Batches.inOrder(examples, batch)),
                            stage::reach);
        }
    }

    private double epochs(ComputationGraph graph, MultiDataSetIterator batches, Supplier<Records> all) {
        double loss = 0;
        try (Fitting fitting = compute.fitting(graph, new Examples(batches, all, batch, seed))) {
            for (int epoch = 1; epoch <= epochs; epoch++) {
                loss = epoch(fitting, epoch);
                fitting.reset();
            }
        }
        return loss;
    }

    private double epoch(Fitting fitting, int epoch) {
        double sum = 0;
        long count = 0;
        try (Progress.Stage stage = progress.stage("epoch " + epoch + " of " + epochs, -1)) {
            while (fitting.hasNext()) {
                double loss = fitting.step();
                sum += loss;
                count++;
                if (!Double.isFinite(loss)) {
                    throw new BadInputException(
                            "the loss is " + loss + " in epoch " + epoch + ": a smaller --lr may help");
                }
                stage.step(1);
                stage.note(String.format(java.util.Locale.ROOT, "loss %.4f", sum / count));
            }
        }
        return sum / count;
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (UncheckedIOException gone) {
            throw gone.getCause();
        }
    }
}
