/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/** What is done to rows before they are multiplied. */
interface Normalization {

    /** to = the normalised row. */
    void apply(float[] x, float[] to);

    /** All rows. */
    default void applyToAll(float[][] x, float[][] to) {
        for (int row = 0; row < x.length; row++) {
            apply(x[row], to[row]);
        }
    }
}
