package org.amend4j.examples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.amend4j.examples.compute.Compute;
import org.amend4j.examples.data.Unfinished;
import org.amend4j.examples.demo.AdapterTraining;
import org.amend4j.examples.demo.FashionPictures;
import org.amend4j.examples.job.Progress;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Measures the hardware first, then what it is used for. */
public final class BenchJob {

    /** A product that is expected to take longer than this is left out, in milliseconds. */
    private static final double LONGEST_PRODUCT = 4000;

    private static final int SEED = 1;

    private final Workbench bench;
    private final Compute compute;
    private final Scale scale;
    private final Progress progress;

    private BenchJob(Workbench bench, Compute compute, Scale scale, Progress progress) {
        this.bench = bench;
        this.compute = compute;
        this.scale = scale;
        this.progress = progress;
    }

    /** Measures a device, or ND4J on the CPU. */
    public static BenchResult run(Compute compute, Scale scale, Progress progress) throws IOException {
        Workbench bench = compute.device().isPresent()
                ? new DeviceWorkbench(compute.device().get(), compute.precision())
                : new CpuWorkbench();
        return new BenchJob(bench, compute, scale, progress).run();
    }

    private BenchResult run() throws IOException {
        Limits limits = new Limits(peak(), bandwidth());
        List<Measurement> measurements = new ArrayList<>();
        for (DenseShape shape : scale.steps()) {
            measurements.add(measure("LoRA step", shape, bench::loraStep, limits));
        }
        for (DenseShape shape : scale.gradients()) {
            measurements.add(measure("full gradient", shape, bench::fullGradient, limits));
            measurements.add(measure("clipped gradient", shape, bench::clippedGradient, limits));
        }
        return new BenchResult(limits, measurements, demo(limits));
    }

    /** The median round of the best of a few sizes, in GFLOP/s. */
    private double peak() {
        double best = 0;
        try (Progress.Stage stage =
                progress.stage("matrix peak", scale.productSizes().size())) {
            for (int size : scale.productSizes()) {
                double flops = 2.0 * size * size * size;
                if (best == 0 || flops / best / 1e6 < LONGEST_PRODUCT) {
                    try (Work product = bench.product(size)) {
                        best = Math.max(
                                best,
                                flops
                                        / Timing.of(bench, product, scale.rounds())
                                                .median()
                                        / 1e6);
                    }
                }
                stage.step(1);
                stage.note(String.format(Locale.ROOT, "%.0f GFLOP/s", best));
            }
        }
        return best;
    }

    /** The best round of a copy, bytes read and bytes written both counted, in GB/s. */
    private double bandwidth() {
        try (Progress.Stage stage = progress.stage("copy bandwidth", 1);
                Work copy = bench.copy(scale.copiedFloats())) {
            double bytes = 2.0 * Float.BYTES * scale.copiedFloats();
            double rate = bytes / Timing.of(bench, copy, scale.rounds()).best() / 1e6;
            stage.step(1);
            stage.note(String.format(Locale.ROOT, "%.1f GB/s", rate));
            return rate;
        }
    }

    private Measurement measure(String what, DenseShape shape, Function<DenseShape, Work> preparation, Limits limits) {
        try (Progress.Stage stage = progress.stage(what + ", " + shape, 1);
                Work work = preparation.apply(shape)) {
            Timing timing = Timing.of(bench, work, scale.rounds());
            stage.step(1);
            stage.note(String.format(Locale.ROOT, "%.3f ms", timing.median()));
            return new Measurement(what, shape.toString(), timing, shape.gradientCost(), limits);
        }
    }

    private DemoMeasurement demo(Limits limits) throws IOException {
        Scale.Pictures pictures = scale.pictures();
        AdapterTraining training = new AdapterTraining(pictures.training(), pictures.test(), pictures.epochs(), SEED);
        Path cache = Files.createTempDirectory("amend4j-bench");
        try (Unfinished unfinished = Unfinished.at(cache)) {
            AdapterTraining.Result result = training.run(cache, compute, progress);
            return new DemoMeasurement(pictures, result, demoCost(training), limits);
        } finally {
            remove(cache);
        }
    }

    private Cost demoCost(AdapterTraining training) throws IOException {
        ComputationGraph network = training.network();
        INDArray picture = FashionPictures.test(AdapterTraining.SIDE).batch(0).getFeatures();
        return TailCost.perExample(network, AdapterTraining.trained(network), picture)
                .times((double) training.training() * training.epochs());
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
