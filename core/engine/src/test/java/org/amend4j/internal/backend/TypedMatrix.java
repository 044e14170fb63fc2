/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.amend4j.backend.ElementType;

/**
 * A matrix with contiguous rows, of floats or bfloat16 numbers, on a machine: a view into a larger allocation, aligned or not. Between its rows is a
 * mark that must stay.
 */
public final class TypedMatrix implements AutoCloseable {

    private static final float MARK = 7.25f;
    private static final int ALIGNED = 64;

    private final Machine machine;
    private final MachineArray root;
    private final MachineArray array;
    private final int rows;
    private final int columns;
    private final int leading;

    /**
     * Random numbers that the type holds exactly.
     *
     * @param gap elements between the end of a row and the next
     * @param aligned whether its first element is at a multiple of 256 bytes
     */
    TypedMatrix(Machine machine, ElementType type, int rows, int columns, int gap, boolean aligned, Random random) {
        this.machine = machine;
        this.rows = rows;
        this.columns = columns;
        this.leading = Math.max(1, columns + gap);
        int extent = rows == 0 ? 0 : (rows - 1) * leading + columns;
        int lead = aligned ? ALIGNED * Float.BYTES / type.bytes() : 1;
        this.root = machine.allocate("test", type, lead + extent);
        this.array = root.slice(lead, extent);
        float[] values = new float[extent];
        Arrays.fill(values, MARK);
        for (int i = 0; i < rows * columns; i++) {
            values[place(i)] = rounded((float) random.nextGaussian(), type);
        }
        put(values, array);
    }

    private void put(float[] values, MachineArray to) {
        if (to.type() == ElementType.BFLOAT16) {
            machine.uploadRounded(values, to);
        } else {
            machine.upload(values, to);
        }
    }

    void setFirst(float value) {
        put(new float[] {value}, array.slice(0, 1));
    }

    static float rounded(float value, ElementType type) {
        return type == ElementType.BFLOAT16 ? (float) FactorRounding.BF16.of(new double[] {value})[0] : value;
    }

    MachineArray array() {
        return array;
    }

    int leading() {
        return leading;
    }

    private int place(int i) {
        return i / columns * leading + i % columns;
    }

    /** The elements without gaps, which must be as they were. */
    double[] get() {
        double[] all = array.type() == ElementType.BFLOAT16 ? widened() : machine.downloadDoubles(array);
        double[] elements = new double[rows * columns];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = all[place(i)];
            all[place(i)] = MARK;
        }
        for (double value : all) {
            assertEquals(MARK, value, "something wrote between the rows");
        }
        return elements;
    }

    private double[] widened() {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect((int) array.length() * Short.BYTES).order(ByteOrder.nativeOrder());
        machine.download(array, bytes);
        double[] all = new double[(int) array.length()];
        for (int i = 0; i < all.length; i++) {
            all[i] = Float.intBitsToFloat(bytes.getShort(i * Short.BYTES) << Short.SIZE);
        }
        return all;
    }

    @Override
    public void close() {
        root.close();
    }
}
