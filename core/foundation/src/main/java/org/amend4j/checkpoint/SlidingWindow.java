/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import org.amend4j.internal.validation.Checks;

/**
 * Attention that reaches back only a limited number of positions.
 *
 * @param size how many positions a query sees, its own included, >= 1
 * @param firstLayer the first layer that has it, >= 0; all after it have it too
 */
public record SlidingWindow(int size, int firstLayer) {

    /** Checks the sizes. */
    public SlidingWindow {
        Checks.atLeast(1, "sliding_window", size);
        Checks.atLeast(0, "max_window_layers", firstLayer);
    }
}
