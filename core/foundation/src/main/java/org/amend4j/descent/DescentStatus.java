/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

/** Why a run ended. */
public enum DescentStatus {
    /** All steps were made. */
    STEPS_DONE,
    /** The gradient is as small as was asked for. */
    STATIONARY,
    /** Backtracking found no step with a decrease that can be told from rounding. */
    STALLED,
    /** The thread was interrupted; the run can be resumed. */
    INTERRUPTED
}
