/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.compiler.Examples;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Values;
import org.amend4j.numeric.Vectors;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Memory and time of steps of LoRA over a base of a billion random parameters (sixty layers 4096→4096) that is kept in few bits. A layer's weights
 * are in single precision only while they are encoded. Needs Linux.
 */
public final class StoredBaseBenchmark {

    private static final int WIDTH = 4096;
    private static final int DEPTH = 60;
    private static final int RANK = 8;
    private static final int ROWS = 16;
    private static final int STEPS = 3;
    /** By how much of their length a step moves the parameters. */
    private static final double MOVE = 1e-3;

    private static final double GIGABYTE = 1e9;

    private StoredBaseBenchmark() {}

    /**
     * Measures and prints; steps that learn nothing, and memory above what the storage may take, are an error.
     *
     * @param arguments the directory of the results, then storages; without these all but single precision
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("stored-base", org.amend4j.bench.Machine.prepare());
        List<WeightStorage> storages = new ArrayList<>();
        for (int k = 1; k < arguments.length; k++) {
            storages.add(WeightStorage.valueOf(arguments[k].toUpperCase(Locale.ROOT)));
        }
        for (WeightStorage storage :
                storages.isEmpty() ? List.of(WeightStorage.NF4, WeightStorage.INT8, WeightStorage.BF16) : storages) {
            measure(storage, report);
        }
        report.write(Path.of(arguments[0]));
    }

    private static double allowed(WeightStorage storage) {
        return switch (storage) {
            case FP32 -> 4.1;
            case BF16 -> 2.1;
            case INT8 -> 1.15;
            case NF4 -> 0.62;
        };
    }

    private static void measure(WeightStorage storage, BenchReport report) throws IOException {
        Network network = network();
        System.gc();
        Nd4j.getMemoryManager().purgeCaches();
        long before = ResidentMemory.now();
        ResidentMemory.resetPeak();
        try (Machine machine = HostMachine.open()) {
            long ofBatch = measure(storage, network, machine, report);
            double base = (machineBytes - ofBatch) / GIGABYTE;
            double parameters = (double) WIDTH * WIDTH * DEPTH / 1e9;
            row(report, storage, "parameters of the base, billions", parameters, "");
            row(report, storage, "the machine's memory, all but the batch", base, " GB");
            row(report, storage, "the same for a billion", base / parameters, " GB, allowed " + allowed(storage));
            row(report, storage, "most the process grew", (ResidentMemory.peak() - before) / GIGABYTE, " GB");
            if (base / parameters > allowed(storage)) {
                throw new IllegalStateException(storage + " takes more than it may: " + base / parameters);
            }
        }
    }

    private static long machineBytes;

    /** @return the bytes of the batch */
    private static long measure(WeightStorage storage, Network network, Machine machine, BenchReport report) {
        SplittableRandom random = new SplittableRandom(3);
        try (MachineArray rows = machine.allocate("rows", normal(random, ROWS * WIDTH, 1));
                MachineArray labels = machine.allocate("labels", normal(random, ROWS * WIDTH, 1));
                MachineArray losses = machine.allocate("losses", ElementType.FLOAT, ROWS)) {
            long ofBatch = machine.bytesInUse();
            Examples batch = new Examples(
                    ROWS, List.of(rows), List.of(labels), Optional.of(losses), Optional.empty(), Map.of(), List.of());
            try (PlanSession session = PlanSession.open(machine, network, Arithmetic.SINGLE.keeping(storage), ROWS)) {
                start(session, random);
                double first = 0;
                double last = 0;
                for (int step = 0; step < STEPS; step++) {
                    long begun = System.nanoTime();
                    session.run(Variant.GRADIENT, batch);
                    descend(session);
                    last = mean(machine.downloadFloats(losses));
                    first = step == 0 ? last : first;
                    row(
                            report,
                            storage,
                            step == 0 ? "the first step, with encoding" : "a step of " + ROWS + " rows",
                            (System.nanoTime() - begun) / 1e9,
                            " s, loss " + last);
                }
                machineBytes = machine.bytesInUse();
                if (!(last < first)) {
                    throw new IllegalStateException("nothing was learnt: " + first + ", then " + last);
                }
            }
            return ofBatch;
        }
    }

    private static void descend(PlanSession session) {
        Machine machine = session.machine();
        double length = Vectors.norm(machine.downloadDoubles(session.parameters()));
        double steepness = Vectors.norm(machine.downloadDoubles(session.gradient()));
        machine.kernels()
                .elementwise()
                .scaledSum(
                        session.parameters(), 1, session.gradient(), -MOVE * length / steepness, session.parameters());
    }

    /** A like in PEFT's start, B a little, so that the first step moves both. */
    private static void start(PlanSession session, SplittableRandom random) {
        session.machine()
                .upload(normal(random, Math.toIntExact(session.parameters().length()), 0.02), session.parameters());
    }

    private static double mean(float... values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** y = relu(xW + (xA)B), sixty times; the mean squared error of the last. */
    private static Network network() {
        Shape shape = Shape.features(WIDTH);
        List<Node> nodes = new ArrayList<>();
        nodes.add(new Node("in", new Operation.Input(0), List.of(), shape));
        long place = 0;
        long length = (long) WIDTH * RANK;
        for (int layer = 0; layer < DEPTH; layer++) {
            LowRank adapter =
                    new LowRank(new Values.Slice(place, length), new Values.Slice(place + length, length), RANK, 1, 0);
            place += 2 * length;
            boolean last = layer == DEPTH - 1;
            nodes.add(new Node(
                    "layer_" + layer,
                    new Operation.Product(
                            weight(layer),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(adapter),
                            last ? Activation.IDENTITY : Activation.of(Activation.Kind.RELU)),
                    List.of(layer),
                    shape));
        }
        nodes.add(new Node(
                "loss",
                new Operation.Loss(Operation.LossKind.MEAN_SQUARED_ERROR, 0, false),
                List.of(DEPTH),
                Shape.features(1)));
        return new Network(
                nodes,
                place,
                List.of(new Network.InputFormat(shape, false, Network.Content.NUMBERS)),
                List.of(DEPTH + 1));
    }

    /** Made when it is asked for, and then nobody's. */
    private static Values.Constant weight(int layer) {
        int count = WIDTH * WIDTH;
        return new Values.Constant(
                "layer_" + layer + ".W",
                count,
                () -> normal(new SplittableRandom(layer), count, Math.sqrt(2.0 / WIDTH)),
                () -> {
                    throw new UnsupportedOperationException("in single precision only");
                },
                Optional.empty());
    }

    /** Sums of four uniform numbers: nearly normal, and quick. */
    private static float[] normal(SplittableRandom random, int count, double size) {
        float[] values = new float[count];
        double factor = size * Math.sqrt(3);
        for (int k = 0; k < count; k++) {
            long bits = random.nextLong();
            double sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
            values[k] = (float) (factor * (sum / 65536 - 2));
        }
        return values;
    }

    private static void row(BenchReport report, WeightStorage storage, String what, double value, String unit) {
        report.note(String.format(Locale.ROOT, "- %s: %s: %.3f%s", storage, what, value, unit));
        report.keep(storage + ": " + what, value);
    }
}
