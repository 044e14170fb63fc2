/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

/** Why training ended. */
public enum TrainingEnd {
    /** All steps were taken. */
    STEPS,
    /** The wanted return was reached. */
    RETURN,
    /** The thread was interrupted; it still is. */
    INTERRUPTED
}
