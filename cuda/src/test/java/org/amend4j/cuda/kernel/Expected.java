/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

/** What must come out, element by element, and how far off it may be. */
final class Expected {

    private final double[] values;
    private final double[] tolerances;

    Expected(int length) {
        values = new double[length];
        tolerances = new double[length];
    }

    void set(int i, double value, double tolerance) {
        values[i] = value;
        tolerances[i] = tolerance;
    }

    void add(int i, double value, double tolerance) {
        values[i] += value;
        tolerances[i] += tolerance;
    }

    double value(int i) {
        return values[i];
    }

    void compare(String what, float[] actual) {
        Values.assertClose(what, values, tolerances, actual);
    }
}
