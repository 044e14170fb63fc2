/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.amend4j.backend.ElementType;

/**
 * Inputs and outputs of a kernel under test, in floats or doubles, or rows of bfloat16 numbers and everything else in floats. Inputs are numbers
 * that all of them hold exactly. Every array is a
 * view into a larger allocation, whose rest must not change; with an odd seed it starts at an odd place, with an even one at an aligned
 * one. Everything is freed by {@link #close}.
 */
public final class Values implements AutoCloseable {

    private static final double MARK = 7.25;
    private static final int ALIGNED = 64;

    private final Machine machine;
    private final ElementType type;
    private final Random random;
    private final int lead;
    private final List<MachineArray> roots = new ArrayList<>();
    private final List<MachineArray> margins = new ArrayList<>();

    /** @param type what rows hold: FLOAT or DOUBLE, as all else, or BFLOAT16 */
    public Values(Machine machine, ElementType type, long seed) {
        this(machine, type, seed, seed % 2 == 0 ? ALIGNED : 1);
    }

    /** @param lead elements of an allocation before a view of reals */
    Values(Machine machine, ElementType type, long seed, int lead) {
        this.machine = machine;
        this.type = type;
        this.random = new Random(seed);
        this.lead = lead;
    }

    /**
     * What one rounding may err by, relatively: half the distance between 1 and the next float; for doubles 8 times that, as
     * references are computed in doubles themselves.
     */
    public double unit() {
        return type == ElementType.DOUBLE ? 0x1p-50 : 0x1p-24;
    }

    /** By how much a number may err, besides, when it is written to rows: half the distance of its neighbours in bfloat16. */
    public double rounding(double number) {
        return type == ElementType.BFLOAT16 ? 1.01 * 0x1p-8 * Math.abs(number) + Float.MIN_NORMAL : 0;
    }

    /** What is not in rows. */
    private ElementType ofNumbers() {
        return type == ElementType.BFLOAT16 ? ElementType.FLOAT : type;
    }

    public Random random() {
        return random;
    }

    public float[] normal(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = TypedMatrix.rounded((float) random.nextGaussian(), type);
        }
        return values;
    }

    /** An input. */
    public MachineArray in(float[] values) {
        return in(widened(values));
    }

    /** An input, rounded to what arrays hold. */
    public MachineArray in(double[] values) {
        MachineArray view = fresh(values.length);
        machine.upload(values, view);
        return view;
    }

    public MachineArray in(int[] values) {
        MachineArray view = freshInts(values.length);
        machine.upload(values, view);
        return view;
    }

    /** Memory that nobody has written. */
    public MachineArray fresh(long length) {
        return fresh(ofNumbers(), length);
    }

    /** Memory for a row that nobody has written. */
    public MachineArray freshRow(long length) {
        return fresh(type, length);
    }

    /** A row. */
    public MachineArray row(float... values) {
        MachineArray view = freshRow(values.length);
        put(widened(values), view);
        return view;
    }

    private MachineArray fresh(ElementType of, long length) {
        MachineArray root = machine.allocate("test", of, lead + length + 2);
        roots.add(root);
        margin(root.slice(0, lead));
        margin(root.slice(lead + length, 2));
        return root.slice(lead, length);
    }

    public MachineArray freshInts(long length) {
        MachineArray root = machine.allocate("test", ElementType.INT, lead + length);
        roots.add(root);
        return root.slice(lead, length);
    }

    /** An input whose rows are {@code gap} further apart than they are long; the gaps hold a mark that must stay. */
    public MatrixView in(float[] values, int rows, int columns, int gap) {
        return put(widened(values), fresh(rows, columns, gap));
    }

    /** The same where it is no rows: not in bfloat16. */
    public MatrixView factor(float[] values, int rows, int columns, int gap) {
        return put(widened(values), fresh(ofNumbers(), rows, columns, gap));
    }

    /** Rows with gaps whose elements nobody has written. */
    public MatrixView fresh(int rows, int columns, int gap) {
        return fresh(type, rows, columns, gap);
    }

    private MatrixView fresh(ElementType of, int rows, int columns, int gap) {
        int stride = columns + gap;
        MachineArray array = fresh(of, (long) rows * stride);
        for (int row = 0; row < rows && gap > 0; row++) {
            margin(array.slice((long) row * stride + columns, gap));
        }
        return new MatrixView(array, rows, columns, Math.max(1, stride));
    }

    private void margin(MachineArray array) {
        double[] marks = new double[(int) array.length()];
        Arrays.fill(marks, MARK);
        put(marks, array);
        margins.add(array);
    }

    private void put(double[] values, MachineArray to) {
        if (to.type() == ElementType.BFLOAT16) {
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[i];
            }
            machine.uploadRounded(floats, to);
        } else {
            machine.upload(values, to);
        }
    }

    private double[] contents(MachineArray array) {
        return array.type() == ElementType.BFLOAT16
                ? widened(StorageLaws.widened(machine, array))
                : machine.downloadDoubles(array);
    }

    private MatrixView put(double[] values, MatrixView matrix) {
        for (int row = 0; row < matrix.rows(); row++) {
            double[] line = new double[matrix.columns()];
            System.arraycopy(values, row * matrix.columns(), line, 0, line.length);
            put(line, matrix.array().slice((long) row * matrix.stride(), line.length));
        }
        return matrix;
    }

    /** The elements of a matrix, gapless; what lies between and around everything must be as it was. */
    public double[] get(MatrixView matrix) {
        double[] all = new double[matrix.rows() * matrix.columns()];
        for (int row = 0; row < matrix.rows(); row++) {
            double[] line = contents(matrix.array().slice((long) row * matrix.stride(), matrix.columns()));
            System.arraycopy(line, 0, all, row * matrix.columns(), line.length);
        }
        checkMargins();
        return all;
    }

    public double[] get(MachineArray array) {
        checkMargins();
        return contents(array);
    }

    private void checkMargins() {
        for (MachineArray margin : margins) {
            for (double value : contents(margin)) {
                assertEquals(MARK, value, "something wrote between or beside the elements");
            }
        }
    }

    /** What both types hold exactly, as it is downloaded. */
    public static double[] widened(float... values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    /** Every element must be within its tolerance, which grows with the size of what was added up. */
    public static void assertClose(String what, double[] expected, double[] tolerance, double[] actual) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(expected[i] - actual[i]) <= tolerance[i])) {
                fail(what + "[" + i + "] must be " + expected[i] + " within " + tolerance[i] + ", got " + actual[i]);
            }
        }
    }

    @Override
    public void close() {
        roots.forEach(MachineArray::close);
    }
}
