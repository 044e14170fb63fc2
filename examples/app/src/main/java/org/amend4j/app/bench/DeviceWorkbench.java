/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.amend4j.cuda.device.Device;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Records;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.Gemm;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixOrder;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.plan.Arithmetic;
import org.amend4j.planned.PlanSettings;
import org.amend4j.planned.PlannedObjective;
import org.amend4j.planned.PlannedTraining;

/** A card, or its emulation. Times are the device's own, between two marks in its stream. */
final class DeviceWorkbench implements Workbench {

    private final Device device;
    private final ProductPrecision precision;

    DeviceWorkbench(Device device, ProductPrecision precision) {
        this.device = device;
        this.precision = precision;
    }

    /** In BF16 of factors that are stored so: converting floats on the way costs time that tensor cores do not need. */
    @Override
    public PreparedWork product(Layout layout, int size) {
        return precision == ProductPrecision.BF16
                ? product(layout, size, this::roundedNoise)
                : product(layout, size, this::noise);
    }

    @Override
    public Optional<PreparedWork> productOfTraining(Layout layout, int size) {
        return precision == ProductPrecision.BF16 ? Optional.of(product(layout, size, this::noise)) : Optional.empty();
    }

    private PreparedWork product(Layout layout, int size, LongFunction<MachineArray> factor) {
        Gemm product = Gemm.contiguous(MatrixOrder.COLUMNS, layout.transposeA(), layout.transposeB(), size, size, size)
                .withPrecision(precision);
        MachineArray a = factor.apply((long) size * size);
        MachineArray b = factor.apply((long) size * size);
        MachineArray c = noise((long) size * size);
        return new Prepared(() -> device.multiply(product, a, b, c), () -> close(a, b, c));
    }

    @Override
    public PreparedWork copy(int floats) {
        MachineArray from = noise(floats);
        MachineArray to = noise(floats);
        return new Prepared(() -> device.copy(from, to), () -> close(from, to));
    }

    private MachineArray noise(long floats) {
        MachineArray array = device.allocate("benchmark", ElementType.FLOAT, floats);
        Noise.into(floats, (from, piece) -> device.upload(piece, array.slice(from, piece.length)));
        return array;
    }

    private MachineArray roundedNoise(long numbers) {
        MachineArray array = device.allocate("benchmark", ElementType.BFLOAT16, numbers);
        Noise.into(numbers, (from, piece) -> device.uploadRounded(piece, array.slice(from, piece.length)));
        return array;
    }

    private static void close(MachineArray... arrays) {
        for (MachineArray array : arrays) {
            array.close();
        }
    }

    /** The order of records is there, and the loss is not asked for: nothing goes to the device or comes back. */
    @Override
    public PreparedWork loraStep(DenseCase shape) {
        DenseProblem problem = DenseProblem.of(shape);
        PlannedTraining training = PlannedTraining.of(
                device, problem.graph(), Records.of(problem.records()), shape.records(), Arithmetic.single(precision));
        training.begin(IntStream.range(0, shape.records()).toArray());
        return new Prepared(() -> step(training), training::close);
    }

    private static void step(PlannedTraining training) {
        if (!training.hasNext()) {
            training.beginAgain();
        }
        training.next();
    }

    @Override
    public PreparedWork fullGradient(DenseCase shape) {
        PlannedObjective objective = objective(shape);
        return CpuWorkbench.gradient(objective, objective.parameters(), objective::close);
    }

    @Override
    public PreparedWork clippedGradient(DenseCase shape) {
        PlannedObjective objective = objective(shape);
        double[] theta = objective.parameters();
        double bound = CpuWorkbench.normOfFirst(objective, theta);
        return CpuWorkbench.gradient(objective.clipped(Clipping.perRecord(bound)), theta, objective::close);
    }

    private PlannedObjective objective(DenseCase shape) {
        DenseProblem problem = DenseProblem.of(shape);
        return PlannedObjective.of(
                device,
                problem.graph(),
                Records.of(problem.records()),
                PlanSettings.DEFAULT.withArithmetic(Arithmetic.single(precision)));
    }

    @Override
    public double milliseconds(PreparedWork work, int times) {
        return device.millisecondsOf(() -> {
            for (int i = 0; i < times; i++) {
                work.run();
            }
        });
    }
}
