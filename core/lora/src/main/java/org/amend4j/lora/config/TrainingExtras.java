/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

/** What to do with parts of a graph that only training uses: dropout, weight noise, regularisation. */
public enum TrainingExtras {
    /** Say that they are there and stop. */
    REFUSE,
    /**
     * For training by somebody else: the dropout of adapters stays where it is, other noise is refused; regularisation is left out.
     */
    LEAVE_TO_TRAINER,
    /** Evaluate the graph without them. */
    LEAVE_OUT
}
