/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

/** The type in which an objective computes; parameters and results are passed as doubles either way. */
public enum Precision {
    /** About 7 decimal digits: enough to train, not enough to certify or to difference. */
    FLOAT,
    /** About 16 decimal digits. */
    DOUBLE
}
