/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Arrays;

/**
 * A search for the greatest elements of many sets side by side, and for where they are. A NaN is above all, among equals the first
 * wins; nothing gives −∞ at place −1. Compared are the bits of numbers, as whole ones in the same order, for the reason that {@link
 * FloatMath} tells. A zero has no sign there, as for {@code >}, and leaves with none.
 */
interface Maxima<A> {

    /** Begins anew. */
    void clear();

    /** Another element of the sets [from, to): x[at..], each {@code shift} beyond its set's own place. */
    void add(A x, int at, int shift, int from, int to);

    /** The greatest elements of the first sets and their places. */
    void get(A greatest, int[] places, int n);

    /** Among floats. */
    final class OfFloats implements Maxima<float[]> {

        private static final int MAGNITUDE = 0x7FFFFFFF;
        private static final int INFINITE = 0x7F800000;

        private final int[] own;
        private final int[] keys;
        private final int[] best;
        private final int[] where;

        OfFloats(int... own) {
            this.own = own.clone();
            this.keys = new int[own.length];
            this.best = new int[own.length];
            this.where = new int[own.length];
        }

        @Override
        public void clear() {
            Arrays.fill(best, -INFINITE - 1);
            Arrays.fill(where, -1);
        }

        @Override
        public void add(float[] x, int at, int shift, int from, int to) {
            long source = RawMemory.FLOATS + (long) at * Float.BYTES;
            long target = RawMemory.INTS + (long) from * Integer.BYTES;
            RawMemory.reinterpret(x, source, keys, target, (long) (to - from) * Float.BYTES);
            order(keys, from, to);
            choose(best, where, keys, own, shift, from, to);
        }

        private static void order(int[] keys, int from, int to) {
            for (int i = from; i < to; i++) {
                int sign = keys[i] >> 31;
                int magnitude = keys[i] & MAGNITUDE;
                int nan = (INFINITE - magnitude) >> 31;
                keys[i] = (((magnitude ^ sign) - sign) & ~nan) | (nan & MAGNITUDE);
            }
        }

        private static void choose(int[] best, int[] where, int[] keys, int[] own, int shift, int from, int to) {
            for (int i = from; i < to; i++) {
                int most = best[i];
                int other = most ^ keys[i];
                int difference = most - keys[i];
                int less = (difference ^ (other & (difference ^ most))) >> 31; // right if the difference overflows, too
                best[i] = most ^ (other & less);
                where[i] ^= (where[i] ^ (own[i] + shift)) & less;
            }
        }

        @Override
        public void get(float[] greatest, int[] places, int n) {
            for (int i = 0; i < n; i++) {
                int key = Math.max(best[i], -INFINITE);
                int sign = key >> 31;
                keys[i] = ((key ^ sign) - sign) | (sign & ~MAGNITUDE);
            }
            RawMemory.reinterpret(keys, RawMemory.INTS, greatest, RawMemory.FLOATS, (long) n * Float.BYTES);
            System.arraycopy(where, 0, places, 0, n);
        }
    }

    /** Among doubles; places are longs on the way, as all numbers of a loop must be as wide. */
    final class OfDoubles implements Maxima<double[]> {

        private static final long MAGNITUDE = 0x7FFFFFFFFFFFFFFFL;
        private static final long INFINITE = 0x7FF0000000000000L;

        private final long[] own;
        private final long[] keys;
        private final long[] best;
        private final long[] where;

        OfDoubles(int... own) {
            this.own = Arrays.stream(own).asLongStream().toArray();
            this.keys = new long[own.length];
            this.best = new long[own.length];
            this.where = new long[own.length];
        }

        @Override
        public void clear() {
            Arrays.fill(best, -INFINITE - 1);
            Arrays.fill(where, -1);
        }

        @Override
        public void add(double[] x, int at, int shift, int from, int to) {
            long source = RawMemory.DOUBLES + (long) at * Double.BYTES;
            long target = RawMemory.LONGS + (long) from * Long.BYTES;
            RawMemory.reinterpret(x, source, keys, target, (long) (to - from) * Double.BYTES);
            order(keys, from, to);
            choose(best, where, keys, own, shift, from, to);
        }

        private static void order(long[] keys, int from, int to) {
            for (int i = from; i < to; i++) {
                long sign = keys[i] >> 63;
                long magnitude = keys[i] & MAGNITUDE;
                long nan = (INFINITE - magnitude) >> 63;
                keys[i] = (((magnitude ^ sign) - sign) & ~nan) | (nan & MAGNITUDE);
            }
        }

        private static void choose(long[] best, long[] where, long[] keys, long[] own, long shift, int from, int to) {
            for (int i = from; i < to; i++) {
                long most = best[i];
                long other = most ^ keys[i];
                long difference = most - keys[i];
                long less = (difference ^ (other & (difference ^ most))) >> 63;
                best[i] = most ^ (other & less);
                where[i] ^= (where[i] ^ (own[i] + shift)) & less;
            }
        }

        @Override
        public void get(double[] greatest, int[] places, int n) {
            for (int i = 0; i < n; i++) {
                long key = Math.max(best[i], -INFINITE);
                long sign = key >> 63;
                greatest[i] = Double.longBitsToDouble(((key ^ sign) - sign) | (sign & ~MAGNITUDE));
                places[i] = (int) where[i];
            }
        }
    }
}
