/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.Optional;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.Objective;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** ND4J on the CPU, in single precision. */
final class CpuWorkbench implements Workbench {

    @Override
    public PreparedWork product(Layout layout, int size) {
        INDArray a = noise(size, size);
        INDArray b = noise(size, size);
        INDArray c = noise(size, size);
        return new Prepared(
                () -> Nd4j.gemm(a, b, c, layout.transposeA(), layout.transposeB(), 1, 0), () -> close(a, b, c));
    }

    @Override
    public Optional<PreparedWork> productOfTraining(Layout layout, int size) {
        return Optional.empty();
    }

    @Override
    public PreparedWork copy(int floats) {
        INDArray from = noise(1, floats);
        INDArray to = noise(1, floats);
        return new Prepared(() -> to.assign(from), () -> close(from, to));
    }

    private static INDArray noise(long rows, long columns) {
        INDArray array = Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, columns}, 'f');
        INDArray flat = array.reshape('f', new long[] {rows * columns});
        Noise.into(
                rows * columns,
                (from, piece) -> flat.get(NDArrayIndex.interval(from, from + piece.length))
                        .assign(Nd4j.createFromArray(piece)));
        return array;
    }

    private static void close(INDArray... arrays) {
        for (INDArray array : arrays) {
            array.close();
        }
    }

    @Override
    public PreparedWork loraStep(DenseCase shape) {
        DenseProblem problem = DenseProblem.of(shape);
        return new Prepared(() -> problem.graph().fit(problem.records()), problem.graph()::close);
    }

    @Override
    public PreparedWork fullGradient(DenseCase shape) {
        GraphObjective objective = objective(shape);
        return gradient(objective, objective.parameters(), () -> {});
    }

    @Override
    public PreparedWork clippedGradient(DenseCase shape) {
        GraphObjective objective = objective(shape);
        double[] theta = objective.parameters();
        double bound = normOfFirst(objective, theta);
        return gradient(objective.clipped(Clipping.perRecord(bound)), theta, () -> {});
    }

    private static GraphObjective objective(DenseCase shape) {
        DenseProblem problem = DenseProblem.of(shape);
        return GraphObjective.of(problem.graph(), Records.of(problem.records()));
    }

    /** Value and gradient at a point. */
    static PreparedWork gradient(Objective objective, double[] theta, Runnable end) {
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
    static double normOfFirst(RecordObjective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.restrictedTo(RecordIds.of(0)).valueAndGradient(theta, gradient);
        return Vectors.normInOrder(gradient);
    }

    @Override
    public double milliseconds(PreparedWork work, int times) {
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
            work.run();
        }
        return (System.nanoTime() - start) / 1e6;
    }
}
