/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.network.Values;

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
        multiply(vertex, rows, matrix, to, 1, false, Optional.empty());
    }

    /** to = factor · rows · matrix. */
    void multiply(String vertex, Value rows, Matrix matrix, Value to, double factor) {
        multiply(vertex, rows, matrix, to, factor, false, Optional.empty());
    }

    /** to = rows · matrix, or added to what is there, and then what ends it. */
    void multiply(String vertex, Value rows, Matrix matrix, Value to, boolean add, Optional<PlannedEpilogue> ending) {
        multiply(vertex, rows, matrix, to, 1, add, ending);
    }

    /** to += factor · rows · matrix. */
    void addProduct(String vertex, Value rows, Matrix matrix, Value to, double factor) {
        multiply(vertex, rows, matrix, to, factor, true, Optional.empty());
    }

    private void multiply(
            String vertex,
            Value given,
            Matrix matrix,
            Value to,
            double factor,
            boolean add,
            Optional<PlannedEpilogue> ending) {
        Value rows = to.isNarrow() ? steps.narrow(vertex, given) : given;
        if (rows.isNarrow()) {
            multiplyNarrow(vertex, rows, matrix, to, factor, add, ending);
            return;
        }
        add(
                vertex,
                what(rows, matrix, to, factor, add),
                add ? List.of(rows, to) : List.of(rows),
                to,
                Work.product(rows.rows(), to.columns(), rows.columns()),
                ending,
                action(matrix, rows, to, factor, add ? 1 : 0, ending));
    }

    private static String what(Value rows, Matrix matrix, Value to, double factor, boolean add) {
        return (add ? "+ " : "") + (factor == 1 ? "" : "s · ") + "product " + shape(rows) + " x " + matrix.name() + " "
                + shape(rows.columns(), to.columns());
    }

    /** Of bfloat16 numbers with parameters, which are kept rounded, too. */
    private void multiplyNarrow(
            String vertex,
            Value rows,
            Matrix matrix,
            Value to,
            double factor,
            boolean add,
            Optional<PlannedEpilogue> ending) {
        int outer = matrix.transposed() ? to.columns() : rows.columns();
        int inner = matrix.transposed() ? rows.columns() : to.columns();
        steps.placeParameters();
        multiply(
                vertex,
                what(rows, matrix, to, factor, add),
                rows,
                b -> MatrixView.of(b.joints().rounded(matrix.values()), outer, inner),
                matrix.transposed(),
                to,
                factor,
                add,
                ending);
    }

    /** A product as a step, with what it reads, writes and says for its ending. */
    private void add(
            String vertex,
            String what,
            List<Value> reads,
            Value to,
            Work work,
            Optional<PlannedEpilogue> ending,
            PlanStep.Action action) {
        List<Value> allRead = new ArrayList<>(reads);
        List<Value> written = new ArrayList<>(List.of(to));
        ending.ifPresent(some -> {
            allRead.addAll(some.reads());
            written.addAll(some.writes());
        });
        steps.add(vertex, what + ending.map(some -> ", " + some.what()).orElse(""), allRead, written, work, action);
    }

    /**
     * to = factor · rows · matrix, or added to what is there, and then what ends it.
     *
     * @param what the product is, in words and shapes
     * @param stored the matrix where it is
     * @param transposed whether it is stored as [outputs, inputs] of the product
     */
    void multiply(
            String vertex,
            String what,
            Value rows,
            Function<Bindings, MatrixView> stored,
            boolean transposed,
            Value to,
            double factor,
            boolean add,
            Optional<PlannedEpilogue> ending) {
        add(
                vertex,
                what,
                add ? List.of(rows, to) : List.of(rows),
                to,
                Work.product(rows.rows(), to.columns(), rows.columns()),
                ending,
                b -> multiply(
                        b, b.matrix(rows), stored.apply(b), transposed, b.matrix(to), factor, add ? 1 : 0, ending));
    }

    private static void multiply(
            Bindings b,
            MatrixView rows,
            MatrixView matrix,
            boolean transposed,
            MatrixView to,
            double factor,
            double kept,
            Optional<PlannedEpilogue> ending) {
        Gemm product = b.product(false, transposed, to.rows(), to.columns(), rows.columns())
                .withLeading(rows.stride(), matrix.stride(), to.stride())
                .withFactors(factor, kept);
        if (ending.isPresent()) {
            b.machine()
                    .multiply(
                            product,
                            rows.array(),
                            matrix.array(),
                            to.array(),
                            ending.get().on(b));
        } else {
            b.machine().multiply(product, rows.array(), matrix.array(), to.array());
        }
    }

    private PlanStep.Action action(
            Matrix matrix, Value rows, Value to, double factor, double kept, Optional<PlannedEpilogue> ending) {
        boolean rowByRow = steps.rowsAreAlone() && matrix.transposed() && rows.rows() == 1;
        if (!rowByRow && matrix.values() instanceof Values.Constant constant) {
            ConstantMatrix.Use use = new ConstantMatrix.Use(constant, matrix.transposed());
            steps.multipliesWith(new ConstantMatrix(use, rows.columns(), to.columns(), rows.per(), rows.rows()));
            return b ->
                    b.factor(use).multiply(b.matrix(rows), b.matrix(to), factor, kept, ending.map(some -> some.on(b)));
        }
        if (matrix.values() instanceof Values.Constant constant) {
            steps.readsAsTheyAre(constant);
        }
        int outer = matrix.transposed() ? to.columns() : rows.columns();
        int inner = matrix.transposed() ? rows.columns() : to.columns();
        return b -> {
            MatrixView stored = b.stored(matrix.values(), outer, inner);
            if (rowByRow) {
                Gemm product = b.product(false, true, b.rows(rows), to.columns(), rows.columns())
                        .withLeading(rows.columns(), stored.stride(), to.columns())
                        .withFactors(factor, kept);
                b.machine().multiplyRowByRow(product, b.array(rows), stored.array(), b.array(to));
            } else {
                multiply(b, b.matrix(rows), stored, matrix.transposed(), b.matrix(to), factor, kept, ending);
            }
        };
    }

    /** gradient = factor · leftᵀ · right, over all rows of all examples. */
    void contract(String vertex, String what, Value ofLeft, Value ofRight, Values.Slice gradient, double factor) {
        boolean narrow = ofLeft.isNarrow() || ofRight.isNarrow();
        Value left = narrow ? steps.narrow(vertex, ofLeft) : ofLeft;
        Value right = narrow ? steps.narrow(vertex, ofRight) : ofRight;
        steps.add(
                vertex,
                what + ": product " + transposedShape(left) + " x " + shape(right),
                List.of(left, right),
                List.of(),
                contraction(left, right),
                b -> contract(
                        b,
                        left,
                        right,
                        MatrixView.of(b.gradient(gradient), left.columns(), right.columns()),
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
                b -> contract(b, left, right, b.matrix(sum), 1, 1));
    }

    private static void contract(Bindings b, Value left, Value right, MatrixView to, double factor, double kept) {
        MatrixView rows = b.matrix(left);
        MatrixView others = b.matrix(right);
        Gemm product = b.product(true, false, to.rows(), to.columns(), rows.rows())
                .withLeading(rows.stride(), others.stride(), to.stride())
                .withFactors(factor, kept);
        b.machine().multiply(product, rows.array(), others.array(), to.array());
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
