/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that changes while a policy is trained, as named arrays. Every component with state stores it under its own
 * names and restores it from them.
 */
public final class TrainingState {

    private final SortedMap<String, double[]> numbers = new TreeMap<>();
    private final SortedMap<String, long[]> integers = new TreeMap<>();

    /** Names and arrays of real numbers. */
    public Map<String, double[]> numbers() {
        return Collections.unmodifiableMap(numbers);
    }

    /** Names and arrays of integers. */
    public Map<String, long[]> integers() {
        return Collections.unmodifiableMap(integers);
    }

    /**
     * Adds an array.
     *
     * @throws IllegalStateException if the name is taken
     */
    public void put(String name, double... values) {
        requireNew(name);
        numbers.put(name, values.clone());
    }

    /** As {@link #put}, of integers. */
    public void putIntegers(String name, long... values) {
        requireNew(name);
        integers.put(name, values.clone());
    }

    private void requireNew(String name) {
        if (numbers.containsKey(name) || integers.containsKey(name)) {
            throw new IllegalStateException("state can have one '" + name + "', got another");
        }
    }

    /**
     * An array of any length, a copy.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public double[] get(String name) {
        double[] values = numbers.get(name);
        if (values == null) {
            throw new IllegalArgumentException("state must have the numbers '" + name + "', got " + numbers.keySet());
        }
        return values.clone();
    }

    /**
     * An array of a known length, a copy.
     *
     * @throws IllegalArgumentException if there is none of that name and length
     */
    public double[] get(String name, int length) {
        double[] values = get(name);
        requireLength(name, length, values.length);
        return values;
    }

    /** As {@link #get(String, int)}, of integers. */
    public long[] getIntegers(String name, int length) {
        long[] values = integers.get(name);
        if (values == null) {
            throw new IllegalArgumentException("state must have the integers '" + name + "', got " + integers.keySet());
        }
        requireLength(name, length, values.length);
        return values.clone();
    }

    private static void requireLength(String name, int wanted, int given) {
        if (given != wanted) {
            throw new IllegalArgumentException("'" + name + "' must have " + wanted + " elements, got " + given);
        }
    }
}
