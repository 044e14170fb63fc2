/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;

/**
 * Copies between Java's arrays and a machine's memory, a piece at a time through a buffer outside of the heap. Shares of work may
 * copy side by side; one waits for the other then.
 */
final class Transfers {

    private static final int STAGING_BYTES = 1 << 20;

    private final Machine machine;
    private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES).order(ByteOrder.nativeOrder());
    private final FloatBuffer floats = staging.asFloatBuffer();
    private final DoubleBuffer doubles = staging.asDoubleBuffer();
    private final IntBuffer ints = staging.asIntBuffer();
    private final ShortBuffer shorts = staging.asShortBuffer();

    Transfers(Machine machine) {
        this.machine = machine;
    }

    void send(float[] from, long address) {
        send(address, from.length, Float.BYTES, (done, count) -> floats.put(0, from, done, count));
    }

    void send(double[] from, long address) {
        send(address, from.length, Double.BYTES, (done, count) -> doubles.put(0, from, done, count));
    }

    void send(int[] from, long address) {
        send(address, from.length, Integer.BYTES, (done, count) -> ints.put(0, from, done, count));
    }

    /** Rounded to 8 significant bits, to nearest even. */
    void sendUpperHalves(float[] from, long address) {
        send(address, from.length, Short.BYTES, (done, count) -> {
            for (int k = 0; k < count; k++) {
                shorts.put(k, upperHalf(from[done + k]));
            }
        });
    }

    private static short upperHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40); // stays one
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    void receive(long address, float[] to) {
        receive(address, to.length, Float.BYTES, (done, count) -> floats.get(0, to, done, count));
    }

    void receive(long address, double[] to) {
        receive(address, to.length, Double.BYTES, (done, count) -> doubles.get(0, to, done, count));
    }

    void receive(long address, int[] to) {
        receive(address, to.length, Integer.BYTES, (done, count) -> ints.get(0, to, done, count));
    }

    static float[] rounded(double[] from) {
        float[] floats = new float[from.length];
        for (int k = 0; k < floats.length; k++) {
            floats[k] = (float) from[k];
        }
        return floats;
    }

    static double[] widened(float[] from) {
        double[] doubles = new double[from.length];
        for (int k = 0; k < doubles.length; k++) {
            doubles[k] = from[k];
        }
        return doubles;
    }

    /** What is done with some of an array's elements, from one on, at the front of the staging buffer. */
    @FunctionalInterface
    private interface Staged {
        void move(int done, int count);
    }

    /** Fills the staging buffer and copies it in, piece by piece. */
    private void send(long address, int length, int width, Staged fill) {
        synchronized (staging) {
            for (int done = 0; done < length; done += STAGING_BYTES / width) {
                int count = Math.min(STAGING_BYTES / width, length - done);
                fill.move(done, count);
                machine.copyIn(staging, address + (long) done * width, (long) count * width);
            }
        }
    }

    /** Copies out into the staging buffer and empties it, piece by piece. */
    private void receive(long address, int length, int width, Staged empty) {
        synchronized (staging) {
            for (int done = 0; done < length; done += STAGING_BYTES / width) {
                int count = Math.min(STAGING_BYTES / width, length - done);
                machine.copyOut(address + (long) done * width, staging, (long) count * width);
                empty.move(done, count);
            }
        }
    }
}
