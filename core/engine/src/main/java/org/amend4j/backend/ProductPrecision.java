/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.backend;

/** What the factors of a matrix product are rounded to before they are multiplied; sums are single precision always. */
public enum ProductPrecision {
    /** Not at all: 24 significant bits. */
    FP32,
    /** 11 significant bits, single precision's range. */
    TF32,
    /** 8 significant bits, single precision's range. */
    BF16
}
