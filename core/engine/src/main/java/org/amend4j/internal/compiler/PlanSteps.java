/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.compiler.Value.Buffer;
import org.amend4j.internal.network.Values;

/** The steps of a plan while it is compiled. */
final class PlanSteps {

    private final boolean rowsAreAlone;
    private final List<PlanStep> steps = new ArrayList<>();
    private final List<ConstantMatrix> matrices = new ArrayList<>();
    private final List<Values.Constant> readAsTheyAre = new ArrayList<>();
    private final Map<Value, Value> rounded = new HashMap<>();
    private boolean placed;
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
        return per(RowUnit.EXAMPLE, name, rows, columns);
    }

    /** A value in the plan's memory. */
    Value per(RowUnit per, String name, int rows, int columns) {
        return per(per, name, rows, columns, 0);
    }

    /** The same with so many numbers behind each row's columns. */
    Value per(RowUnit per, String name, int rows, int columns, int room) {
        Buffer buffer = new Buffer.Planned(values++, per, Buffer.Planned.Numbers.REAL, 0);
        return new Value(buffer, name, rows, columns, 0, columns + room);
    }

    /** bfloat16 numbers in the plan's memory, with so many behind each row's columns. */
    Value narrow(RowUnit per, String name, int rows, int columns, int room) {
        Buffer buffer = new Buffer.Planned(values++, per, Buffer.Planned.Numbers.NARROW, 0);
        return new Value(buffer, name, rows, columns, 0, columns + room);
    }

    /** Memory of so many numbers for every example or token, and some more. */
    Value scratch(RowUnit per, String name, int each, int more) {
        return new Value(new Buffer.Planned(values++, per, Buffer.Planned.Numbers.REAL, more), name, 1, each);
    }

    /** Whole numbers in the plan's memory with rows for every example. */
    Value integers(String name, int rows, int columns) {
        return integers(RowUnit.EXAMPLE, name, rows, columns);
    }

    /** Whole numbers in the plan's memory. */
    Value integers(RowUnit per, String name, int rows, int columns) {
        return new Value(new Buffer.Planned(values++, per, Buffer.Planned.Numbers.INTEGER, 0), name, rows, columns);
    }

    /** A value in the plan's memory that does not depend on the examples. */
    Value fixed(String name, int rows, int columns) {
        return per(RowUnit.RUN, name, rows, columns);
    }

    void add(String vertex, String what, List<Value> reads, List<Value> writes, Work work, PlanStep.Action action) {
        writes.forEach(
                written -> rounded.keySet().removeIf(value -> value.buffer().equals(written.buffer())));
        steps.add(new PlanStep(vertex, what, reads, writes, work, action));
    }

    /** A value as bfloat16 numbers: itself, or a copy that others may share. */
    Value narrow(String vertex, Value value) {
        if (value.isNarrow()) {
            return value;
        }
        Value there = rounded.get(value);
        if (there == null) {
            there = rounded(vertex, value, 0);
            rounded.put(value, there);
        }
        return there;
    }

    /** A value as bfloat16 numbers with room beside its rows: itself, or a copy for one reader, who writes there. */
    Value narrowWithRoom(String vertex, Value value, int room) {
        return value.isNarrow() && value.room() >= room ? value : rounded(vertex, value, room);
    }

    private Value rounded(String vertex, Value value, int room) {
        Value copy = narrow(value.per(), value.name() + " rounded", value.rows(), value.columns(), room);
        add(
                vertex,
                "rounded " + Products.shape(value),
                List.of(value),
                List.of(copy),
                Work.through(1.5 * value.rows() * value.columns()),
                b -> b.kernels().storage().roundRows(b.matrix(value), b.matrix(copy)));
        return copy;
    }

    /** Has adapters, and what else joint products read of parameters, copied to where they read it; once a run. */
    void placeParameters() {
        if (!placed) {
            placed = true;
            add("", "adapters beside their weights", List.of(), List.of(), new Work(0, 0, 0), Bindings::placeAdapters);
        }
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
