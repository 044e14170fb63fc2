/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Locale;
import org.amend4j.algorithm.Optimizer;

/** Optimisers of practice mode by name. */
public enum OptimizerChoice {
    /** As presets have it. */
    ADAM(Optimizer.Adam.DEFAULT.withEpsilon(1e-5)),
    /** As Stable-Baselines3's A2C has it. */
    RMSPROP(Optimizer.RmsProp.DEFAULT),
    /** Plain steps. */
    SGD(new Optimizer.Sgd(0));

    private final Optimizer optimizer;

    OptimizerChoice(Optimizer optimizer) {
        this.optimizer = optimizer;
    }

    Optimizer optimizer() {
        return optimizer;
    }

    /** Its name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
