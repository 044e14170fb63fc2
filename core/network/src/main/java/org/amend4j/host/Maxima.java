/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import java.util.Arrays;

/**
 * A search for the greatest elements of many sets side by side, and for where they are. A NaN is above all, among equals the first
 * wins; nothing gives −∞ at place −1.
 */
abstract class Maxima<A> {

    /** Where the greatest were. */
    final int[] places;

    private Maxima(int length) {
        this.places = new int[length];
    }

    /** Begins anew. */
    void clear() {
        Arrays.fill(places, -1);
    }

    /** Another element of the sets [from, to): x[at..], at the places line + shift. */
    abstract void add(A x, int at, int[] line, int shift, int from, int to);

    /** The greatest elements of the first sets. */
    abstract void get(A to, int n);

    /**
     * Among floats. Compared are ints in their order; for a zero that has no sign, as for {@code >}.
     */
    static final class OfFloats extends Maxima<float[]> {

        private static final int MAGNITUDE = 0x7FFFFFFF;
        private static final int INFINITE = 0x7F800000;

        private final int[] keys;
        private final int[] best;

        OfFloats(int length) {
            super(length);
            this.keys = new int[length];
            this.best = new int[length];
        }

        @Override
        void clear() {
            super.clear();
            Arrays.fill(best, -INFINITE - 1);
        }

        @Override
        void add(float[] x, int at, int[] line, int shift, int from, int to) {
            long source = RawMemory.FLOATS + (long) at * Float.BYTES;
            long target = RawMemory.INTS + (long) from * Integer.BYTES;
            RawMemory.reinterpret(x, source, keys, target, (long) (to - from) * Float.BYTES);
            order(keys, from, to);
            choose(best, places, keys, line, shift, from, to);
        }

        private static void order(int[] keys, int from, int to) {
            for (int i = from; i < to; i++) {
                int sign = keys[i] >> 31;
                int magnitude = keys[i] & MAGNITUDE;
                int nan = (INFINITE - magnitude) >> 31;
                keys[i] = ((magnitude ^ sign) - sign) & ~nan | nan & MAGNITUDE;
            }
        }

        private static void choose(int[] best, int[] places, int[] keys, int[] line, int shift, int from, int to) {
            for (int i = from; i < to; i++) {
                int most = best[i];
                int other = most ^ keys[i];
                int difference = most - keys[i];
                int less = (difference ^ other & (difference ^ most)) >> 31; // all bits, right if the difference overflows
                best[i] = most ^ other & less;
                places[i] ^= (places[i] ^ line[i] + shift) & less;
            }
        }

        @Override
        void get(float[] to, int n) {
            for (int i = 0; i < n; i++) {
                int key = Math.max(best[i], -INFINITE);
                int sign = key >> 31;
                keys[i] = ((key ^ sign) - sign) | sign & ~MAGNITUDE;
            }
            RawMemory.reinterpret(keys, RawMemory.INTS, to, RawMemory.FLOATS, (long) n * Float.BYTES);
        }
    }

    /** Among doubles. */
    static final class OfDoubles extends Maxima<double[]> {

        private final double[] best;

        OfDoubles(int length) {
            super(length);
            this.best = new double[length];
        }

        @Override
        void clear() {
            super.clear();
            Arrays.fill(best, Double.NEGATIVE_INFINITY);
        }

        @Override
        void add(double[] x, int at, int[] line, int shift, int from, int to) {
            for (int i = from; i < to; i++) {
                double value = x[at + i - from];
                if (places[i] < 0 || value > best[i] || Double.isNaN(value) && !Double.isNaN(best[i])) {
                    best[i] = value;
                    places[i] = line[i] + shift;
                }
            }
        }

        @Override
        void get(double[] to, int n) {
            System.arraycopy(best, 0, to, 0, n);
        }
    }
}
