/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.FrozenMatrix;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.Objective;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.training.PlannedTraining;

/** A machine that plans run on. Times of a card are its own, between two marks in its stream. */
final class MachineWorkbench implements Workbench {

    private final Machine machine;
    private final Arithmetic arithmetic;

    MachineWorkbench(Machine machine, ProductPrecision precision) {
        this(machine, Arithmetic.on(machine, precision));
    }

    MachineWorkbench(Machine machine, Arithmetic arithmetic) {
        this.machine = machine;
        this.arithmetic = arithmetic;
    }

    /** In BF16 of factors that are stored so: converting floats on the way costs time that tensor cores do not need. */
    @Override
    public PreparedWork product(Layout layout, int size) {
        if (layout != Layout.NT && arithmetic.roundsFrozenOnly()) {
            return frozenProduct(layout, size);
        }
        return arithmetic.products() == ProductPrecision.BF16
                ? product(layout, size, this::roundedNoise)
                : product(layout, size, this::noise);
    }

    @Override
    public Optional<PreparedWork> productOfTraining(Layout layout, int size) {
        return arithmetic.products() == ProductPrecision.BF16
                ? Optional.of(product(layout, size, this::noise))
                : Optional.empty();
    }

    private PreparedWork product(Layout layout, int size, LongFunction<MachineArray> factor) {
        Gemm product = Gemm.contiguous(MatrixOrder.COLUMNS, layout.transposeA(), layout.transposeB(), size, size, size)
                .withPrecision(arithmetic.products());
        MachineArray a = factor.apply((long) size * size);
        MachineArray b = factor.apply((long) size * size);
        MachineArray c = noise((long) size * size);
        return new Prepared(
                () -> machine.dividingProducts(() -> machine.multiply(product, a, b, c)), () -> close(a, b, c));
    }

    /** Outputs (TN) or gradients of inputs (NN): the weight is the frozen matrix. */
    private PreparedWork frozenProduct(Layout layout, int size) {
        MachineArray weight = noise((long) size * size);
        MachineArray rows = noise((long) size * size);
        MachineArray to = noise((long) size * size);
        FrozenFactor factor = machine.freeze(
                "benchmark",
                new FrozenMatrix(weight, size, size, layout.transposeA(), size, arithmetic.frozenProducts()));
        return new Prepared(() -> machine.dividingProducts(() -> factor.multiply(rows, to, size, 1, 0)), () -> {
            factor.close();
            close(weight, rows, to);
        });
    }

    @Override
    public PreparedWork copy(int floats) {
        MachineArray from = noise(floats);
        MachineArray to = noise(floats);
        int shares = machine.width();
        return new Prepared(
                () -> machine.sideBySide(shares, share -> {
                    long first = (long) floats * share / shares;
                    long count = (long) floats * (share + 1) / shares - first;
                    machine.copy(from.slice(first, count), to.slice(first, count));
                }),
                () -> close(from, to));
    }

    private MachineArray noise(long floats) {
        MachineArray array = machine.allocate("benchmark", ElementType.FLOAT, floats);
        Noise.into(floats, (from, piece) -> machine.upload(piece, array.slice(from, piece.length)));
        return array;
    }

    private MachineArray roundedNoise(long numbers) {
        MachineArray array = machine.allocate("benchmark", ElementType.BFLOAT16, numbers);
        Noise.into(numbers, (from, piece) -> machine.uploadRounded(piece, array.slice(from, piece.length)));
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
                machine, problem.graph(), Records.of(problem.records()), shape.records(), arithmetic);
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
        return gradient(objective, objective.parameters(), objective::close);
    }

    @Override
    public PreparedWork clippedGradient(DenseCase shape) {
        PlannedObjective objective = objective(shape);
        double[] theta = objective.parameters();
        double bound = normOfFirst(objective, theta);
        return gradient(objective.clipped(Clipping.perRecord(bound)), theta, objective::close);
    }

    private PlannedObjective objective(DenseCase shape) {
        DenseProblem problem = DenseProblem.of(shape);
        return PlannedObjective.of(
                machine,
                problem.graph(),
                Records.of(problem.records()),
                PlanSettings.DEFAULT.withArithmetic(arithmetic));
    }

    /** Value and gradient at a point. */
    private static PreparedWork gradient(Objective objective, double[] theta, Runnable end) {
        double[] gradient = new double[theta.length];
        return new Prepared(
                () -> {
                    double value = objective.valueAndGradient(theta, gradient);
                    if (!Double.isFinite(value)) {
                        throw new ArithmeticException("a benchmark must measure finite numbers, got loss " + value);
                    }
                },
                end);
    }

    /** A bound by which some records are clipped and some are not. */
    private static double normOfFirst(RecordObjective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.restrictedTo(RecordIds.of(0)).valueAndGradient(theta, gradient);
        return Vectors.normInOrder(gradient);
    }

    @Override
    public double milliseconds(PreparedWork work, int times) {
        return machine.millisecondsOf(() -> {
            for (int i = 0; i < times; i++) {
                work.run();
            }
        });
    }
}
