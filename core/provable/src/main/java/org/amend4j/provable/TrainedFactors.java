/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

/** Which factors of an adapter {@code W₀ + s·A·B} are trained. */
public enum TrainedFactors {
    /** B alone; A stays as its public seed made it (LoRA-FA). Convex on an output layer. */
    ONLY_B,
    /** A and B, kept in a ball together. Not convex. */
    BOTH
}
