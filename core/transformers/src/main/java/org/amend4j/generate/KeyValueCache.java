/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Arrays;

/**
 * Keys and values of a layer for all positions so far. Keys are turned, an array over positions for each of their numbers; values are
 * an array for each position: so that both products of attention are sums of arrays.
 */
final class KeyValueCache {

    private static final int FIRST = 64;

    private final float[][] keys;
    private float[][] values = new float[0][];

    /** @param width numbers in a row of keys, and of values */
    KeyValueCache(int width) {
        keys = new float[width][0];
    }

    /** Makes room for positions below a number. */
    void reserve(int positions) {
        if (positions > values.length) {
            int room = Math.max(FIRST, Math.max(positions, 2 * values.length));
            for (int i = 0; i < keys.length; i++) {
                keys[i] = Arrays.copyOf(keys[i], room);
            }
            values = Arrays.copyOf(values, room);
        }
    }

    /** Keeps a row; both arrays are copied. */
    void put(int position, float[] key, float[] value) {
        for (int i = 0; i < keys.length; i++) {
            keys[i][position] = key[i];
        }
        values[position] = Arrays.copyOf(value, keys.length);
    }

    /** A number of all keys, by positions. */
    float[] keys(int index) {
        return keys[index];
    }

    float[] value(int position) {
        return values[position];
    }
}
