/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.FrozenMatrix;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.onednn.OneDnn;

/**
 * Products with frozen matrices on one thread: packed for oneDNN, and by OpenBLAS. The rule of which library makes them rests on
 * these times. {@code ONEDNN_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Haswell} shows a processor without AVX-512.
 */
public final class FrozenProductBenchmark {

    private static final String ONE_DNN = "oneDNN";
    private static final String OPEN_BLAS = "OpenBLAS";
    private static final double MULTIPLICATIONS_OF_A_STEP = 2e8;

    private record Shape(int rows, int inner, int columns, boolean turned) {

        @Override
        public String toString() {
            return rows + " × " + inner + " × " + columns + (turned ? ", turned" : "");
        }

        int products() {
            return (int) Math.min(200, 1 + MULTIPLICATIONS_OF_A_STEP / ((double) rows * inner * columns));
        }
    }

    private static final int[][] SIZES = {
        {1, 576, 576},
        {1, 576, 1536},
        {1, 576, 49152},
        {32, 4096, 4096},
        {64, 4096, 4096},
        {128, 1024, 1024},
        {512, 384, 384},
        {1024, 576, 1536},
        {2048, 1024, 1024},
        {2304, 96, 24}
    };

    private FrozenProductBenchmark() {}

    /**
     * Measures and prints.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("frozen-products", Machine.prepare());
        boolean usual = arguments.length < 2 || arguments[1].equals("default");
        int rounds = usual ? 31 : Integer.parseInt(arguments[1]);
        report.note("\n" + OneDnn.sentence() + "\n");
        report.note("| rows × inner × columns | OpenBLAS ms | oneDNN ms | oneDNN ÷ OpenBLAS (median of pairs) |");
        report.note("|---|---|---|---|");
        OtherLoad others = new OtherLoad();
        for (int[] size : SIZES) {
            for (boolean turned : new boolean[] {false, true}) {
                Shape shape = new Shape(size[0], size[1], size[2], turned);
                PairedTiming timing = measure(shape, rounds);
                report.note(line(shape, timing));
                report.keep(shape.toString(), timing.milliseconds());
            }
        }
        OptionalDouble busy = others.processors();
        report.note(
                String.format(Locale.ROOT, "%nOther processes kept %.2f processors busy.", busy.orElse(Double.NaN)));
        report.keep("facts", Map.of("rounds", rounds, "otherProcessors", busy.orElse(-1)));
        report.write(Path.of(arguments[0]));
    }

    private static PairedTiming measure(Shape shape, int rounds) {
        try (HostMachine packing = HostMachine.open(1);
                HostMachine plain = HostMachine.open(1, Optional.empty())) {
            List<Contender> contenders = new ArrayList<>();
            contenders.add(contender(ONE_DNN, packing, shape));
            contenders.add(contender(OPEN_BLAS, plain, shape));
            PairedTiming timing = PairedTiming.measure(contenders, 3, rounds);
            contenders.forEach(contender -> contender.close().run());
            return timing;
        }
    }

    private static Contender contender(String name, HostMachine machine, Shape shape) {
        MachineArray rows = machine.allocate("rows", normal(shape.rows() * shape.inner()));
        MachineArray values = machine.allocate("matrix", normal(shape.inner() * shape.columns()));
        MachineArray to = machine.allocate("to", new float[shape.rows() * shape.columns()]);
        FrozenMatrix matrix = new FrozenMatrix(
                values, shape.inner(), shape.columns(), shape.turned(), shape.rows(), ProductPrecision.FP32);
        FrozenFactor factor = machine.freeze(name, matrix);
        return new Contender(
                name,
                () -> {
                    for (int product = 0; product < shape.products(); product++) {
                        factor.multiply(rows, to, shape.rows(), 1, 0);
                    }
                },
                () -> {
                    factor.close();
                    List.of(rows, values, to).forEach(MachineArray::close);
                });
    }

    private static float[] normal(int count) {
        Random random = new Random(1);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    private static String line(Shape shape, PairedTiming timing) {
        return String.format(
                Locale.ROOT,
                "| %s | %.3f | %.3f | %.2f |",
                shape,
                timing.median(OPEN_BLAS) / shape.products(),
                timing.median(ONE_DNN) / shape.products(),
                timing.medianRatio(ONE_DNN, OPEN_BLAS));
    }
}
