/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.List;
import org.amend4j.machine.Gemm;
import org.amend4j.machine.MachineArray;
import org.amend4j.network.Values;

/** Matrix products as steps. */
final class Products {

    private final PlanSteps steps;

    Products(PlanSteps steps) {
        this.steps = steps;
    }

    /**
     * A matrix of parameters to multiply rows with.
     *
     * @param name for people
     * @param values [outputs, inputs] row after row
     * @param transposed whether rows of inputs become rows of outputs; if not, rows of outputs become rows of inputs
     */
    record Matrix(String name, Values values, boolean transposed) {}

    /** to = rows · matrix. */
    void multiply(String vertex, Value rows, Matrix matrix, Value to) {
        multiply(vertex, rows, matrix, to, 1, false);
    }

    /** to = factor · rows · matrix. */
    void multiply(String vertex, Value rows, Matrix matrix, Value to, double factor) {
        multiply(vertex, rows, matrix, to, factor, false);
    }

    /** to += factor · rows · matrix. */
    void addProduct(String vertex, Value rows, Matrix matrix, Value to, double factor) {
        multiply(vertex, rows, matrix, to, factor, true);
    }

    private void multiply(String vertex, Value rows, Matrix matrix, Value to, double factor, boolean add) {
        steps.add(
                vertex,
                (add ? "+ " : "") + (factor == 1 ? "" : "s · ") + "product " + shape(rows) + " x " + matrix.name() + " "
                        + shape(rows.columns(), to.columns()),
                add ? List.of(rows, to) : List.of(rows),
                List.of(to),
                Work.product(rows.rows(), to.columns(), rows.columns()),
                action(matrix, rows, to, factor, add ? 1 : 0));
    }

    private PlanStep.Action action(Matrix matrix, Value rows, Value to, double factor, double kept) {
        boolean rowByRow = steps.rowsAreAlone() && matrix.transposed() && rows.rows() == 1;
        if (!rowByRow && matrix.values() instanceof Values.Constant constant) {
            ConstantMatrix.Use use = new ConstantMatrix.Use(constant, matrix.transposed());
            steps.multipliesWith(new ConstantMatrix(use, rows.columns(), to.columns(), rows.per(), rows.rows()));
            return b -> b.factor(use).multiply(b.array(rows), b.array(to), b.rows(rows), factor, kept);
        }
        if (matrix.values() instanceof Values.Constant constant) {
            steps.readsAsTheyAre(constant);
        }
        return b -> {
            Gemm product = b.product(false, matrix.transposed(), b.rows(rows), to.columns(), rows.columns())
                    .withFactors(factor, kept);
            MachineArray right = b.parameter(matrix.values());
            if (rowByRow) {
                b.machine().multiplyRowByRow(product, b.array(rows), right, b.array(to));
            } else {
                b.machine().multiply(product, b.array(rows), right, b.array(to));
            }
        };
    }

    /** gradient = factor · leftᵀ · right, over all rows of all examples. */
    void contract(String vertex, String what, Value left, Value right, Values.Slice gradient, double factor) {
        steps.add(
                vertex,
                what + ": product " + transposedShape(left) + " x " + shape(right),
                List.of(left, right),
                List.of(),
                contraction(left, right),
                b -> b.multiply(
                        b.array(left),
                        true,
                        b.array(right),
                        false,
                        b.gradient(gradient),
                        left.columns(),
                        right.columns(),
                        b.rows(left),
                        factor,
                        0));
    }

    /** sum += leftᵀ · right, over all rows of all examples. */
    void addContraction(String vertex, String what, Value left, Value right, Value sum) {
        steps.add(
                vertex,
                what + ": product " + transposedShape(left) + " x " + shape(right),
                List.of(left, right, sum),
                List.of(sum),
                contraction(left, right),
                b -> b.multiply(
                        b.array(left),
                        true,
                        b.array(right),
                        false,
                        b.array(sum),
                        left.columns(),
                        right.columns(),
                        b.rows(left),
                        1,
                        1));
    }

    private static Work contraction(Value left, Value right) {
        double rows = left.rows();
        return new Work(
                2 * rows * left.columns() * right.columns(),
                rows * (left.columns() + right.columns()),
                (double) left.columns() * right.columns());
    }

    static String shape(Value value) {
        return shape(value.rows(), value.columns());
    }

    static String shape(int rows, int columns) {
        return "[" + rows + ", " + columns + "]";
    }

    static String transposedShape(Value value) {
        return "[" + value.columns() + ", " + value.rows() + "]";
    }
}
