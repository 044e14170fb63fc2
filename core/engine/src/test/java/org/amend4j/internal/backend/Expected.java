/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

/** What must come out, element by element, and how far off it may be. */
public final class Expected {

    private final double[] values;
    private final double[] tolerances;

    public Expected(int length) {
        values = new double[length];
        tolerances = new double[length];
    }

    public void set(int i, double value, double tolerance) {
        values[i] = value;
        tolerances[i] = tolerance;
    }

    public void add(int i, double value, double tolerance) {
        values[i] += value;
        tolerances[i] += tolerance;
    }

    public double value(int i) {
        return values[i];
    }

    public void compare(String what, double[] actual) {
        Values.assertClose(what, values, tolerances, actual);
    }
}
