/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;

/**
 * How gradients are turned into steps, in practice mode.
 *
 * @param optimizer the rule
 * @param rate η, by environment steps
 * @param mostNorm longer gradients are clipped to this norm; ∞ for no clipping
 */
public record Climb(Optimizer optimizer, Schedule rate, double mostNorm) implements Identified {

    public Climb {
        if (!(mostNorm > 0)) {
            throw new IllegalArgumentException("the largest gradient norm must be > 0, got " + mostNorm);
        }
    }

    @Override
    public Facts facts() {
        return Facts.of("Climb").with("optimizer", optimizer).with("rate", rate).with("mostNorm", mostNorm);
    }

    /** With another η. */
    public Climb withRate(Schedule other) {
        return new Climb(optimizer, other, mostNorm);
    }
}
