/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Arrays;
import org.amend4j.backend.ProductPrecision;

/** What products of a machine do to their factors, bit by bit. */
enum FactorRounding {
    NONE(0),
    TF32(13),
    BF16(16);

    private final int dropped;

    FactorRounding(int dropped) {
        this.dropped = dropped;
    }

    static FactorRounding of(ProductPrecision precision) {
        return switch (precision) {
            case FP32 -> NONE;
            case TF32 -> TF32;
            case BF16 -> BF16;
        };
    }

    /** By how much a rounded number errs at most, relatively. */
    double unit() {
        return this == NONE ? 0 : Math.scalb(1.0, dropped - 24);
    }

    /** Floats, rounded to nearest: halves to even, in TF32 away from zero, as cards convert them. */
    double[] of(double[] floats) {
        return this == NONE
                ? floats
                : Arrays.stream(floats).map(value -> rounded((float) value)).toArray();
    }

    private double rounded(float value) {
        int bits = Float.floatToRawIntBits(value);
        int half = 1 << (dropped - 1);
        int added = this == TF32 ? half : half - 1 + (bits >> dropped & 1);
        return Float.isFinite(value) ? Float.intBitsToFloat((bits + added) & -1 << dropped) : value;
    }
}
