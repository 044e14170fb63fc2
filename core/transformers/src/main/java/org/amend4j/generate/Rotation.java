/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/** The rotation of a position: in every head the numbers j and j + D/2 are turned by the angle of j. */
final class Rotation {

    private final float[] cosines;
    private final float[] sines;

    Rotation(double[] frequencies, int position) {
        cosines = new float[frequencies.length];
        sines = new float[frequencies.length];
        for (int j = 0; j < frequencies.length; j++) {
            cosines[j] = (float) StrictMath.cos(position * frequencies[j]);
            sines[j] = (float) StrictMath.sin(position * frequencies[j]);
        }
    }

    float[] cosines() {
        return cosines;
    }

    float[] sines() {
        return sines;
    }

    /** Turns the heads of a row. */
    void turn(float[] row) {
        int half = cosines.length;
        for (int at = 0; at < row.length; at += 2 * half) {
            for (int j = 0; j < half; j++) {
                float x = row[at + j];
                float y = row[at + half + j];
                row[at + j] = x * cosines[j] - y * sines[j];
                row[at + half + j] = y * cosines[j] + x * sines[j];
            }
        }
    }
}
