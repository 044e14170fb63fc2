/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.network.Values;
import org.amend4j.plan.Value.Buffer;

/** The steps of a plan while it is compiled. */
final class PlanSteps {

    private final boolean rowsAreAlone;
    private final List<PlanStep> steps = new ArrayList<>();
    private final List<ConstantMatrix> matrices = new ArrayList<>();
    private final List<Values.Constant> readAsTheyAre = new ArrayList<>();
    private int values;

    /** @param rowsAreAlone whether an example's outputs must not depend on those beside it, not even in the last bit */
    PlanSteps(boolean rowsAreAlone) {
        this.rowsAreAlone = rowsAreAlone;
    }

    /** Whether an example's outputs must not depend on those beside it, not even in the last bit, where that is possible. */
    boolean rowsAreAlone() {
        return rowsAreAlone;
    }

    /** A value in the plan's memory with rows for every example. */
    Value perExample(String name, int rows, int columns) {
        return per(Per.EXAMPLE, name, rows, columns);
    }

    /** A value in the plan's memory. */
    Value per(Per per, String name, int rows, int columns) {
        return per(per, name, rows, columns, 0);
    }

    /** The same with so many numbers behind each row's columns. */
    Value per(Per per, String name, int rows, int columns, int room) {
        Buffer buffer = new Buffer.Planned(values++, per, Buffer.Planned.Numbers.REAL);
        return new Value(buffer, name, rows, columns, 0, columns + room);
    }

    /** Whole numbers in the plan's memory with rows for every example. */
    Value integers(String name, int rows, int columns) {
        return integers(Per.EXAMPLE, name, rows, columns);
    }

    /** Whole numbers in the plan's memory. */
    Value integers(Per per, String name, int rows, int columns) {
        return new Value(new Buffer.Planned(values++, per, Buffer.Planned.Numbers.INTEGER), name, rows, columns);
    }

    /** A value in the plan's memory that does not depend on the examples. */
    Value fixed(String name, int rows, int columns) {
        return per(Per.RUN, name, rows, columns);
    }

    void add(String vertex, String what, List<Value> reads, List<Value> writes, Work work, PlanStep.Action action) {
        steps.add(new PlanStep(vertex, what, reads, writes, work, action));
    }

    int count() {
        return steps.size();
    }

    List<PlanStep> all() {
        return List.copyOf(steps);
    }

    /** Notes numbers that never change and that a step reads as they are, beside those of its operation that are no matrices. */
    void readsAsTheyAre(Values.Constant constant) {
        readAsTheyAre.add(constant);
    }

    List<Values.Constant> readAsTheyAre() {
        return List.copyOf(readAsTheyAre);
    }

    /** Notes a matrix that never changes and that rows are multiplied with. */
    void multipliesWith(ConstantMatrix matrix) {
        matrices.add(matrix);
    }

    List<ConstantMatrix> matrices() {
        return List.copyOf(matrices);
    }
}
