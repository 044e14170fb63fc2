/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.backend.DropoutKernels;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.LayerNormKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.OptimizerKernels;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.PatchOrder;
import org.amend4j.internal.network.Window;

/**
 * Whether HotSpot turned the host's kernels into vector code: each one's time beside that of a copy of as many floats, on one thread. All kernels
 * have run before any is timed, as in a real program, where HotSpot knows several callers. The limits lie between what vector code takes
 * and what scalar code takes ({@code -XX:-UseSuperWord} makes most of them fail), measured on an Intel Xeon with AVX-512; patches and accumulation
 * are scalar either way. Fails, with exit code 1, if a limit is passed.
 */
public final class VectorBenchmark {

    private static final int ROWS = 256;
    private static final int COLUMNS = 1024;
    private static final int RANK = 8;
    private static final int WARM_UP = 1000;
    private static final int ROUNDS = 61;

    /**
     * Of a kernel.
     *
     * @param limit times of a copy
     */
    private record Case(String name, double limit, Runnable run) {}

    private final HostMachine machine;
    private final Kernels kernels;
    private final Random random = new Random(1);
    private final List<MachineArray> arrays = new ArrayList<>();
    private final List<Case> cases = new ArrayList<>();

    private VectorBenchmark(HostMachine machine) {
        this.machine = machine;
        this.kernels = machine.kernels();
    }

    /**
     * Measures every kernel.
     *
     * @param arguments the folder of the results
     */
    public static void main(String[] arguments) throws IOException {
        boolean passed;
        try (HostMachine machine = HostMachine.open(1)) {
            passed = new VectorBenchmark(machine).run(Path.of(arguments[0]));
        }
        if (!passed) {
            System.exit(1);
        }
    }

    private boolean run(Path folder) throws IOException {
        matrices();
        optimizers();
        images();
        for (int round = 0; round < WARM_UP; round++) {
            cases.forEach(each -> each.run().run());
        }
        compiled();
        double copy = nanoseconds(copying());
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "A copy of %,d floats: %.0f us%n%n| kernel | copies | at most |%n|---|---|---|%n",
                ROWS * COLUMNS,
                copy / 1e3));
        boolean passed = true;
        for (Case each : cases) {
            double ratio = nanoseconds(each.run()) / copy;
            boolean scalar = ratio > each.limit();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.1f | %.1f%s |%n",
                    each.name(),
                    ratio,
                    each.limit(),
                    scalar ? ", PASSED" : ""));
            passed &= !scalar;
        }
        System.out.println(table);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("vector.md"), table);
        arrays.forEach(MachineArray::close);
        return passed;
    }

    /** Waits until HotSpot has compiled what it was about to. */
    private static void compiled() {
        long end = System.nanoTime() + 2_000_000_000L;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    /** Of this thread's processor time, which other jobs take nothing of; the median. */
    private static double nanoseconds(Runnable work) {
        double[] times = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            work.run();
            times[round] = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start;
        }
        Arrays.sort(times);
        return times[ROUNDS / 2];
    }

    private Runnable copying() {
        MachineArray from = noise(ROWS * COLUMNS);
        MachineArray to = noise(ROWS * COLUMNS);
        return () -> machine.copy(from, to);
    }

    private MachineArray noise(int length) {
        float[] values = new float[length];
        for (int k = 0; k < length; k++) {
            values[k] = (float) random.nextGaussian();
        }
        MachineArray array = machine.allocate("benchmark", values);
        arrays.add(array);
        return array;
    }

    private MachineArray key() {
        MachineArray key = machine.allocate("key", new int[] {1, 2});
        arrays.add(key);
        return key;
    }

    private MatrixView matrix(int rows, int columns) {
        return MatrixView.of(noise(rows * columns), rows, columns);
    }

    private void add(String name, double limit, Runnable run) {
        cases.add(new Case(name, limit, run));
    }

    private void matrices() {
        MatrixView x = matrix(ROWS, COLUMNS);
        MatrixView y = matrix(ROWS, COLUMNS);
        MatrixView z = matrix(ROWS, COLUMNS);
        MachineArray row = noise(COLUMNS);
        MachineArray sums = noise(COLUMNS);
        MachineArray scratch = noise((int) ActivationKernels.sumsScratch(ROWS, COLUMNS));
        MachineArray ofRows = noise(ROWS);
        ActivationKernels.LowRank adapter = new ActivationKernels.LowRank(
                matrix(ROWS, RANK), matrix(RANK, COLUMNS), 1e-9); // it is added again and again
        for (Activation.Kind kind : List.of(
                Activation.Kind.RELU,
                Activation.Kind.RELU6,
                Activation.Kind.TANH,
                Activation.Kind.SIGMOID,
                Activation.Kind.GELU)) {
            Activation function = Activation.of(kind);
            boolean cheap = kind == Activation.Kind.RELU || kind == Activation.Kind.RELU6;
            add(
                    kind + " with bias",
                    cheap ? 4 : 11,
                    () -> kernels.activation().biasActivation(x, Optional.of(row), Optional.empty(), y, function));
            add(
                    kind + "'s gradient with sums",
                    cheap ? 6 : 13,
                    () -> kernels.activation()
                            .gradient(
                                    x,
                                    y,
                                    z,
                                    Optional.of(new ActivationKernels.ColumnSums(sums, scratch, 0)),
                                    function));
        }
        add(
                "adapter's epilogue, rank 8",
                5,
                () -> kernels.activation()
                        .adapterEpilogue(
                                x,
                                adapter,
                                Optional.of(row),
                                Optional.empty(),
                                y,
                                Activation.of(Activation.Kind.RELU)));
        add("column sums", 1.2, () -> kernels.activation().columnSums(x, sums, scratch, 0));
        add("sum", 2.6, () -> kernels.elementwise().scaledSum(x.array(), 1, y.array(), 1, z.array()));
        add("product", 2.6, () -> kernels.elementwise().product(x.array(), y.array(), z.array()));
        add("maximum", 4, () -> kernels.elementwise().maximum(x.array(), y.array(), z.array()));
        MachineArray high = noise(ROWS * COLUMNS);
        MachineArray low = noise(ROWS * COLUMNS);
        machine.fill(low, 0);
        DropoutKernels.Mask mask = new DropoutKernels.Mask(key(), 1, 0, 0.1);
        add("dropout", 5, () -> kernels.dropout().drop(x, mask, z));
        add("accumulation", 15, () -> kernels.accumulation().addTo(x.array(), 1e-3, high, low));
        LayerNormKernels.Statistics statistics = new LayerNormKernels.Statistics(ofRows, noise(ROWS));
        add("layer norm", 8.5, () -> kernels.layerNorm().forward(x, row, Optional.of(row), y, statistics, 1e-5));
        add("layer norm's gradient", 10, () -> kernels.layerNorm().gradient(y, x, row, statistics, z));
        add("softmax", 14, () -> kernels.loss().softmax(x, y));
        add(
                "softmax cross-entropy",
                28,
                () -> kernels.loss().softmaxCrossEntropy(x, y, Optional.empty(), ofRows, Optional.of(z)));
        add(
                "batch norm, channels last",
                2.4,
                () -> kernels.batchNorm().apply(x.array(), row, Optional.of(row), y.array(), 1));
    }

    private void optimizers() {
        int length = ROWS * COLUMNS;
        MachineArray parameters = noise(length);
        MachineArray gradient = noise(length);
        MachineArray first = noise(length);
        MachineArray second = noise(length);
        machine.fill(second, 1);
        OptimizerKernels.Adam adam = OptimizerKernels.Adam.PYTORCH;
        MachineArray numbers = noise(OptimizerKernels.Pace.NUMBERS);
        machine.fill(numbers, 1e-9);
        OptimizerKernels.Pace pace = new OptimizerKernels.Pace(numbers, 1);
        add("SGD", 2, () -> kernels.optimizer().sgdInPlace(parameters, gradient, 1, pace));
        add("Adam", 9, () -> kernels.optimizer().adamInPlace(parameters, gradient, first, second, 1, pace, adam));
    }

    /** 16 pictures of 16 x 16 pixels and 64 channels, which come last: as many floats as the matrices. */
    private void images() {
        int batch = 16;
        int side = 16;
        int channels = 64;
        ImageView image = image(batch, channels, side);
        ImageView to = image(batch, channels, side);
        Window same = window(3, 1, 1, side);
        Window half = window(2, 2, 0, side / 2);
        ImageView small = image(batch, channels, side / 2);
        MachineArray places =
                machine.allocate("places", ElementType.INT, small.array().length());
        arrays.add(places);
        MachineArray weights = noise(9 * channels);
        MachineArray patches = noise(batch * side * side * 9 * channels);
        add(
                "depthwise 3 x 3",
                11,
                () -> kernels.convolution().depthwise(image, weights, Optional.empty(), same, to, Activation.IDENTITY));
        add("depthwise 3 x 3's gradient", 11, () -> kernels.convolution().depthwiseGradient(image, weights, same, to));
        add("patches 3 x 3", 45, () -> kernels.convolution().patches(image, same, PatchOrder.TAP_CHANNEL, patches));
        add(
                "patches 3 x 3's gradient",
                50,
                () -> kernels.convolution().patchesGradient(patches, same, PatchOrder.TAP_CHANNEL, to));
        add("maximum of 2 x 2", 6, () -> kernels.pooling().max(image, half, small, places));
        add("average of 2 x 2", 2.4, () -> kernels.pooling().average(image, half, true, small));
    }

    private ImageView image(int batch, int channels, int side) {
        return new ImageView(noise(batch * channels * side * side), false, batch, channels, side, side);
    }

    private static Window window(int kernel, int step, int pad, int out) {
        Window.Span span = new Window.Span(kernel, step, pad, 1, out);
        return new Window(span, span);
    }
}
