/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Locale;
import org.amend4j.algorithm.Optimizer;

/** Optimisers of practice mode by name. */
public enum OptimizerChoice {
    /** As presets have it. */
    ADAM,
    /** As Stable-Baselines3's A2C has it. */
    RMSPROP,
    /** Plain steps. */
    SGD;

    Optimizer optimizer() {
        return switch (this) {
            case ADAM -> Optimizer.Adam.DEFAULT.withEpsilon(1e-5);
            case RMSPROP -> Optimizer.RmsProp.DEFAULT;
            case SGD -> new Optimizer.Sgd(0);
        };
    }

    /** Its name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
