/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

/** The heap arrays of one worker, grown on demand and kept. */
final class Scratch {

    private float[] line = new float[0];
    private float[] rows = new float[0];
    private float[] out = new float[0];
    private float[] sum = new float[0];
    private float[] term = new float[0];
    private double[] sums = new double[0];

    /** At least length floats for one row as it is read; contents undefined. */
    float[] line(int length) {
        if (line.length < length) {
            line = new float[length];
        }
        return line;
    }

    /** At least length floats for padded rows; contents undefined. */
    float[] rows(int length) {
        if (rows.length < length) {
            rows = new float[length];
        }
        return rows;
    }

    /** At least length floats for one row as it is written; contents undefined. */
    float[] out(int length) {
        if (out.length < length) {
            out = new float[length];
        }
        return out;
    }

    /** At least length floats to sum into; contents undefined. */
    float[] sum(int length) {
        if (sum.length < length) {
            sum = new float[length];
        }
        return sum;
    }

    /** At least length floats for what is summed; contents undefined. */
    float[] term(int length) {
        if (term.length < length) {
            term = new float[length];
        }
        return term;
    }

    /** At least length doubles; contents undefined. */
    double[] sums(int length) {
        if (sums.length < length) {
            sums = new double[length];
        }
        return sums;
    }
}
