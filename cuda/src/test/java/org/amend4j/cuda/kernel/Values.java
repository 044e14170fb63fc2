/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.amend4j.cuda.device.Device;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;

/**
 * Inputs and outputs of a kernel under test. Every array is a view that starts at an odd place of a larger allocation, whose rest
 * must not change; everything is freed by {@link #close}.
 */
final class Values implements AutoCloseable {

    /** Half the distance between 1 and the next float: the relative error of one rounding. */
    static final double UNIT = Math.scalb(1.0, -24);

    private static final float MARK = 7.25f;

    private final Device device;
    private final Random random;
    private final List<MachineArray> roots = new ArrayList<>();
    private final List<MachineArray> margins = new ArrayList<>();

    Values(Device device, long seed) {
        this.device = device;
        this.random = new Random(seed);
    }

    Random random() {
        return random;
    }

    float[] normal(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** An input. */
    MachineArray in(float[] values) {
        MachineArray view = fresh(values.length);
        device.upload(values, view);
        return view;
    }

    MachineArray in(int[] values) {
        MachineArray root = device.allocate("test", ElementType.INT, values.length + 1L);
        roots.add(root);
        MachineArray view = root.slice(1, values.length);
        device.upload(values, view);
        return view;
    }

    /** Memory that nobody has written. */
    MachineArray fresh(long length) {
        MachineArray root = device.allocate("test", ElementType.FLOAT, length + 3);
        roots.add(root);
        margin(root.slice(0, 1));
        margin(root.slice(length + 1, 2));
        return root.slice(1, length);
    }

    MachineArray freshInts(long length) {
        MachineArray root = device.allocate("test", ElementType.INT, length + 1);
        roots.add(root);
        return root.slice(1, length);
    }

    /** An input whose rows are {@code gap} further apart than they are long; the gaps hold a mark that must stay. */
    MatrixView in(float[] values, int rows, int columns, int gap) {
        MatrixView matrix = fresh(rows, columns, gap);
        put(values, matrix);
        return matrix;
    }

    /** Rows with gaps whose elements nobody has written. */
    MatrixView fresh(int rows, int columns, int gap) {
        int stride = columns + gap;
        MachineArray array = fresh((long) rows * stride);
        for (int row = 0; row < rows && gap > 0; row++) {
            margin(array.slice((long) row * stride + columns, gap));
        }
        return new MatrixView(array, rows, columns, Math.max(1, stride));
    }

    private void margin(MachineArray array) {
        device.fill(array, MARK);
        margins.add(array);
    }

    private void put(float[] values, MatrixView matrix) {
        for (int row = 0; row < matrix.rows(); row++) {
            float[] line = new float[matrix.columns()];
            System.arraycopy(values, row * matrix.columns(), line, 0, line.length);
            device.upload(line, matrix.array().slice((long) row * matrix.stride(), line.length));
        }
    }

    /** The elements of a matrix, gapless; what lies between and around everything must be as it was. */
    float[] get(MatrixView matrix) {
        float[] all = new float[matrix.rows() * matrix.columns()];
        for (int row = 0; row < matrix.rows(); row++) {
            float[] line = device.downloadFloats(matrix.array().slice((long) row * matrix.stride(), matrix.columns()));
            System.arraycopy(line, 0, all, row * matrix.columns(), line.length);
        }
        checkMargins();
        return all;
    }

    float[] get(MachineArray array) {
        checkMargins();
        return device.downloadFloats(array);
    }

    private void checkMargins() {
        for (MachineArray margin : margins) {
            for (float value : device.downloadFloats(margin)) {
                assertEquals(MARK, value, "something wrote between or beside the elements");
            }
        }
    }

    /** Every element must be within its tolerance, which grows with the size of what was added up. */
    static void assertClose(String what, double[] expected, double[] tolerance, float[] actual) {
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
