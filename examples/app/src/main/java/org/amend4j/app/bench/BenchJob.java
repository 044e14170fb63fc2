/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.demo.AdapterTraining;
import org.amend4j.app.demo.FashionPictures;
import org.amend4j.app.files.Unfinished;
import org.amend4j.app.job.Progress;
import org.amend4j.internal.file.Folders;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Measures the hardware first, then amend4j's use of it. */
public final class BenchJob {

    /** A product that is expected to take longer than this is left out, in milliseconds. */
    private static final double LONGEST_PRODUCT = 4000;

    /** What takes longer than this once, at its floor, is left out, in milliseconds: it is measured ten times at least. */
    private static final double LONGEST = 2500;

    private static final int SEED = 1;

    private final Workbench bench;
    private final Compute compute;
    private final Scale scale;
    private final Consumer<BenchResult> soFar;
    private final Progress progress;
    private final List<Measurement> measurements = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private final List<LeftOut> leftOut = new ArrayList<>();
    private Optional<Peaks> peaksOfTraining = Optional.empty();

    private BenchJob(Workbench bench, Compute compute, Scale scale, Consumer<BenchResult> soFar, Progress progress) {
        this.bench = bench;
        this.compute = compute;
        this.scale = scale;
        this.soFar = soFar;
        this.progress = progress;
    }

    /**
     * Measures what is computed on. Once peak and bandwidth are known, what cannot be measured is a failure in the
     * result, and the rest is measured all the same.
     *
     * @param soFar gets what there is whenever something was measured, so that it is not lost
     */
    public static BenchResult run(Compute compute, Scale scale, Consumer<BenchResult> soFar, Progress progress) {
        Workbench bench = new MachineWorkbench(compute.machine(), compute.precision());
        return run(bench, compute, scale, soFar, progress);
    }

    static BenchResult run(
            Workbench bench, Compute compute, Scale scale, Consumer<BenchResult> soFar, Progress progress) {
        return new BenchJob(bench, compute, scale, soFar, progress).run();
    }

    private BenchResult run() {
        Limits limits = new Limits(peaks(), bandwidth());
        peaksOfTraining =
                attempt("matrix peak", "as in training", this::peaksOfTraining).flatMap(peaks -> peaks);
        soFar.accept(result(limits, Optional.empty(), false));
        for (DenseCase shape : scale.steps()) {
            measure("LoRA step", shape, bench::loraStep, limits);
        }
        for (DenseCase shape : scale.gradients()) {
            measure("full gradient", shape, bench::fullGradient, limits);
            measure("clipped gradient", shape, bench::clippedGradient, limits);
        }
        Optional<DemoMeasurement> demo =
                scale.pictures().flatMap(pictures -> attempt("demo, training", "", () -> demo(pictures, limits)));
        BenchResult all = result(limits, demo, true);
        soFar.accept(all);
        return all;
    }

    private BenchResult result(Limits limits, Optional<DemoMeasurement> demo, boolean complete) {
        return new BenchResult(limits, peaksOfTraining, measurements, failures, leftOut, demo, complete);
    }

    private void measure(String what, DenseCase shape, Function<DenseCase, PreparedWork> preparation, Limits limits) {
        double floor = limits.floorMilliseconds(shape.gradientCost());
        if (floor > LONGEST) {
            leftOut.add(new LeftOut(what, shape.toString(), floor));
            progress.say(leftOut.get(leftOut.size() - 1) + ".");
        } else {
            attempt(what, shape.toString(), () -> timing(what, shape, preparation, limits))
                    .ifPresent(measurements::add);
        }
        soFar.accept(result(limits, Optional.empty(), false));
    }

    /** What cannot be computed, also for want of memory or of a library, is a failure and no reason to lose the rest. */
    private <T> Optional<T> attempt(String what, String shape, Callable<T> measurement) {
        try {
            return Optional.of(measurement.call());
        } catch (Exception | OutOfMemoryError | LinkageError failed) {
            failures.add(new Failure(what, shape, failed));
            progress.say("Not measured: " + failures.get(failures.size() - 1));
            return Optional.empty();
        }
    }

    private Peaks peaks() {
        Map<Layout, Double> peaks = new EnumMap<>(Layout.class);
        for (Layout layout : Layout.values()) {
            peaks.put(layout, peak("matrix peak, " + layout, size -> bench.product(layout, size)));
        }
        return new Peaks(peaks);
    }

    /** Empty if training has no way of its own. */
    private Optional<Peaks> peaksOfTraining() {
        Map<Layout, Double> peaks = new EnumMap<>(Layout.class);
        for (Layout layout : Layout.values()) {
            Optional<PreparedWork> smallest = bench.productOfTraining(layout, 1);
            smallest.ifPresent(PreparedWork::close);
            if (smallest.isEmpty()) {
                return Optional.empty();
            }
            peaks.put(
                    layout,
                    peak(
                            "as in training, " + layout,
                            size -> bench.productOfTraining(layout, size).orElseThrow()));
        }
        return Optional.of(new Peaks(peaks));
    }

    /** The median round of the best of a few sizes, in GFLOP/s. */
    private double peak(String what, IntFunction<PreparedWork> products) {
        double best = 0;
        try (Progress.Stage stage = progress.stage(what, scale.productSizes().size())) {
            for (int size : scale.productSizes()) {
                double flops = 2.0 * size * size * size;
                if (best == 0 || flops / best / 1e6 < LONGEST_PRODUCT) {
                    try (PreparedWork product = products.apply(size)) {
                        double median =
                                Timing.of(bench, product, scale.rounds()).median();
                        best = Math.max(best, flops / median / 1e6);
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
                PreparedWork copy = bench.copy(scale.copiedFloats())) {
            double bytes = 2.0 * Float.BYTES * scale.copiedFloats();
            double rate = bytes / Timing.of(bench, copy, scale.rounds()).best() / 1e6;
            stage.step(1);
            stage.note(String.format(Locale.ROOT, "%.1f GB/s", rate));
            return rate;
        }
    }

    private Measurement timing(
            String what, DenseCase shape, Function<DenseCase, PreparedWork> preparation, Limits limits) {
        try (Progress.Stage stage = progress.stage(what + ", " + shape, 1);
                PreparedWork work = preparation.apply(shape)) {
            Timing timing = Timing.of(bench, work, scale.rounds());
            stage.step(1);
            stage.note(String.format(Locale.ROOT, "%.3f ms", timing.median()));
            return new Measurement(what, shape.toString(), timing, shape.gradientCost(), limits);
        }
    }

    private DemoMeasurement demo(Scale.Pictures pictures, Limits limits) throws IOException {
        AdapterTraining training = new AdapterTraining(pictures.training(), pictures.test(), pictures.epochs(), SEED);
        Path cache = Files.createTempDirectory("amend4j-bench");
        try (Unfinished unfinished = Unfinished.at(cache)) {
            AdapterTraining.Result result = training.run(cache, compute, progress);
            return new DemoMeasurement(pictures, result, demoCost(training), limits);
        } finally {
            Folders.delete(cache);
        }
    }

    private MinimumCost demoCost(AdapterTraining training) throws IOException {
        ComputationGraph network = training.network();
        INDArray picture = FashionPictures.test(AdapterTraining.SIDE).batch(0).getFeatures();
        return TailCost.perExample(network, AdapterTraining.trained(network), picture)
                .times((double) training.training() * training.epochs());
    }
}
