/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/**
 * How gradients are turned into steps, in practice mode.
 *
 * @param optimizer the rule
 * @param rate η, by environment steps
 * @param mostNorm longer gradients are clipped to this norm; ∞ for no clipping
 */
@RecordBuilder
public record OptimizerConfig(Optimizer optimizer, Schedule rate, double mostNorm)
        implements Identified, OptimizerConfigBuilder.With {

    public OptimizerConfig {
        Checks.present("optimizer", optimizer);
        Checks.present("rate", rate);
        if (!(mostNorm > 0)) {
            throw new IllegalArgumentException("the largest gradient norm must be > 0, got " + mostNorm);
        }
    }

    @Override
    public Facts facts() {
        return Facts.of("Climb").with("optimizer", optimizer).with("rate", rate).with("mostNorm", mostNorm);
    }
}
